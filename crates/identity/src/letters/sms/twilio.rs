//! Twilio: `POST /2010-04-01/Accounts/{account}/Messages.json`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use types::{Error, Result};
use url::form_urlencoded::Serializer;

use super::{Account, Form};
use crate::letters::Outcome;

/// What a messaging service's name begins with: it takes the place of a sender's number.
const SERVICE: &str = "MG";

/// A message, as Twilio wants it.
pub fn form(account: &Account, number: &str, text: &str) -> Form {
    let Account { name, secret, from, .. } = account;
    let sender = if from.starts_with(SERVICE) { "MessagingServiceSid" } else { "From" };
    let mut fields = Serializer::new(String::new());
    fields.append_pair("To", number).append_pair(sender, from).append_pair("Body", text);
    Form {
        path: format!("/2010-04-01/Accounts/{}/Messages.json", utf8_percent_encode(name, NON_ALPHANUMERIC)),
        authorization: Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{secret}")))),
        fields: fields.finish(),
    }
}

/// What became of it. Twilio asks that its own codes are not reasoned about, and its sentence has the number in it: the
/// status decides, and the code is for the log.
pub fn outcome(status: StatusCode, body: &[u8]) -> Result<Outcome> {
    #[derive(Deserialize)]
    struct Problem {
        code: Option<i64>,
    }
    if status.is_success() {
        return Ok(Outcome::Taken);
    }
    let code = serde_json::from_slice::<Problem>(body).ok().and_then(|problem| problem.code);
    let said = match code {
        Some(code) => format!("Twilio answers {} with code {code}", status.as_u16()),
        None => format!("Twilio answers {}", status.as_u16()),
    };
    if status == StatusCode::BAD_REQUEST {
        Ok(Outcome::Refused(said.into()))
    } else {
        Err(Error::internal(said))
    }
}
