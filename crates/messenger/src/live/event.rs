//! An event as clients hear it, written once for all of them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use types::{ChatId, MessageId, UserId};
use utoipa::ToSchema;

use super::place::Place;
use super::tidings::{Item, Tiding};
use crate::messages::{Message, bodies};

/// Something that clients are told.
#[derive(Debug)]
pub struct Event {
    /// What kind of thing it is.
    pub kind: &'static str,
    /// The place behind it; none of what is told to those alone who listen at that moment.
    pub place: Option<Place>,
    /// The message that arrives with it: where, and who wrote it.
    pub brings: Option<(ChatId, i64, UserId)>,
    data: String,
    frame: OnceLock<Utf8Bytes>,
    block: OnceLock<Bytes>,
}

/// Whom an event is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// Those in this chat who see what stands there, except these.
    Chat(ChatId, i64, Vec<UserId>),
    /// One person.
    User(UserId),
}

/// Somebody has read a chat up to here.
#[derive(Serialize, ToSchema)]
pub struct ReadEvent {
    #[schema(value_type = u64)]
    pub chat_id: ChatId,
    #[schema(value_type = u64)]
    pub user_id: UserId,
    /// The `seq` of the last message they have read.
    pub seq: i64,
}

/// A message that you do not want to see any more.
#[derive(Serialize, ToSchema)]
pub struct HiddenEvent {
    #[schema(value_type = u64)]
    pub chat_id: ChatId,
    #[schema(value_type = u64)]
    pub id: MessageId,
    pub seq: i64,
}

/// A chat that is new for you or has changed, or one that you are out of.
#[derive(Serialize, ToSchema)]
pub struct ChatEvent {
    #[schema(value_type = u64)]
    pub chat_id: ChatId,
}

/// Somebody is writing.
#[derive(Serialize, ToSchema)]
pub struct TypingEvent {
    #[schema(value_type = u64)]
    pub chat_id: ChatId,
    #[schema(value_type = u64)]
    pub user_id: UserId,
}

/// Somebody came or went.
#[derive(Serialize, ToSchema)]
pub struct PresenceEvent {
    #[schema(value_type = u64)]
    pub user_id: UserId,
    pub online: bool,
}

/// From where on you hear everything.
#[derive(Serialize, ToSchema)]
pub struct PositionEvent {
    pub position: String,
}

impl Event {
    /// Of this kind, with this in it.
    pub fn new(kind: &'static str, place: Option<Place>, data: &impl Serialize) -> Self {
        // Plain data is always written.
        let data = serde_json::to_string(data).unwrap_or_default();
        let (frame, block) = (OnceLock::new(), OnceLock::new());
        Self { kind, place, brings: None, data, frame, block }
    }

    /// That somebody has come to this place.
    pub fn at(kind: &'static str, place: Place) -> Arc<Self> {
        Arc::new(Self::new(kind, Some(place), &PositionEvent { position: place.to_string() }))
    }

    /// How much it takes while it waits.
    pub fn size(&self) -> usize {
        self.data.len()
    }

    /// As a text of a web socket.
    pub fn frame(&self) -> Utf8Bytes {
        let frame = || match self.place {
            Some(place) => format!(r#"{{"type":"{}","position":"{place}","data":{}}}"#, self.kind, self.data),
            None => format!(r#"{{"type":"{}","data":{}}}"#, self.kind, self.data),
        };
        self.frame.get_or_init(|| frame().into()).clone()
    }

    /// As lines of a stream of events.
    pub fn block(&self) -> Bytes {
        let block = || match self.place {
            Some(place) => format!("id: {place}\nevent: {}\ndata: {}\n\n", self.kind, self.data),
            None => format!("event: {}\ndata: {}\n\n", self.kind, self.data),
        };
        self.block.get_or_init(|| block().into()).clone()
    }
}

/// What happened, for whom. Nothing of a message that is not there.
pub fn told(place: Place, item: &Item, messages: &HashMap<MessageId, Message>) -> Option<(To, Event)> {
    let Item { chat, tiding, .. } = *item;
    let place = Some(place);
    let message = |kind, id| {
        let message = messages.get(&id)?;
        let mut event = Event::new(kind, place, &bodies::Message::from(message.clone()));
        event.brings = matches!(tiding, Tiding::Sent(_)).then_some((chat, message.seq, message.user));
        Some((To::Chat(chat, message.seq, Vec::new()), event))
    };
    match tiding {
        Tiding::Sent(id) => message("message", id),
        Tiding::Edited(id) => message("edited", id),
        Tiding::Deleted(id) => message("deleted", id),
        Tiding::Hidden(id, user) => {
            let hidden = HiddenEvent { chat_id: chat, id, seq: messages.get(&id)?.seq };
            Some((To::User(user), Event::new("hidden", place, &hidden)))
        }
        Tiding::Read(user, seq) => {
            let read = ReadEvent { chat_id: chat, user_id: user, seq };
            Some((To::Chat(chat, i64::MAX, Vec::new()), Event::new("read", place, &read)))
        }
        Tiding::Changed => {
            let changed = Event::new("chat", place, &ChatEvent { chat_id: chat });
            Some((To::Chat(chat, i64::MAX, Vec::new()), changed))
        }
        Tiding::Left(user) => Some((To::User(user), Event::new("left", place, &ChatEvent { chat_id: chat }))),
    }
}
