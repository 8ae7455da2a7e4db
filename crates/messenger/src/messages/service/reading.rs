//! How far somebody has read.

use types::facts::messages::ChatRead;
use types::{Caller, ChatId, Error, Result};

use super::{Messages, TRIES};
use crate::chats::View;

/// Places looked through at once for what one wrote oneself.
const STRIDE: i64 = 100_000;

impl Messages {
    /// Notes that the caller has read a chat up to a place, or all of it. What was read stays read.
    pub async fn read(&self, caller: &Caller, chat: ChatId, upto: Option<i64>) -> Result<View> {
        for _ in 0..TRIES {
            let seat = self.chats.seat_of(caller.user, chat).await?;
            let upto = upto.unwrap_or(i64::MAX).min(seat.chat.last_seq);
            if upto <= seat.read_seq {
                return self.chats.find(caller, chat).await;
            }
            let mut own = 0;
            let mut from = seat.read_seq;
            // Whose the places are that have been given does not change any more.
            while from < upto {
                let to = upto.min(from + STRIDE);
                own += self.store.count_own(caller.user, chat, from, to).await?;
                from = to;
            }
            let fact = ChatRead { chat, user: caller.user, seq: upto };
            if self.store.read(caller.user, &seat, upto, own, self.clock.now(), self.along(&fact)?).await? {
                return self.chats.find(caller, chat).await;
            }
        }
        Err(Error::Stale)
    }
}
