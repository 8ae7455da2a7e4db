//! What groups alone need.

use db::{Batch, FromRow, Row, Sql, Value, sql};
use types::UserId;

use super::super::{Chat, Kind, NewGroup, Rank, Unread};
use super::insert;

/// A group and those who are in it from the beginning.
pub fn made(group: &NewGroup) -> Batch {
    let NewGroup { id, title, owner, others, created_at } = group;
    let row = |user: UserId, rank: Rank| -> Vec<Value> {
        let mut row = vec![user.into(), (*id).into(), rank.number().into(), (*created_at).into()];
        row.resize(row.len() + 5, Value::Int(0));
        row
    };
    let members = others.iter().map(|user| row(*user, Rank::Member));
    let members = std::iter::once(row(*owner, Rank::Owner)).chain(members).collect();
    Batch::of_one(insert(*id, Kind::Group, Some(title), *created_at)).bulk(
        "insert into members (user_id, chat_id, standing, joined_at, joined_seq, seen_from, read_seq, sent, own_read) \
         values",
        members,
    )
}

/// The group as it is now, in the place of the version before.
pub fn renamed(chat: &Chat) -> Sql {
    sql!(
        "update chats set title = ?, version = ?, updated_at = ? where id = ? and version = ?",
        chat.title.as_deref(),
        chat.version,
        chat.updated_at,
        chat.id,
        chat.version - 1
    )
}

/// Those of these, a hundred at the most, who block this person.
pub fn blocking(user: UserId, among: &[UserId]) -> Sql {
    sql!("select user_id from blocks where blocked_id = ? and user_id in ", user)
        .within(among.iter().copied())
}

/// How much is unread in each chat where something was said since, counted as in a seat.
pub fn unread(user: UserId) -> Sql {
    sql!(
        "select c.id, c.last_id, c.last_seq - m.read_seq - (m.sent - m.own_read) \
         - (select count(distinct g.seq) from gone_messages g where g.chat_id = m.chat_id \
         and g.user_id in (0, m.user_id) and g.seq > m.read_seq and g.writer_id <> m.user_id) \
         from members m join chats c on c.id = m.chat_id where m.user_id = ? and c.last_seq > m.read_seq",
        user
    )
}

impl FromRow for Unread {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self { id: row.get(0)?, at: row.get(1)?, unread: row.get(2)? })
    }
}
