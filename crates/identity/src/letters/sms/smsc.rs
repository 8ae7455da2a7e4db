//! SMSC (smsc.ua, smsc.kz, smscentre.com, …): `POST /sys/send.php`, answered in JSON.

use hyper::StatusCode;
use serde::Deserialize;
use types::{Error, Result};
use url::form_urlencoded::Serializer;

use super::{Account, Form};
use crate::letters::Outcome;

/// A message, as SMSC wants it. The number keeps its `+`: without, SMSC would correct what it takes for mistakes.
pub fn form(account: &Account, number: &str, text: &str) -> Form {
    let Account { name, secret, from, .. } = account;
    let mut fields = Serializer::new(String::new());
    fields
        .append_pair("login", name)
        .append_pair("psw", secret)
        .append_pair("phones", number)
        .append_pair("mes", text)
        .append_pair("charset", "utf-8")
        .append_pair("fmt", "3");
    if !from.is_empty() {
        fields.append_pair("sender", from);
    }
    Form { path: "/sys/send.php".into(), authorization: None, fields: fields.finish() }
}

/// What became of it: SMSC always answers 200, and says in the body what is wrong.
pub fn outcome(status: StatusCode, body: &[u8]) -> Result<Outcome> {
    #[derive(Deserialize)]
    struct Answer {
        id: Option<i64>,
        error_code: Option<i64>,
    }
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| Error::internal(format!("SMSC answers {} with something else", status.as_u16())))?;
    let said = |code: i64| format!("SMSC answers with error {code}");
    match answer {
        Answer { error_code: None, id: Some(_) } => Ok(Outcome::Taken),
        Answer { error_code: None, id: None } => Err(Error::internal("SMSC's answer names no message")),
        // Our address is blocked for a while, or there are too many at once.
        Answer { error_code: Some(code @ (4 | 9)), .. } => Err(Error::unavailable(said(code))),
        // The text is forbidden, the number is none, or nobody brings messages to it.
        Answer { error_code: Some(code @ 6..=8), .. } => Ok(Outcome::Refused(said(code).into())),
        // The parameters, the password or the money: an engineer's to see to.
        Answer { error_code: Some(code), .. } => Err(Error::internal(said(code))),
    }
}
