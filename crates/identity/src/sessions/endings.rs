//! Ending sessions: with the write that is the reason, and felt at once wherever tokens are verified.

use std::sync::Arc;
use std::time::Duration;

use api::{Ended, Ending};
use db::{Companion, Step};
use tokio::sync::Notify;
use types::{Clock, Ids, Result, SessionId, UserId};

use super::store;
use crate::Account;

/// Longer than an access token lives, by what clocks may be apart.
const MARGIN: Duration = Duration::from_mins(1);

/// Makes endings. Cheap to clone.
#[derive(Clone)]
pub struct Endings {
    ended: Ended,
    access_ttl: Duration,
    ids: Ids,
    clock: Arc<dyn Clock>,
    bell: Arc<Notify>,
}

/// An ending that commits with the write that is the reason for it.
#[derive(Debug)]
pub struct Telling {
    id: i64,
    ending: Ending,
    what: What,
    ended: Ended,
    bell: Arc<Notify>,
}

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// One session; its row is the store's to delete.
    Session,
    /// All of a user's sessions, or all but one.
    Sessions,
    /// Access tokens alone: their sessions renew them.
    Tokens,
}

impl Endings {
    /// Heard of in this list at once.
    pub fn new(ended: Ended, access_ttl: Duration, ids: Ids, clock: Arc<dyn Clock>) -> Self {
        Self { ended, access_ttl, ids, clock, bell: Arc::default() }
    }

    /// One session has ended.
    pub fn session(&self, user: UserId, session: SessionId) -> Result<Telling> {
        self.telling(user, Some(session), None, What::Session)
    }

    /// All sessions of this account end, but for the one that is kept.
    pub fn sessions(&self, account: &Account, keep: Option<SessionId>) -> Result<Telling> {
        self.telling(account.id, keep, Some(account.generation + 1), What::Sessions)
    }

    /// All access tokens of this account end; its sessions stay, and renew them.
    pub fn tokens(&self, account: &Account) -> Result<Telling> {
        self.telling(account.id, None, Some(account.generation + 1), What::Tokens)
    }

    /// Rings whenever something ended here.
    pub fn bell(&self) -> Arc<Notify> {
        self.bell.clone()
    }

    fn telling(
        &self,
        user: UserId,
        session: Option<SessionId>,
        generation: Option<i64>,
        what: What,
    ) -> Result<Telling> {
        let at = self.clock.now();
        let ending = Ending { user, session, generation, at, until: at.plus(self.access_ttl).plus(MARGIN) };
        let id = self.ids.next::<()>()?.number();
        Ok(Telling { id, ending, what, ended: self.ended.clone(), bell: self.bell.clone() })
    }
}

impl Companion for Telling {
    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(generation) = self.ending.generation {
            steps.push(store::next_generation(self.ending.user, generation));
        }
        if self.what == What::Sessions {
            steps.push(store::delete_all_but(self.ending.user, self.ending.session));
        }
        steps.push(store::insert_ending(self.id, &self.ending));
        steps
    }

    fn committed(&self) {
        self.ended.add(&[self.ending], self.ending.at);
        self.bell.notify_one();
    }
}
