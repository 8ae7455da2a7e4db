//! The messages of `tasks.proto`, which are also what the home shows as JSON. They are written by hand: a compiler for
//! that file would cost more than the rest of gRPC, and a test compares the two.

use serde::{Serialize, Serializer};
use types::{Id, Timestamp};
use utoipa::ToSchema;

use crate::service::Glance;
use crate::task::Task;

/// Nothing is asked beyond who asks.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct HomeRequest {}

/// What you have to do, at a glance.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, ToSchema)]
#[schema(as = TasksHome)]
pub struct HomeReply {
    /// How many tasks are open, counted up to 100.
    #[prost(uint32, tag = "1")]
    pub open: u32,
    /// Whether there are more than that.
    #[prost(bool, tag = "2")]
    pub more: bool,
    /// The newest open ones, at most 10.
    #[prost(message, repeated, tag = "3")]
    pub newest: Vec<OpenTask>,
}

/// A task that is to be done.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, ToSchema)]
pub struct OpenTask {
    /// Which.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// What, in a line.
    #[prost(string, tag = "2")]
    pub title: String,
    /// Grows with each change.
    #[prost(int64, tag = "3")]
    pub version: i64,
    /// When it was written down.
    #[prost(int64, tag = "4")]
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: i64,
    /// When it last changed.
    #[prost(int64, tag = "5")]
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn moment<S: Serializer>(micros: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    Timestamp::from_micros(*micros).serialize(serializer)
}

impl From<Glance> for HomeReply {
    fn from(Glance { open, more, newest }: Glance) -> Self {
        let newest = newest.into_iter().map(OpenTask::from).collect();
        Self { open: u32::try_from(open).unwrap_or(u32::MAX), more, newest }
    }
}

impl From<Task> for OpenTask {
    fn from(task: Task) -> Self {
        Self {
            id: Id::number(task.id).cast_unsigned(),
            title: task.title,
            version: task.version,
            created_at: task.created_at.micros(),
            updated_at: task.updated_at.micros(),
        }
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use serde_json::json;
    use testkit::proto;

    use super::*;

    const PROTO: &str = include_str!("../../proto/daybook/tasks/v1/tasks.proto");

    /// The fields of a message as the file has them: type, name and number.
    fn promised(message: &str) -> Vec<(&'static str, &'static str, u32)> {
        let field = |line: &'static str| {
            let (field, number) = line.strip_suffix(';').unwrap().split_once(" = ").unwrap();
            let (kind, name) = field.rsplit_once(' ').unwrap();
            (kind, name, number.parse().unwrap())
        };
        proto::promised(PROTO, message).into_iter().map(field).collect()
    }

    fn sent(message: &impl Message) -> Vec<(u32, Vec<u8>)> {
        proto::sent(&message.encode_to_vec())
    }

    #[test]
    fn the_messages_are_those_of_the_file() {
        let task = OpenTask { id: 1, title: "x".into(), version: 3, created_at: 4, updated_at: 5 };
        let reply = HomeReply { open: 1, more: true, newest: vec![task.clone()] };
        assert_eq!(promised("HomeRequest"), []);
        assert!(HomeRequest {}.encode_to_vec().is_empty());
        assert_eq!(
            promised("OpenTask"),
            [
                ("uint64", "id", 1),
                ("string", "title", 2),
                ("int64", "version", 3),
                ("int64", "created_at", 4),
                ("int64", "updated_at", 5)
            ]
        );
        let values = [(1, vec![1]), (2, b"x".to_vec()), (3, vec![3]), (4, vec![4]), (5, vec![5])];
        assert_eq!(sent(&task), values);
        assert_eq!(
            promised("HomeReply"),
            [("uint32", "open", 1), ("bool", "more", 2), ("repeated OpenTask", "newest", 3)]
        );
        assert_eq!(sent(&reply), [(1, vec![1]), (2, vec![1]), (3, task.encode_to_vec())]);
        assert_eq!(HomeReply::decode(reply.encode_to_vec().as_slice()), Ok(reply));
        assert!(PROTO.contains("package daybook.tasks.v1;\n\nservice Tasks {"));
        assert!(PROTO.contains("rpc Home(HomeRequest) returns (HomeReply);"));
    }

    #[test]
    fn as_json_moments_are_written_as_everywhere() {
        let task = OpenTask { id: 1, title: "x".into(), version: 3, created_at: 0, updated_at: 1 };
        let wanted = json!({
            "id": 1,
            "title": "x",
            "version": 3,
            "created_at": "1970-01-01T00:00:00.000000Z",
            "updated_at": "1970-01-01T00:00:00.000001Z",
        });
        assert_eq!(serde_json::to_value(task).unwrap(), wanted);
    }
}
