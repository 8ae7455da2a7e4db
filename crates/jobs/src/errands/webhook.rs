//! The kind `webhook`: another server is told.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use types::{FieldError, Language, Phrase, Result};

use super::payload::Payload;
use super::secrets::Secrets;
use crate::door::UserKind;
use crate::kind::{Handler, Kind, Outcome};
use crate::running::Running;
use crate::webhook::{Answer, Guard, Message, Sender, Verdict};

/// The name of the kind.
pub(super) const NAME: &str = "webhook";
/// How many run at once in all processes together: whoever is called may be slow, and others have work too.
const AT_ONCE: u32 = 256;
/// What a call may take beyond its own patience.
const BEYOND: Duration = Duration::from_secs(5);
/// What is told when nothing is said.
const NOTHING: &[u8] = b"{}";

/// Tells others what people want them told.
pub struct Webhook {
    guard: Guard,
    sender: Sender,
    secrets: Secrets,
    patience: Duration,
}

#[derive(Deserialize)]
struct Order {
    url: String,
    body: Option<Box<RawValue>>,
}

impl Webhook {
    /// By this sender, whose guard and patience these are.
    pub fn new((guard, sender): (Guard, Sender), secrets: Secrets, patience: Duration) -> Self {
        Self { guard, sender, secrets, patience }
    }
}

#[async_trait]
impl Handler for Webhook {
    fn kind(&self) -> Kind {
        Kind::new(NAME).at_most(AT_ONCE).within(self.patience + BEYOND)
    }

    async fn run(&self, job: &Running) -> Result<Outcome> {
        let Order { url, body } = job.read()?;
        let Some(owner) = job.owner() else { return Ok(Outcome::Never("it is nobody's".into())) };
        let (id, at, secrets) = (job.id().to_string(), job.clock.now(), self.secrets.good(owner).await?);
        let body = body.map_or(Bytes::from_static(NOTHING), |body| Bytes::from(body.get().to_owned()));
        let verdict = self.sender.send(&url, &Message { id: &id, at, body, secrets: &secrets }).await;
        Ok(match verdict {
            Verdict::Delivered(Answer { status, excerpt }) => {
                let ms = u64::try_from(job.clock.now().since(at).as_millis()).unwrap_or(u64::MAX);
                Outcome::With(json!({ "status": status, "ms": ms, "answer": excerpt }).to_string())
            }
            Verdict::Again { why, after, answer } => {
                Outcome::Again { why: told(&why, answer), after: after.unwrap_or_default() }
            }
            Verdict::Never { why, answer } => Outcome::Never(told(&why, answer)),
        })
    }
}

/// Why it failed, with the words of whoever was called.
fn told(why: &Phrase, answer: Option<Answer>) -> String {
    let why = why.get(Language::En);
    match answer.filter(|answer| !answer.excerpt.is_empty()) {
        Some(answer) => format!("{why}: {}", answer.excerpt),
        None => why,
    }
}

impl UserKind for Webhook {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check(&self, payload: &Value) -> Vec<FieldError> {
        let mut payload = Payload::of(payload, &["url", "body"]);
        payload.text("url", |url| self.guard.read(url).map(drop));
        payload.wrong()
    }
}
