//! What a job is.

use types::{JobId, Timestamp, UserId};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Due, and waiting for a worker.
    Queued,
    /// Not due yet: delayed, or to be tried again.
    Scheduled,
    /// At work.
    Running,
    /// It is done.
    Done,
    /// It failed for good; it can be tried anew by hand.
    Dead,
    /// Somebody called it off.
    Cancelled,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Scheduled, Self::Running, Self::Done, Self::Dead, Self::Cancelled];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing more happens by itself.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }

    /// As the row of a job says it. That a job is at work only the row of its holder says: otherwise a claim would write twice.
    pub(crate) const fn kept(self) -> i64 {
        match self {
            Self::Queued | Self::Running => 0,
            Self::Scheduled => 1,
            Self::Done => 2,
            Self::Dead => 3,
            Self::Cancelled => 4,
        }
    }

    pub(crate) const fn from_kept(kept: i64, is_held: bool) -> Self {
        match (kept, is_held) {
            (2, _) => Self::Done,
            (3, _) => Self::Dead,
            (4, _) => Self::Cancelled,
            (_, true) => Self::Running,
            (1, false) => Self::Scheduled,
            (_, false) => Self::Queued,
        }
    }
}

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Priority {
    /// Before all others of its lane.
    High,
    /// In its turn.
    #[default]
    Normal,
}

impl Priority {
    /// Both, in the order in which they are served.
    pub const ALL: [Self; 2] = [Self::High, Self::Normal];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
        }
    }

    /// The priority of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.name() == name)
    }

    pub(crate) const fn kept(self) -> i64 {
        match self {
            Self::High => 0,
            Self::Normal => 1,
        }
    }

    pub(crate) const fn from_kept(kept: i64) -> Self {
        if kept == 0 { Self::High } else { Self::Normal }
    }
}

/// A job that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Whose; the house's own have no owner.
    pub owner: Option<UserId>,
    /// Of which kind.
    pub kind: String,
    /// Which outside workers it is for, among a person's own.
    pub queue: Option<String>,
    /// What it is about, as JSON.
    pub payload: String,
    /// Who goes first.
    pub priority: Priority,
    /// Not before this moment; at once when it is none.
    pub run_at: Option<Timestamp>,
    /// While one with this key is open, there is no other of its lane.
    pub key: Option<String>,
    /// How often it is tried.
    pub attempts: u32,
}

impl Draft {
    /// One of the house's own, due at once.
    pub fn new(kind: &str, payload: impl Into<String>, attempts: u32) -> Self {
        Self {
            owner: None,
            kind: kind.to_owned(),
            queue: None,
            payload: payload.into(),
            priority: Priority::Normal,
            run_at: None,
            key: None,
            attempts,
        }
    }

    /// Whether it need not wait for its time.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.run_at.is_none_or(|run_at| run_at <= now)
    }

    /// Where it waits.
    pub fn lane(&self) -> String {
        lane(&self.kind, self.owner, self.queue.as_deref())
    }
}

/// Where jobs wait in one row: those of a kind, or, for outside workers, those of one person that are called alike.
pub fn lane(kind: &str, owner: Option<UserId>, queue: Option<&str>) -> String {
    match (owner, queue) {
        (Some(owner), Some(queue)) => format!("{kind}/{owner}/{queue}"),
        _ => kind.to_owned(),
    }
}

/// A job as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Which one.
    pub id: JobId,
    /// What it was asked to be.
    pub draft: Draft,
    /// Where it stands.
    pub state: State,
    /// When it is, or was, due.
    pub run_at: Timestamp,
    /// How often it has been tried.
    pub attempt: i64,
    /// When it was put in the queue.
    pub created_at: Timestamp,
    /// When its last attempt began.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
    /// Why it failed the last time.
    pub error: Option<String>,
    /// What came of it, as JSON.
    pub result: Option<String>,
    /// How far it has come, as JSON.
    pub progress: Option<String>,
    /// Whether it is at work and has been called off.
    pub is_cancelling: bool,
}

impl Job {
    /// A job that was put in the queue at this moment.
    pub(crate) fn new(id: JobId, draft: Draft, at: Timestamp) -> Self {
        let run_at = draft.run_at.filter(|run_at| *run_at > at);
        Self {
            id,
            draft,
            state: if run_at.is_some() { State::Scheduled } else { State::Queued },
            run_at: run_at.unwrap_or(at),
            attempt: 0,
            created_at: at,
            started_at: None,
            finished_at: None,
            error: None,
            result: None,
            progress: None,
            is_cancelling: false,
        }
    }
}

/// An attempt that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which one, from 1.
    pub attempt: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How: `failed`, `lost`, `timed_out`, `released`.
    pub outcome: String,
    /// Why.
    pub error: Option<String>,
}
