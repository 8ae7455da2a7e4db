//! Receipts in the database.

use db::{Sql, sql};
use types::{ChatId, Timestamp, UserId};

use super::Stage;

/// Notes that this member has come so far, in the batch in which their cursor moves. It touches a row, or none where
/// they had come as far before or are no member: add it with `Batch::any`.
pub fn receipt(stage: Stage, user: UserId, chat: ChatId, upto: i64, at: Timestamp) -> Sql {
    sql!(
        "insert into receipts (chat_id, user_id, stage, upto_seq, at) \
         select m.chat_id, m.user_id, ?, ?, ? from members m where m.user_id = ? and m.chat_id = ? \
         and not exists (select 1 from receipts r where r.chat_id = m.chat_id and r.user_id = m.user_id \
         and r.stage = ? and r.upto_seq >= ?) \
         on conflict (upto_seq, chat_id, user_id, stage) do nothing",
        stage.number(),
        upto,
        at,
        user,
        chat,
        stage.number(),
        upto
    )
}
