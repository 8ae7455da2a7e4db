//! What facts tell, as far as anybody listens for it.

use stream::Fact;
use types::facts::messages::{
    ChatChanged, ChatRead, MemberJoined, MemberLeft, MessageDeleted, MessageEdited, MessageHidden,
    MessageSent,
};
use types::{ChatId, MessageId, Result, UserId};

/// What happened in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The number of the fact.
    pub number: i64,
    /// In which chat.
    pub chat: ChatId,
    /// What.
    pub tiding: Tiding,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tiding {
    /// Something was said.
    Sent(MessageId),
    /// It says something else.
    Edited(MessageId),
    /// It is gone, for all.
    Deleted(MessageId),
    /// This person does not want to see it.
    Hidden(MessageId, UserId),
    /// This person has read up to here.
    Read(UserId, i64),
    /// It is new, is called differently, or other people are in it.
    Changed,
    /// This person is out.
    Left(UserId),
}

impl Tiding {
    /// The message that it is about.
    pub const fn message(self) -> Option<MessageId> {
        match self {
            Self::Sent(id) | Self::Edited(id) | Self::Deleted(id) | Self::Hidden(id, _) => Some(id),
            Self::Read(..) | Self::Changed | Self::Left(_) => None,
        }
    }
}

/// Who may have come or gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// Anybody in this chat.
    Of(ChatId),
    /// This person.
    By(ChatId, UserId),
}

/// What these facts tell. What cannot be read is told to nobody, and those behind it are.
pub fn read(facts: &[Fact]) -> (Vec<Item>, Vec<Move>) {
    let (mut items, mut moves) = (Vec::with_capacity(facts.len()), Vec::new());
    for fact in facts {
        let chat = ChatId::trusted(fact.key);
        match tidings(fact) {
            Ok((told, who)) => {
                items.extend(told.into_iter().flatten().map(|tiding| Item {
                    number: fact.number,
                    chat,
                    tiding,
                }));
                moves.extend(who.map(|user| user.map_or(Move::Of(chat), |user| Move::By(chat, user))));
            }
            Err(error) => {
                tracing::error!(fact = fact.number, error = %error, "a fact could not be told to anybody");
            }
        }
    }
    (items, moves)
}

type Told = ([Option<Tiding>; 2], Option<Option<UserId>>);

fn tidings(fact: &Fact) -> Result<Told> {
    let one = |tiding| Ok(([Some(tiding), None], None));
    if let Some(fact) = fact.read::<MessageSent>()? {
        return one(Tiding::Sent(fact.id));
    }
    if let Some(fact) = fact.read::<ChatRead>()? {
        return one(Tiding::Read(fact.user, fact.seq));
    }
    if let Some(fact) = fact.read::<MessageEdited>()? {
        return one(Tiding::Edited(fact.id));
    }
    if let Some(fact) = fact.read::<MessageDeleted>()? {
        return one(Tiding::Deleted(fact.id));
    }
    if let Some(fact) = fact.read::<MessageHidden>()? {
        return one(Tiding::Hidden(fact.id, fact.user));
    }
    if fact.read::<ChatChanged>()?.is_some() {
        return Ok(([Some(Tiding::Changed), None], Some(None)));
    }
    if let Some(fact) = fact.read::<MemberJoined>()? {
        return Ok(([Some(Tiding::Changed), None], Some(Some(fact.user))));
    }
    if let Some(fact) = fact.read::<MemberLeft>()? {
        return Ok(([Some(Tiding::Left(fact.user)), Some(Tiding::Changed)], Some(Some(fact.user))));
    }
    Ok(([None, None], None))
}
