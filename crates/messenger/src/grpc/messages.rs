//! The messages of `messenger.proto`, which are also what the home shows as JSON; written by hand, and compared by a test.

use serde::{Serialize, Serializer};
use types::{Id, Timestamp};
use utoipa::ToSchema;

use crate::chats::{Glance, View};
use crate::messages::Message;

/// Nothing is asked beyond who asks.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct HomeRequest {}

/// What you have not read, at a glance.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, ToSchema)]
#[schema(as = MessengerHome)]
pub struct HomeReply {
    /// How many messages of others you have not read, in all of your chats.
    #[prost(int64, tag = "1")]
    pub unread: i64,
    /// The chats of the newest of them, at most 5.
    #[prost(message, repeated, tag = "2")]
    pub chats: Vec<UnreadChat>,
}

/// A chat in which you have not read all.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, ToSchema)]
pub struct UnreadChat {
    /// Which.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// `direct` or `group`.
    #[prost(string, tag = "2")]
    pub kind: String,
    /// The other one, in a direct chat.
    #[prost(uint64, optional, tag = "3")]
    pub pal_id: Option<u64>,
    /// What a group is called.
    #[prost(string, optional, tag = "4")]
    pub title: Option<String>,
    /// How many messages of others you have not read there.
    #[prost(int64, tag = "5")]
    pub unread: i64,
    /// What was said last.
    #[prost(message, optional, tag = "6")]
    pub last_message: Option<LastMessage>,
}

/// What was said last in a chat.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, ToSchema)]
pub struct LastMessage {
    /// Which message.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Who said it.
    #[prost(uint64, tag = "2")]
    pub user_id: u64,
    /// Null once it is deleted.
    #[prost(string, optional, tag = "3")]
    pub text: Option<String>,
    /// When.
    #[prost(int64, tag = "4")]
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn moment<S: Serializer>(micros: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    Timestamp::from_micros(*micros).serialize(serializer)
}

fn number<T>(id: Id<T>) -> u64 {
    id.number().cast_unsigned()
}

impl From<Glance> for HomeReply {
    fn from(Glance { unread, chats }: Glance) -> Self {
        Self { unread, chats: chats.into_iter().map(UnreadChat::from).collect() }
    }
}

impl From<View> for UnreadChat {
    fn from(view: View) -> Self {
        Self {
            id: number(view.chat.id),
            kind: view.chat.kind.name().to_owned(),
            pal_id: view.pal.map(number),
            title: view.chat.title,
            unread: view.unread,
            last_message: view.last.map(LastMessage::from),
        }
    }
}

impl From<Message> for LastMessage {
    fn from(message: Message) -> Self {
        Self {
            id: number(message.id),
            user_id: number(message.user),
            text: message.text,
            created_at: message.created_at.micros(),
        }
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use serde_json::json;
    use testkit::proto;

    use super::*;

    const PROTO: &str = include_str!("../../proto/daybook/messenger/v1/messenger.proto");

    fn promised(message: &str) -> Vec<&'static str> {
        proto::promised(PROTO, message)
    }

    fn sent(message: &impl Message) -> Vec<(u32, Vec<u8>)> {
        proto::sent(&message.encode_to_vec())
    }

    #[test]
    fn the_messages_are_those_of_the_file() {
        let said = LastMessage { id: 1, user_id: 2, text: Some("x".into()), created_at: 4 };
        let chat = UnreadChat {
            id: 1,
            kind: "y".into(),
            pal_id: Some(3),
            title: Some("z".into()),
            unread: 5,
            last_message: Some(said.clone()),
        };
        let reply = HomeReply { unread: 1, chats: vec![chat.clone()] };
        assert_eq!(promised("HomeRequest"), [""; 0]);
        assert_eq!(
            promised("LastMessage"),
            ["uint64 id = 1;", "uint64 user_id = 2;", "optional string text = 3;", "int64 created_at = 4;"]
        );
        assert_eq!(sent(&said), [(1, vec![1]), (2, vec![2]), (3, b"x".to_vec()), (4, vec![4])]);
        assert_eq!(
            promised("UnreadChat"),
            [
                "uint64 id = 1;",
                "string kind = 2;",
                "optional uint64 pal_id = 3;",
                "optional string title = 4;",
                "int64 unread = 5;",
                "optional LastMessage last_message = 6;",
            ]
        );
        let fields =
            [vec![1], b"y".to_vec(), vec![3], b"z".to_vec(), vec![5], said.encode_to_vec()].into_iter();
        assert_eq!(sent(&chat), (1..).zip(fields).collect::<Vec<_>>());
        assert_eq!(promised("HomeReply"), ["int64 unread = 1;", "repeated UnreadChat chats = 2;"]);
        assert_eq!(sent(&reply), [(1, vec![1]), (2, chat.encode_to_vec())]);
        assert_eq!(HomeReply::decode(reply.encode_to_vec().as_slice()), Ok(reply));
        assert!(PROTO.contains("package daybook.messenger.v1;\n\nservice Messenger {"));
        assert!(PROTO.contains("rpc Home(HomeRequest) returns (HomeReply);"));
    }

    #[test]
    fn as_json_what_is_not_there_is_null_and_moments_are_written_as_everywhere() {
        let said = LastMessage { id: 1, user_id: 2, text: None, created_at: 1 };
        let wanted =
            json!({"id": 1, "user_id": 2, "text": null, "created_at": "1970-01-01T00:00:00.000001Z"});
        assert_eq!(serde_json::to_value(said).unwrap(), wanted);
    }
}
