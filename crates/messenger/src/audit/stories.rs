//! The audit finds nothing where all is well, and each thing that is wrong.

use db::{Batch, Db, Sql, sql};
use testkit::on_every_engine;
use types::{Clock, Timestamp};

use super::{Findings, Look, audit};
use crate::stage::{ANNA, BEN, SCHEMA, Stage};

async fn findings(db: &Db) -> Findings {
    audit(db.clone(), Look { beside: None, deep: true }).await.unwrap()
}

async fn spoil(db: &Db, sql: Sql) {
    db.write(Batch::of_one(sql)).await.unwrap();
}

on_every_engine! { SCHEMA;
    async fn a_house_in_order(test) {
        let stage = Stage::new(&test.db);
        let messages = stage.talk().await;
        stage.processed().await;
        let found = findings(&test.db).await;
        assert!(found.are_good(), "{found:?}");
        assert_eq!((found.chats, found.stored, found.published, found.processed), (3, messages, messages, messages));
        assert_eq!(audit(test.db.clone(), Look { beside: None, deep: false }).await.unwrap(), found);
        let beside = Look { beside: Some(stage.clock.now()), deep: true };
        assert!(audit(test.db.clone(), beside).await.unwrap().are_good());
    }

    async fn what_was_not_processed_is_stuck_unless_it_is_young(test) {
        let stage = Stage::new(&test.db);
        let chat = stage.direct(ANNA, BEN).await;
        let sent = stage.says(chat, ANNA, Some(BEN)).await;
        stage.says(chat, ANNA, Some(BEN)).await;
        let found = findings(&test.db).await;
        let stuck = found.stuck.unwrap();
        assert_eq!((stuck.messages, stuck.since, stuck.chat, stuck.seq), (2, sent.at, chat, 1));
        assert_eq!((found.stored, found.published, found.processed, found.wrong_counts), (2, 0, 0, 0));
        let now = audit(test.db.clone(), Look { beside: Some(stage.clock.now()), deep: false }).await.unwrap();
        assert_eq!((now.under_way, now.stuck), (2, None));
        let later = Timestamp::from_micros(stage.clock.now().micros() + 10_000_001);
        let later = audit(test.db.clone(), Look { beside: Some(later), deep: false }).await.unwrap();
        assert_eq!((later.under_way, later.stuck.map(|stuck| stuck.messages)), (0, Some(2)));
        stage.processed().await;
        assert!(findings(&test.db).await.are_good());
    }

    async fn places_that_are_empty(test) {
        let stage = Stage::new(&test.db);
        stage.talk().await;
        let (whole, own) = (stage.direct(ANNA, BEN).await, stage.direct(ANNA, ANNA).await);
        stage.processed().await;
        spoil(&test.db, sql!("delete from messages where chat_id = ? and seq = 3", whole)).await;
        spoil(&test.db, sql!("update chats set last_seq = 5 where id = ?", own)).await;
        let found = findings(&test.db).await;
        assert_eq!((found.broken_chats, found.are_good()), (2, false));
        assert_eq!(found.gaps, [
            format!("chat {whole}: the places from 3 to 3 are empty"),
            format!("chat {own}: the places from 1 to 5 are empty"),
        ]);
        assert!(found.wrong_counts > 0, "one is counted that is not there");
    }

    async fn messages_of_no_chat(test) {
        let stage = Stage::new(&test.db);
        let lost = stage.direct(ANNA, BEN).await;
        stage.says(lost, ANNA, Some(BEN)).await;
        stage.direct(ANNA, ANNA).await;
        stage.processed().await;
        spoil(&test.db, sql!("delete from chats where id = ?", lost)).await;
        let found = findings(&test.db).await;
        assert_eq!(found.gaps, [format!("chat {lost}: there are messages, and no chat")]);
    }

    async fn counts_that_are_wrong(test) {
        let stage = Stage::new(&test.db);
        stage.talk().await;
        stage.processed().await;
        // The seconds of one person, who received one message more in one of them.
        let first = sql!("select min(start) from message_counts where series = 4 and subject = 2");
        let first: Option<i64> = test.db.first::<Option<i64>>(first).await.unwrap().flatten();
        let more = sql!(
            "update message_counts set messages = messages + 1 where series = 4 and subject = 2 and start = ?",
            first
        );
        spoil(&test.db, more).await;
        let found = findings(&test.db).await;
        assert_eq!(found.wrong_counts, 1, "{found:?}");
        assert!(found.miscounts[0].starts_with("received by user 2: "), "{:?}", found.miscounts);
        let shallow = audit(test.db.clone(), Look { beside: None, deep: false }).await.unwrap();
        assert!(shallow.are_good(), "only hours and days are looked at");
        spoil(&test.db, sql!("update message_counts set messages = 0 where series = 0 and start = ?", first)).await;
        let shallow = audit(test.db.clone(), Look { beside: None, deep: false }).await.unwrap();
        assert_eq!(shallow.wrong_counts, 1);
    }
}
