//! Facts that were set aside: shown, and handed to their consumers again.

use std::fmt::Write;
use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use stream::{Consumer, Parked, Stream};
use types::{Error, Result, with_causes};

/// Facts read at once.
const AT_ONCE: i64 = 100;
/// Failures that are told; the others are only counted.
const TOLD: usize = 20;

/// A consumer, and the role it serves.
pub type Served = (&'static str, Arc<dyn Consumer>);

/// The facts of one database, and who hears them in this process.
#[derive(Clone)]
pub struct Shelf {
    /// The facts.
    pub stream: Stream,
    /// The consumers.
    pub consumers: Vec<Served>,
}

/// What can be done about them.
#[derive(Serialize, Deserialize)]
pub enum FactsOrder {
    /// List them.
    Parked {
        /// Whose.
        whose: Whose,
        /// How many at the most.
        limit: u32,
    },
    /// Hand them to their consumers again.
    Replay {
        /// Whose.
        whose: Whose,
        /// These; all of them when there is none.
        numbers: Vec<i64>,
    },
}

impl FactsOrder {
    /// The role it is about, if it names one.
    pub fn role(&self) -> Option<&str> {
        let (Self::Parked { whose, .. } | Self::Replay { whose, .. }) = self;
        whose.role.as_deref()
    }

    /// Does it; what to tell whoever asked, in lines.
    pub async fn obeyed(self, shelves: &[Shelf]) -> Result<String> {
        match self {
            Self::Parked { whose, limit } => parked(shelves, &whose, limit).await,
            Self::Replay { whose, numbers } => replayed(shelves, &whose, &numbers).await,
        }
    }
}

/// Whose facts are meant: everybody's, when nothing is said.
#[derive(Args, Serialize, Deserialize)]
pub struct Whose {
    /// Only of this consumer, as the list names it
    #[arg(long)]
    pub consumer: Option<String>,
    /// Only of this role's consumers: for a role in a process of its own
    #[arg(long)]
    pub role: Option<String>,
}

impl Shelf {
    fn find(&self, group: &str) -> Option<&Served> {
        self.consumers.iter().find(|(_, consumer)| consumer.group() == group)
    }

    async fn groups(&self, whose: &Whose) -> Result<Vec<String>> {
        let mut groups = self.stream.parking().await?;
        groups.retain(|group| {
            let role = self.find(group).map(|(role, _)| *role);
            whose.consumer.as_ref().is_none_or(|wanted| wanted == group)
                && whose.role.as_deref().is_none_or(|wanted| role == Some(wanted))
        });
        Ok(groups)
    }

    async fn replay_all(&self, group: &str, outcome: &mut Outcome) -> Result<()> {
        let mut after = 0;
        loop {
            let some = self.stream.parked_of(group, after, AT_ONCE).await?;
            let Some(last) = some.last() else { return Ok(()) };
            after = last.fact.number;
            for parked in &some {
                self.replay(parked, outcome).await;
            }
        }
    }

    async fn replay(&self, parked: &Parked, outcome: &mut Outcome) {
        let fact = format!("{} {}", parked.consumer, parked.fact.number);
        let Some((_, consumer)) = self.find(&parked.consumer) else {
            outcome.fails(format!("{fact}: not heard in this process; --role says whose it is"));
            return;
        };
        match self.stream.replay(parked, &**consumer).await {
            Ok(true) => outcome.handled += 1,
            // Somebody else did it meanwhile.
            Ok(false) => {}
            Err(error) => {
                outcome.fails(format!("{fact}: {}", with_causes(&error).replace(char::is_control, " ")));
            }
        }
    }
}

/// What is set aside, a line each, so many at the most.
async fn parked(shelves: &[Shelf], whose: &Whose, limit: u32) -> Result<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut lines = Vec::new();
    for shelf in shelves {
        for group in shelf.groups(whose).await? {
            let mut after = 0;
            while lines.len() <= limit {
                let some = shelf.stream.parked_of(&group, after, AT_ONCE).await?;
                let Some(last) = some.last() else { break };
                after = last.fact.number;
                lines.extend(some.iter().map(line));
            }
        }
    }
    if lines.is_empty() {
        return Ok("nothing is parked".to_owned());
    }
    if lines.len() > limit {
        lines.truncate(limit);
        lines.push("there is more: --limit says how much is shown".to_owned());
    }
    Ok(lines.join("\n"))
}

fn line(parked: &Parked) -> String {
    let Parked { consumer, fact, error, parked_at } = parked;
    let (number, topic, kind, when) = (fact.number, &fact.topic, &fact.kind, parked_at.plain());
    format!("{consumer}\t{number}\t{topic}\t{kind}\t{when}\t{}", error.replace(char::is_control, " "))
}

/// What came of handing facts over again.
#[derive(Default)]
struct Outcome {
    handled: usize,
    failed: usize,
    told: Vec<String>,
}

impl Outcome {
    fn fails(&mut self, why: String) {
        self.failed += 1;
        if self.told.len() < TOLD {
            self.told.push(why);
        }
    }

    fn said(self) -> Result<String> {
        let Self { handled, failed, told } = self;
        let mut said = match handled {
            1 => "1 fact was handled".to_owned(),
            _ => format!("{handled} facts were handled"),
        };
        if failed == 0 {
            return Ok(said);
        }
        for why in &told {
            said.extend(["\n", why]);
        }
        if failed > told.len() {
            let _ = write!(said, "\nand {} more", failed - told.len());
        }
        Err(Error::unavailable(said))
    }
}

/// Hands these facts to their consumers again, in order; all of them when no number is given. What fails again stays.
async fn replayed(shelves: &[Shelf], whose: &Whose, numbers: &[i64]) -> Result<String> {
    let mut outcome = Outcome::default();
    let mut missing = numbers.to_vec();
    for shelf in shelves {
        for group in shelf.groups(whose).await? {
            if numbers.is_empty() {
                shelf.replay_all(&group, &mut outcome).await?;
            }
            for number in numbers {
                let some = shelf.stream.parked_of(&group, number.saturating_sub(1), 1).await?;
                for parked in some.iter().filter(|parked| parked.fact.number == *number) {
                    missing.retain(|missing| missing != number);
                    shelf.replay(parked, &mut outcome).await;
                }
            }
        }
    }
    for number in missing {
        outcome.fails(format!("{number} is not parked"));
    }
    outcome.said()
}
