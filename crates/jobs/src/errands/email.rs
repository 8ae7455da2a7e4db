//! The kind `email`: a letter.
//!
//! It goes out at least once: the process may end between the moment a mail server takes it and the moment that is written
//! down. Its Message-ID is made of the job's id, by which a letter that came twice can be known.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;
use types::check::{CONTROL, REQUIRED, TOO_LONG};
use types::{FieldError, JobId, Phrase, Result, Text, Timestamp, UserId};

use super::payload::Payload;
use crate::door::UserKind;
use crate::kind::{Handler, Kind, Outcome};
use crate::running::Running;

/// The name of the kind.
pub(super) const NAME: &str = "email";
/// How many go out at once from all processes together.
const AT_ONCE: u32 = 8;
/// Characters of a subject.
const SUBJECT: usize = 200;
/// Characters of a letter.
const TEXT: usize = 20_000;
/// Characters of an address.
const ADDRESS: usize = 254;

const OWN_ALONE: Text = Text {
    code: "own_address_alone",
    en: "this house writes to your own address alone: leave this out",
    uk: "цей сервер пише лише на вашу власну адресу: не вказуйте нічого",
    ru: "этот сервер пишет только на ваш собственный адрес: ничего не указывайте",
};
const NOBODY: Text = Text {
    code: "no_letters",
    en: "nobody brings letters in this house",
    uk: "на цьому сервері ніхто не надсилає листів",
    ru: "на этом сервере никто не отправляет письма",
};
const BAD_ADDRESS: Text = Text {
    code: "bad_email",
    en: "this is not an e-mail address",
    uk: "це не адреса електронної пошти",
    ru: "это не адрес электронной почты",
};

/// Whom people may have letters sent to. A house in which everybody may write to anybody is good for spam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipients {
    /// Themselves, at an address that they have proved to be theirs.
    Own,
    /// Anybody.
    Anyone,
}

/// A letter to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The job's id: the same each time it is tried.
    pub id: JobId,
    /// Where to.
    pub to: String,
    /// What it is about, in a line.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// When it was put in the queue.
    pub at: Timestamp,
}

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// Somebody took it and will bring it.
    Taken,
    /// It will not be taken, however often it is tried.
    Refused(String),
    /// It cannot be taken now.
    Later(String),
}

/// Who brings letters, and knows people's addresses.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// The address that a person has proved to be theirs.
    async fn address(&self, person: UserId) -> Result<Option<String>>;
    /// Hands a letter over.
    async fn send(&self, letter: Letter) -> Result<Sent>;
}

/// What people may order: letters to these, or none where nobody who brings letters hears of jobs.
#[derive(Debug, Clone, Copy)]
pub struct Letters(pub Option<Recipients>);

impl UserKind for Letters {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check(&self, payload: &Value) -> Vec<FieldError> {
        let mut payload = Payload::of(payload, &["to", "subject", "text"]);
        let Some(recipients) = self.0 else { return vec![FieldError::new("kind", NOBODY)] };
        payload.optional_text("to", |to| match recipients {
            Recipients::Own => Err(OWN_ALONE.into()),
            Recipients::Anyone => is_address(to).then_some(()).ok_or_else(|| BAD_ADDRESS.into()),
        });
        payload.text("subject", |subject| no_more(subject, SUBJECT, false));
        payload.text("text", |text| no_more(text, TEXT, true));
        payload.wrong()
    }
}

fn no_more(text: &str, most: usize, lines: bool) -> Result<(), Phrase> {
    let is_control = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'));
    if text.trim().is_empty() {
        Err(REQUIRED.into())
    } else if text.chars().any(is_control) {
        Err(CONTROL.into())
    } else if text.chars().count() > most {
        Err(TOO_LONG.with([&most]))
    } else {
        Ok(())
    }
}

fn is_address(text: &str) -> bool {
    let (person, host) = text.rsplit_once('@').unwrap_or_default();
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';');
    !person.is_empty() && !host.is_empty() && text.len() <= ADDRESS && !text.chars().any(is_odd)
}

/// Writes letters for people.
pub struct Email {
    mailer: Arc<dyn Mailer>,
    recipients: Recipients,
}

#[derive(Deserialize)]
struct Order {
    to: Option<String>,
    subject: String,
    text: String,
}

impl Email {
    /// To these, brought by this one.
    pub const fn new(mailer: Arc<dyn Mailer>, recipients: Recipients) -> Self {
        Self { mailer, recipients }
    }

    async fn address(&self, order: Option<String>, owner: UserId) -> Result<Result<String, &'static str>> {
        match (order, self.recipients) {
            (Some(_), Recipients::Own) => Ok(Err("this house writes to people's own addresses alone")),
            (Some(to), Recipients::Anyone) => Ok(Ok(to)),
            (None, _) => {
                Ok(self.mailer.address(owner).await?.ok_or("no e-mail address of theirs is verified"))
            }
        }
    }
}

#[async_trait]
impl Handler for Email {
    fn kind(&self) -> Kind {
        Kind::new(NAME).at_most(AT_ONCE)
    }

    async fn run(&self, job: &Running) -> Result<Outcome> {
        let Order { to, subject, text } = job.read()?;
        let Some(owner) = job.owner() else { return Ok(Outcome::Never("it is nobody's".into())) };
        let to = match self.address(to, owner).await? {
            Ok(to) => to,
            Err(why) => return Ok(Outcome::Never(why.into())),
        };
        let letter = Letter { id: job.id(), to, subject, text, at: job.created_at() };
        Ok(match self.mailer.send(letter).await? {
            Sent::Taken => Outcome::Done,
            Sent::Refused(why) => Outcome::Never(why),
            Sent::Later(why) => Outcome::Again { why, after: Duration::ZERO },
        })
    }
}
