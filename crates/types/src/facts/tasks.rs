//! What happens to tasks.

use serde::{Deserialize, Serialize};

use super::Tell;
use crate::{TaskId, UserId};

/// The topic of everything here.
pub const TOPIC: &str = "tasks";

macro_rules! fact {
    ($(#[$doc:meta])* $name:ident = $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// Which task.
            pub id: TaskId,
            /// Whose.
            pub owner: UserId,
            /// The task's version from then on.
            pub version: i64,
        }

        impl Tell for $name {
            const TOPIC: &'static str = TOPIC;
            const KIND: &'static str = $kind;
            fn key(&self) -> i64 {
                self.owner.number()
            }
        }
    };
}

fact!(
    /// A task is new.
    TaskCreated = "created"
);
fact!(
    /// A task reads differently.
    TaskChanged = "changed"
);
fact!(
    /// A task is gone from sight.
    TaskDeleted = "deleted"
);
fact!(
    /// A deleted task is back.
    TaskRestored = "restored"
);

macro_rules! fact_of_many {
    ($(#[$doc:meta])* $name:ident = $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// Which tasks, at most 500 of them.
            pub ids: Vec<TaskId>,
            /// Whose.
            pub owner: UserId,
        }

        impl Tell for $name {
            const TOPIC: &'static str = TOPIC;
            const KIND: &'static str = $kind;
            fn key(&self) -> i64 {
                self.owner.number()
            }
        }
    };
}

fact_of_many!(
    /// Many tasks of one person are new.
    TasksCreated = "many_created"
);
fact_of_many!(
    /// Many tasks of one person read differently.
    TasksChanged = "many_changed"
);
fact_of_many!(
    /// Many tasks of one person are gone from sight at once.
    TasksDeleted = "many_deleted"
);
