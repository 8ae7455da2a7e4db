//! Is the house well? Each part is asked, and the worst required answer is the verdict.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, join_all};
use serde::Serialize;
use tokio::time::timeout;

/// A part that takes longer to answer counts as broken.
const LIMIT: Duration = Duration::from_secs(2);

/// Something that should work.
#[derive(Clone)]
pub struct Check {
    /// What is asked, in a word: `database`.
    pub name: String,
    /// Whether nothing works without it.
    pub required: bool,
    /// Asks; what is wrong is told in a sentence that may be shown to anyone.
    pub run: Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>,
}

/// How the house is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything works.
    Ok,
    /// It works, but not everything does.
    Degraded,
    /// It does not work.
    Down,
}

/// How the house is, and each of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The whole.
    pub status: Status,
    /// `ok`, or what is wrong, by name.
    pub checks: BTreeMap<String, String>,
}

/// Asks every part at once.
pub(super) async fn examine(checks: &[Check]) -> Verdict {
    let answers = join_all(checks.iter().map(|check| timeout(LIMIT, (check.run)()))).await;
    let mut verdict = Verdict { status: Status::Ok, checks: BTreeMap::new() };
    for (check, answer) in checks.iter().zip(answers) {
        let slow = || Err(format!("no answer within {} seconds", LIMIT.as_secs()));
        let told = match answer.unwrap_or_else(|_| slow()) {
            Ok(()) => "ok".to_owned(),
            Err(wrong) => {
                verdict.worsen(check.required);
                wrong
            }
        };
        // What is asked in several ways is well when all of them say so.
        let so_far = verdict.checks.entry(check.name.clone()).or_insert_with(|| "ok".to_owned());
        if so_far == "ok" {
            *so_far = told;
        }
    }
    verdict
}

impl Verdict {
    fn worsen(&mut self, required: bool) {
        if required {
            self.status = Status::Down;
        } else if self.status == Status::Ok {
            self.status = Status::Degraded;
        }
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("name", &self.name)
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}
