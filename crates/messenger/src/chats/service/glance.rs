//! What is new in somebody's chats, at a glance.

use std::cmp::Reverse;

use futures_util::future::try_join_all;
use types::{Caller, Result};

use super::super::View;
use super::Chats;

/// Chats that are shown.
const SHOWN: usize = 5;

/// What a person has not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// How many messages, in all of their chats.
    pub unread: i64,
    /// The chats of the newest of them, newest first.
    pub chats: Vec<View>,
}

impl Chats {
    /// What the caller has not read, at a glance.
    pub async fn glance(&self, caller: &Caller) -> Result<Glance> {
        let mut unread = self.store.unread(caller.user).await?;
        unread.sort_unstable_by_key(|chat| Reverse(chat.at));
        let newest = unread.iter().take(SHOWN).map(|chat| self.store.view(caller.user, chat.id));
        let chats = try_join_all(newest).await?;
        Ok(Glance {
            unread: unread.iter().map(|chat| chat.unread).sum(),
            // Between the two reads somebody may have been removed, or have read on.
            chats: chats.into_iter().flatten().filter(|view| view.unread > 0).collect(),
        })
    }
}
