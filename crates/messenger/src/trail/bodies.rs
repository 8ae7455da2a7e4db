//! Trails as JSON.

use serde::Serialize;
use types::{ChatId, MessageId, Timestamp, UserId};
use utoipa::ToSchema;

/// What became of a message, stage by stage.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageTrail)]
pub struct Trail {
    #[schema(value_type = u64)]
    id: MessageId,
    #[schema(value_type = u64)]
    chat_id: ChatId,
    /// Its place in the chat.
    seq: i64,
    /// When it was stored, which is before its sender hears of it.
    #[schema(value_type = String, format = DateTime)]
    stored: Timestamp,
    /// Since when whatever follows from messages could have it.
    #[schema(value_type = Option<String>, format = DateTime)]
    published: Option<Timestamp>,
    /// When it was processed and counted.
    #[schema(value_type = Option<String>, format = DateTime)]
    processed: Option<Timestamp>,
    /// The members whom it has reached, 200 at the most, those first whom it reached last.
    delivered: Vec<Reached>,
    /// The members who have read it, 200 at the most, those first who read it last.
    read: Vec<Reached>,
}

/// A member, and when.
#[derive(Serialize, ToSchema)]
struct Reached {
    #[schema(value_type = u64)]
    user_id: UserId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<super::Trail> for Trail {
    fn from(trail: super::Trail) -> Self {
        let super::Trail { message, marks, arrivals } = trail;
        let newest_first = |at: fn(&super::Arrival) -> Option<Timestamp>| {
            let reached =
                arrivals.iter().map(|arrival| Some(Reached { user_id: arrival.user, at: at(arrival)? }));
            let mut reached: Vec<Reached> = reached.flatten().collect();
            reached.sort_by_key(|reached| std::cmp::Reverse(reached.at));
            reached
        };
        Self {
            id: message.id,
            chat_id: message.chat,
            seq: message.seq,
            stored: message.created_at,
            published: marks.published,
            processed: marks.processed,
            delivered: newest_first(|arrival| arrival.delivered),
            read: newest_first(|arrival| arrival.read),
        }
    }
}
