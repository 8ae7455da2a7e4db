//! How far messages came, on every engine.

use std::time::Duration;

use db::Batch;
use testkit::on_every_engine;
use types::{ChatId, Clock, MessageId, UserId};

use super::{Arrival, Stage as At, receipt, store::SqlTrails};
use crate::messages::{Message, MessageStore, SqlMessages};
use crate::stage::{ANNA, BEN, CARL, SCHEMA, Stage};

/// Somebody's cursor moves.
async fn comes(stage: &Stage, at: At, user: UserId, chat: ChatId, upto: i64) {
    stage.clock.advance(Duration::from_secs(1));
    let receipt = receipt(at, user, chat, upto, stage.clock.now());
    stage.db.write(Batch::new().any(receipt)).await.unwrap();
}

async fn message(stage: &Stage, id: MessageId) -> Message {
    SqlMessages::new(stage.db.clone()).find(ANNA, id).await.unwrap().unwrap()
}

on_every_engine! { SCHEMA;
    async fn a_message_is_there_with_the_first_range_that_reaches_it(test) {
        let stage = Stage::new(&test.db);
        let (chat, trails) = (stage.direct(ANNA, BEN).await, SqlTrails::new(test.db.clone()));
        let first = stage.says(chat, ANNA, Some(BEN)).await;
        for _ in 0..3 {
            stage.says(chat, ANNA, Some(BEN)).await;
        }
        let last = stage.says(chat, ANNA, Some(BEN)).await;
        let [first, last] = [message(&stage, first.id).await, message(&stage, last.id).await];
        assert_eq!(trails.arrivals(&first, 10).await.unwrap(), []);

        comes(&stage, At::Delivered, BEN, chat, 3).await;
        let delivered = stage.clock.now();
        comes(&stage, At::Delivered, BEN, chat, 3).await;
        comes(&stage, At::Delivered, BEN, chat, 2).await;
        comes(&stage, At::Read, BEN, chat, 5).await;
        let read = stage.clock.now();
        comes(&stage, At::Delivered, CARL, chat, 5).await;
        comes(&stage, At::Read, ANNA, chat, 5).await;
        let arrival = |delivered, read| vec![Arrival { user: BEN, delivered, read }];
        assert_eq!(trails.arrivals(&first, 10).await.unwrap(), arrival(Some(delivered), Some(read)));
        assert_eq!(trails.arrivals(&last, 10).await.unwrap(), arrival(None, Some(read)));
    }

    async fn in_a_group_each_member_has_a_time(test) {
        let stage = Stage::new(&test.db);
        let (group, trails) = (stage.group().await, SqlTrails::new(test.db.clone()));
        for user in [ANNA, BEN] {
            stage.joins(group, user).await;
        }
        let sent = stage.says(group, ANNA, None).await;
        stage.joins(group, CARL).await;
        stage.joins(group, UserId::trusted(4)).await;
        let later = stage.says(group, ANNA, None).await;
        for user in [CARL, BEN] {
            comes(&stage, At::Delivered, user, group, 2).await;
        }
        let users = async |id, limit| -> Vec<UserId> {
            let message = message(&stage, id).await;
            trails.arrivals(&message, limit).await.unwrap().into_iter().map(|arrival| arrival.user).collect()
        };
        assert_eq!(users(sent.id, 10).await, [BEN], "who came later does not receive it");
        assert_eq!(users(later.id, 10).await, [BEN, CARL], "newest first");
        assert_eq!(users(later.id, 1).await, [BEN]);
    }

    async fn oneself_is_ones_own_pal(test) {
        let stage = Stage::new(&test.db);
        let (chat, trails) = (stage.direct(ANNA, ANNA).await, SqlTrails::new(test.db.clone()));
        let sent = stage.says(chat, ANNA, Some(ANNA)).await;
        comes(&stage, At::Read, ANNA, chat, 1).await;
        let found = trails.arrivals(&message(&stage, sent.id).await, 10).await.unwrap();
        assert_eq!(found.len(), 1);
    }

    async fn marks_are_there_once_it_is_processed(test) {
        let stage = Stage::new(&test.db);
        let chat = stage.direct(ANNA, BEN).await;
        let sent = stage.says(chat, ANNA, Some(BEN)).await;
        let trails = SqlTrails::new(test.db.clone());
        let marks = trails.marks(sent.id).await.unwrap().unwrap();
        assert_eq!((marks.published, marks.processed), (None, None));
        stage.clock.advance(Duration::from_secs(2));
        stage.processed().await;
        let marks = trails.marks(sent.id).await.unwrap().unwrap();
        assert_eq!((marks.published, marks.processed), (Some(stage.clock.now()), Some(stage.clock.now())));
    }
}
