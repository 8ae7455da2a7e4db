//! What is done about times that went by while nobody looked.

use std::time::Duration;

use types::Timestamp;

use super::Schedule;

/// As late as this is not missed: whoever looks after the schedules may be busy.
const ON_TIME: Duration = Duration::from_mins(1);
/// The most that is made up for at once.
const MOST: usize = 1_000;
/// No more than so many that were passed over are counted.
const COUNTED: usize = 10_000;

/// What becomes of times that nobody saw to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Missed {
    /// They are let go.
    Skip,
    /// The last of them stands for all.
    #[default]
    Once,
    /// Each is made up for; of more than a thousand, the last thousand.
    All,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The times to see to, oldest first.
    pub now: Vec<Timestamp>,
    /// How many times nobody will see to, counted up to ten thousand.
    pub passed_over: usize,
    /// When there is something to do again.
    pub next: Option<Timestamp>,
}

impl Missed {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Skip, Self::Once, Self::All];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Once => "once",
            Self::All => "all",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|missed| missed.name() == name)
    }
}

impl Schedule {
    /// What is due of the times after `last`, the last one that was seen to. A clock that was put back makes nothing due
    /// twice.
    pub fn due(&self, missed: Missed, last: Timestamp, now: Timestamp) -> Due {
        let next = self.next_after(last.max(now));
        let newest = match missed {
            Missed::All => self.newest_of(last, now, MOST),
            Missed::Once => self.newest_of(last, now, 1),
            Missed::Skip => {
                self.newest_of(last, now, 1).into_iter().filter(|at| now.since(*at) <= ON_TIME).collect()
            }
        };
        let until = newest.first().copied().unwrap_or_else(|| now.plus(Duration::from_micros(1)));
        let passed_over = self.after(last).take_while(|at| *at < until).take(COUNTED).count();
        Due { now: newest, passed_over, next }
    }

    /// Its times after that one.
    fn after(&self, after: Timestamp) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.next_after(after), |at| self.next_after(*at))
    }

    /// The last so many times after one moment and up to another, oldest first.
    fn newest_of(&self, after: Timestamp, until: Timestamp, most: usize) -> Vec<Timestamp> {
        let few: Vec<_> = self.after(after).take_while(|at| *at <= until).take(most + 1).collect();
        if few.len() <= most {
            return few;
        }
        // From the end, since there may be millions.
        let before = |at: &Timestamp| self.newest(after, at.minus(Duration::from_micros(1)));
        let mut newest: Vec<_> =
            std::iter::successors(self.newest(after, until), before).take(most).collect();
        newest.reverse();
        newest
    }

    /// The last time after one moment and up to another: first looked for ever further back, then ever closer.
    fn newest(&self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let due = |from: Timestamp| self.next_after(from).filter(|at| *at <= until);
        let mut back = Duration::from_secs(1);
        let mut newest = loop {
            let from = until.minus(back).max(after);
            match due(from) {
                Some(at) => break at,
                None if from == after => return None,
                None => back *= 2,
            }
        };
        let mut none_from = until;
        while newest < none_from {
            let middle = newest.plus(none_from.since(newest) / 2);
            match due(middle) {
                Some(at) => newest = at,
                None => none_from = middle,
            }
        }
        Some(newest)
    }
}
