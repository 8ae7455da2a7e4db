//! Access tokens that count no more although their time is not over: the short list that every process knows.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use types::{SessionId, Timestamp, UserId};

use super::Grant;

/// Something that ended tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ending {
    /// Whose tokens.
    #[schema(value_type = u64)]
    pub user: UserId,
    /// Without a generation the session that ended, with one the session that is spared.
    #[schema(value_type = Option<u64>)]
    pub session: Option<SessionId>,
    /// All tokens of an earlier generation ended.
    pub generation: Option<i64>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Until when such a token could have lived.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

/// What has ended lately. Cheap to clone; all clones change together.
#[derive(Debug, Clone, Default)]
pub struct Ended(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    list: RwLock<List>,
    /// Told whenever something is added.
    news: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct List {
    sessions: HashMap<SessionId, Ending>,
    users: HashMap<UserId, Ending>,
}

impl Ended {
    /// Adds these; what no token can need any more at this time is forgotten.
    pub fn add(&self, endings: &[Ending], now: Timestamp) {
        if endings.is_empty() {
            return;
        }
        let mut list = self.0.list.write().unwrap_or_else(PoisonError::into_inner);
        for ending in endings {
            list.add(*ending);
        }
        list.sessions.retain(|_, ending| ending.until > now);
        list.users.retain(|_, ending| ending.until > now);
        drop(list);
        self.0.news.send_replace(());
    }

    /// Waits until what this grants has ended.
    pub(crate) async fn over(&self, grant: &Grant) {
        let mut news = self.0.news.subscribe();
        // The news cannot end while this waits for it.
        while !self.covers(grant) && news.changed().await.is_ok() {}
    }

    /// All that happened at this moment or later.
    pub fn since(&self, moment: Timestamp) -> Vec<Ending> {
        let list = self.0.list.read().unwrap_or_else(PoisonError::into_inner);
        let all = list.sessions.values().chain(list.users.values());
        all.filter(|ending| ending.at >= moment).copied().collect()
    }

    /// Whether what this grants has ended.
    pub(super) fn covers(&self, grant: &Grant) -> bool {
        let list = self.0.list.read().unwrap_or_else(PoisonError::into_inner);
        if list.sessions.contains_key(&grant.caller.session) {
            return true;
        }
        let spared = |ending: &Ending| {
            ending.session == Some(grant.caller.session)
                || ending.generation.is_none_or(|generation| generation <= grant.generation)
        };
        list.users.get(&grant.caller.user).is_some_and(|ending| !spared(ending))
    }
}

impl List {
    fn add(&mut self, ending: Ending) {
        let Some(generation) = ending.generation else {
            self.sessions.extend(ending.session.map(|session| (session, ending)));
            return;
        };
        let known = self.users.entry(ending.user).or_insert(ending);
        // News may come twice and in any order.
        if known.generation.is_none_or(|known| known < generation) {
            *known = ending;
        }
    }
}
