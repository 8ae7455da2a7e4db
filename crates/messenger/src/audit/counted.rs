//! What the counts say, and whether it is what the messages come to.

use std::collections::{BTreeMap, BTreeSet};

use types::{Result, UserId};

use super::book::{Book, Kind};
use super::store::SqlAudit;
use crate::counts::{EVERYBODY, Grain, Of};

/// Sentences that are kept; further mistakes are counted.
const SAID: usize = 10;

/// The totals of the counts, over all time: in buckets of one length, by whose they are.
#[derive(Debug, Default)]
pub struct Counted {
    totals: Vec<(Kind, Grain, BTreeMap<i64, i64>)>,
}

impl Counted {
    /// Reads them: everybody's, and each person's in the coarse buckets, or in all.
    pub async fn read(store: &SqlAudit, deep: bool) -> Result<Self> {
        let mut totals = Vec::new();
        for kind in [Kind::All, Kind::Received, Kind::Sent] {
            let finest = if deep || kind == Kind::All { Grain::Second } else { Grain::Hour };
            for grain in Grain::ALL.into_iter().filter(|grain| *grain >= finest) {
                totals.push((kind, grain, store.totals(kind.of().series(grain)).await?));
            }
        }
        Ok(Self { totals })
    }

    /// How many of them are not what the book says, and the first of these in sentences.
    pub fn compare(&self, book: &Book) -> (i64, Vec<String>) {
        let (mut wrong, mut sentences) = (0, Vec::new());
        for (kind, grain, totals) in &self.totals {
            let subjects: BTreeSet<i64> = totals.keys().copied().chain(book.subjects(*kind)).collect();
            for subject in subjects {
                let (counted, account) =
                    (totals.get(&subject).copied().unwrap_or(0), book.account(*kind, subject));
                if (account.sure..=account.sure + account.late).contains(&counted) {
                    continue;
                }
                wrong += 1;
                if sentences.len() < SAID {
                    let (whose, what) = (kind.whose(subject), grain.name());
                    let messages = account.sure;
                    sentences.push(format!(
                        "{whose}: {counted} are counted by {what}, the messages are {messages}"
                    ));
                }
            }
        }
        (wrong, sentences)
    }
}

impl Kind {
    /// Whose series it is does not matter.
    const fn of(self) -> Of {
        let anybody = UserId::trusted(EVERYBODY);
        match self {
            Self::All => Of::All,
            Self::Received => Of::Received(anybody),
            Self::Sent => Of::Sent(anybody),
        }
    }

    fn whose(self, subject: i64) -> String {
        match self {
            Self::All => "the whole house".to_owned(),
            Self::Received => format!("received by user {subject}"),
            Self::Sent => format!("sent by user {subject}"),
        }
    }
}

impl Grain {
    const fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}
