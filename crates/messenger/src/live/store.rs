//! What is read for those who listen.

use db::{Batch, Db, Sql, sized, sql};
use types::{ChatId, MessageId, Result, Timestamp, UserId};

use crate::messages::{MESSAGE, Message};
use crate::trail::{Stage, receipt};

/// Receipts written at once.
const AT_ONCE: usize = 200;

/// The tables of the messenger, for many at once.
pub struct SqlLive {
    db: Db,
}

/// Somebody is in a chat, and sees what comes after a place.
pub type Membership = (ChatId, UserId, i64);

impl SqlLive {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// The chats of this person.
    pub async fn chats_of(&self, user: UserId) -> Result<Vec<(ChatId, i64)>> {
        let list = sql!("select chat_id, seen_from from members where user_id = ?", user);
        Ok(self.db.all(list).await?)
    }

    /// Everybody in these chats.
    pub async fn members_of(&self, chats: Vec<ChatId>) -> Result<Vec<Membership>> {
        let mut found = Vec::new();
        for part in sized(chats) {
            let list = sql!("select chat_id, user_id, seen_from from members where chat_id in ").within(part);
            found.extend(self.db.all::<Membership>(list).await?);
        }
        Ok(found)
    }

    /// Those of these who are in these chats.
    pub async fn members_among(&self, pairs: Vec<(UserId, ChatId)>) -> Result<Vec<Membership>> {
        let mut found = Vec::new();
        for (user, chat) in pairs {
            let find = sql!(
                "select chat_id, user_id, seen_from from members where user_id = ? and chat_id = ?",
                user,
                chat
            );
            found.extend(self.db.first::<Membership>(find).await?);
        }
        Ok(found)
    }

    /// These messages, as this person sees them; as all see them when nobody is named.
    pub async fn messages(&self, user: Option<UserId>, ids: Vec<MessageId>) -> Result<Vec<Message>> {
        let mut found = Vec::with_capacity(ids.len());
        for part in sized(ids) {
            let list = sql!("select ").push(MESSAGE).push(
                " from messages m \
                 left join gone_messages h on h.chat_id = m.chat_id and h.user_id = ? and h.seq = m.seq where m.id in ",
            );
            let list = list.bind(user.map_or(0, types::Id::number)).within(part);
            found.extend(self.db.all::<Message>(list).await?);
        }
        Ok(found)
    }

    /// Who does not want to see which of these messages.
    pub async fn hidden(&self, ids: Vec<MessageId>) -> Result<Vec<(MessageId, UserId)>> {
        let mut found = Vec::new();
        for part in sized(ids) {
            let list = sql!(
                "select m.id, g.user_id from messages m join gone_messages g on g.chat_id = m.chat_id and g.seq = m.seq \
                 where g.user_id > 0 and m.id in "
            );
            found.extend(self.db.all::<(MessageId, UserId)>(list.within(part)).await?);
        }
        Ok(found)
    }

    /// Notes what came to whom.
    pub async fn arrived(&self, furthest: Vec<(UserId, ChatId, i64)>, at: Timestamp) -> Result<()> {
        for part in furthest.chunks(AT_ONCE) {
            let receipts =
                part.iter().map(|(user, chat, upto)| receipt(Stage::Delivered, *user, *chat, *upto, at));
            self.db.write(receipts.fold(Batch::new(), Batch::any)).await?;
        }
        Ok(())
    }

    /// Those whom this person has a chat of two with, and neither blocks the other; of these, where some are named.
    pub async fn pals(&self, user: UserId, among: Option<Vec<UserId>>) -> Result<Vec<UserId>> {
        let all = || {
            sql!(
                "select m.pal_id from members m where m.user_id = ? and m.pal_id is not null and not exists \
                 (select 1 from blocks b where (b.user_id = m.user_id and b.blocked_id = m.pal_id) \
                 or (b.user_id = m.pal_id and b.blocked_id = m.user_id))",
                user
            )
        };
        let Some(among) = among else { return Ok(self.db.all(all()).await?) };
        let mut found = Vec::new();
        for part in sized(among) {
            let some: Sql = all().push(" and m.pal_id in ").within(part);
            found.extend(self.db.all::<UserId>(some).await?);
        }
        Ok(found)
    }
}
