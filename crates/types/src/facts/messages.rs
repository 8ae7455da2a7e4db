//! What happens in chats. All of it is of one topic, so that a chat's facts keep their order whatever they tell of.

use serde::{Deserialize, Serialize};

use super::Tell;
use crate::{ChatId, MessageId, Timestamp, UserId};

/// The topic of everything here.
pub const TOPIC: &str = "messages";

macro_rules! fact {
    ($(#[$doc:meta])* $name:ident = $kind:literal { $($(#[$about:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// In which chat.
            pub chat: ChatId,
            $($(#[$about])* pub $field: $type,)*
        }

        impl Tell for $name {
            const TOPIC: &'static str = TOPIC;
            const KIND: &'static str = $kind;
            fn key(&self) -> i64 {
                self.chat.number()
            }
        }
    };
}

fact!(
    /// A message is stored. What it says is not in here: whoever reads it later reads it as it is then.
    MessageSent = "sent" {
        /// Which one.
        id: MessageId,
        /// Who wrote it.
        from: UserId,
        /// To whom, in a chat of two.
        to: Option<UserId>,
        /// When.
        at: Timestamp,
    }
);
fact!(
    /// A message reads differently.
    MessageEdited = "edited" {
        /// Which one.
        id: MessageId,
        /// Who changed it.
        by: UserId,
    }
);
fact!(
    /// A message is gone, for all.
    MessageDeleted = "deleted" {
        /// Which one.
        id: MessageId,
        /// Who deleted it.
        by: UserId,
    }
);
fact!(
    /// Somebody does not want to see a message any more; everybody else still does.
    MessageHidden = "hidden" {
        /// Which one.
        id: MessageId,
        /// Who.
        user: UserId,
    }
);
fact!(
    /// Somebody has read up to here.
    ChatRead = "read" {
        /// Who.
        user: UserId,
        /// The place in the chat of the last message read.
        seq: i64,
    }
);
fact!(
    /// There is a new chat, or it is called differently.
    ChatChanged = "chat_changed" {
        /// By whom.
        by: UserId,
    }
);
fact!(
    /// Somebody is a member now, or another kind of member.
    MemberJoined = "member_joined" {
        /// Who.
        user: UserId,
        /// By whom.
        by: UserId,
    }
);
fact!(
    /// Somebody is a member no more.
    MemberLeft = "member_left" {
        /// Who.
        user: UserId,
        /// By whom.
        by: UserId,
    }
);
