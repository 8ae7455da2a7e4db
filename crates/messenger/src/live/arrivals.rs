//! What has arrived at people's devices, noted once a second for all of them: a receipt a message would cost more than the
//! message.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use types::{ChatId, UserId};

use super::event::Event;

/// How far whose chats have arrived since this was noted last.
#[derive(Default)]
pub struct Arrivals(Mutex<HashMap<(UserId, ChatId), i64>>);

impl Arrivals {
    /// These were taken by a device of this person.
    pub fn add(&self, user: UserId, events: &[Arc<Event>]) {
        let of_others =
            events.iter().filter_map(|event| event.brings).filter(|(_, _, writer)| *writer != user);
        let furthest = of_others.fold(HashMap::new(), |mut furthest, (chat, seq, _)| {
            raise(&mut furthest, chat, seq);
            furthest
        });
        for (chat, seq) in furthest {
            self.note(user, chat, seq);
        }
    }

    /// A device of this person has the chat up to here.
    pub fn note(&self, user: UserId, chat: ChatId, seq: i64) {
        raise(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), (user, chat), seq);
    }

    /// All of it, which is then not here any more.
    pub fn take(&self) -> Vec<(UserId, ChatId, i64)> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        taken.into_iter().map(|((user, chat), seq)| (user, chat, seq)).collect()
    }
}

fn raise<K: std::hash::Hash + Eq>(furthest: &mut HashMap<K, i64>, key: K, seq: i64) {
    let known = furthest.entry(key).or_insert(seq);
    *known = seq.max(*known);
}
