//! Messages marked and counted, on every engine.

use db::{Batch, sql};
use testkit::on_every_engine;
use types::UserId;

use crate::counts::Of;
use crate::stage::{ANNA, BEN, CARL, SCHEMA, Stage};

/// What the messages themselves say of these seconds, in the plainest way.
async fn recounted(stage: &Stage, of: Of, since: i64, to: i64) -> i64 {
    let (begin, end) = (since * 1_000_000, (to + 1) * 1_000_000);
    let count = match of {
        Of::All => sql!("select count(*) from messages where created_at >= ? and created_at < ?", begin, end),
        Of::Sent(user) => sql!(
            "select count(*) from messages where created_at >= ? and created_at < ? and user_id = ?",
            begin,
            end,
            user
        ),
        Of::Received(user) => sql!(
            "select count(*) from messages m join chats c on c.id = m.chat_id where m.created_at >= ? and m.created_at < ? \
             and (exists (select 1 from members p where p.chat_id = c.id and p.user_id = m.user_id and p.pal_id = ?) \
             or c.kind = 1 and m.user_id <> ? and (exists (select 1 from members p where p.chat_id = c.id \
             and p.user_id = ? and p.joined_seq < m.seq) or exists (select 1 from stays s where s.chat_id = c.id \
             and s.user_id = ? and s.from_seq < m.seq and s.to_seq >= m.seq)))",
            begin,
            end,
            user,
            user,
            user,
            user
        ),
    };
    stage.db.first(count).await.unwrap().unwrap()
}

fn all_counts() -> Vec<Of> {
    let of = |user: UserId| [Of::Received(user), Of::Sent(user)];
    [Of::All].into_iter().chain([ANNA, BEN, CARL].into_iter().flat_map(of)).collect()
}

on_every_engine! { SCHEMA;
    async fn any_range_counts_what_was_written_in_it(test) {
        let stage = Stage::new(&test.db);
        let begun = stage.counts.now();
        let messages = stage.talk().await;
        assert_eq!(stage.counted(Of::All).await, 0, "what is not processed does not count");
        stage.processed().await;
        let ended = stage.counts.now();
        assert_eq!(stage.counted(Of::All).await, messages);
        // A stride that falls on another second, minute and hour each time.
        let moments: Vec<i64> = (begun - 3..ended + 1_117).step_by(1_117).collect();
        for of in all_counts() {
            for since in &moments {
                for to in moments.iter().step_by(3) {
                    let wanted = recounted(&stage, of, *since, *to).await;
                    assert_eq!(stage.counts.count(of, *since, *to).await.unwrap(), wanted.max(0), "{of:?} {since}..{to}");
                }
            }
            let wanted = recounted(&stage, of, 0, ended).await;
            assert!(wanted > 0, "{of:?}");
            assert_eq!(stage.counted(of).await, wanted);
        }
    }

    async fn both_bounds_are_included(test) {
        let stage = Stage::new(&test.db);
        let (chat, now) = (stage.direct(ANNA, BEN).await, stage.counts.now());
        stage.says(chat, ANNA, Some(BEN)).await;
        stage.processed().await;
        for (since, to, wanted) in [(now, now, 1), (now - 1, now, 1), (now, now + 1, 1), (0, now, 1), (now + 1, now + 9, 0),
            (0, now - 1, 0), (now, now - 1, 0), (now + 1, 0, 0)] {
            assert_eq!(stage.counts.count(Of::All, since, to).await.unwrap(), wanted, "{since}..{to}");
        }
    }

    async fn what_is_heard_of_again_is_counted_once(test) {
        let stage = Stage::new(&test.db);
        let chat = stage.direct(ANNA, BEN).await;
        let mut sent = Vec::new();
        for _ in 0..25 {
            sent.push(stage.says(chat, ANNA, Some(BEN)).await);
        }
        stage.process(&sent[..10]).await;
        stage.process(&sent[..10]).await;
        stage.process(&[&sent[5..20], &sent[8..9]].concat()).await;
        assert_eq!(stage.marked(&sent).await.len(), 20);
        assert_eq!((stage.counted(Of::All).await, stage.counted(Of::Received(BEN)).await), (20, 20));
        // The facts of all of them are still to come.
        stage.processed().await;
        assert_eq!(stage.marked(&sent).await.len(), 25);
        assert_eq!((stage.counted(Of::Sent(ANNA)).await, stage.counted(Of::Received(BEN)).await), (25, 25));
        assert_eq!(stage.counted(Of::Received(ANNA)).await, 0);
    }

    async fn two_who_process_the_same_count_once(test) {
        let stage = Stage::new(&test.db);
        let chat = stage.direct(ANNA, BEN).await;
        let mut sent = Vec::new();
        for _ in 0..120 {
            sent.push(stage.says(chat, ANNA, Some(BEN)).await);
        }
        tokio::join!(stage.process(&sent), stage.process(&sent), stage.process(&sent[60..]));
        assert_eq!((stage.counted(Of::All).await, stage.counted(Of::Received(BEN)).await), (120, 120));
    }

    async fn a_deleted_message_was_received_all_the_same(test) {
        let stage = Stage::new(&test.db);
        let chat = stage.direct(ANNA, ANNA).await;
        let sent = stage.says(chat, ANNA, Some(ANNA)).await;
        let delete = sql!("update messages set text = null, deleted_at = 1 where id = ?", sent.id);
        stage.db.write(Batch::of_one(delete)).await.unwrap();
        stage.processed().await;
        assert_eq!((stage.counted(Of::Sent(ANNA)).await, stage.counted(Of::Received(ANNA)).await), (1, 1));
    }

    async fn a_large_group_is_processed_in_parts(test) {
        let stage = Stage::new(&test.db);
        let group = stage.group().await;
        for user in 1..=150 {
            stage.joins(group, UserId::trusted(user)).await;
        }
        for _ in 0..30 {
            stage.says(group, ANNA, None).await;
        }
        stage.processed().await;
        assert_eq!((stage.counted(Of::All).await, stage.counted(Of::Sent(ANNA)).await), (30, 30));
        assert_eq!((stage.counted(Of::Received(ANNA)).await, stage.counted(Of::Received(UserId::trusted(150))).await), (0, 30));
    }
}
