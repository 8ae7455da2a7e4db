//! The engines end with the same schema, and the way back leads all the way.

use testkit::{check_schema, on_every_engine, tables};

on_every_engine! { db::MIGRATIONS;

    async fn the_engines_end_alike_and_down_and_up_again_is_the_same(test) {
        let slots = ("slots".to_owned(), ["holder", "lease_until", "slot"].map(str::to_owned).to_vec());
        assert!(tables(&test).await.contains(&slots));
        check_schema(&test, db::MIGRATIONS).await;
    }
}
