//! Going away.

use std::time::Duration;

use db::{Batch, sql};
use testkit::on_every_engine;
use types::{Clock, Error, Expected};

use super::super::leaving::GRACE;
use super::super::stage::{PASSWORD, SCHEMA, Stage};
use super::super::texts::EMAIL_TAKEN;

const DAY: Duration = Duration::from_hours(24);

on_every_engine! { SCHEMA;
    async fn whoever_leaves_is_signed_out_and_comes_back_by_signing_in(test) {
        let stage = Stage::new(&test.db);
        let anna = stage.sign_up("anna@example.org").await.unwrap();
        let caller = stage.enter(&anna).await;
        assert!(matches!(stage.accounts.leave(&caller, "wrong horse", "", &Expected::Any).await, Err(Error::Invalid(_))));
        assert_eq!(stage.sessions_of(anna.id).await.len(), 1);

        let outdated = stage.accounts.leave(&caller, PASSWORD, "", &Expected::OneOf(vec![2])).await;
        assert!(matches!(outdated, Err(Error::Outdated)), "{outdated:?}");
        let removed_at = stage.accounts.leave(&caller, PASSWORD, "", &Expected::Any).await.unwrap();
        assert_eq!(removed_at, stage.clock.now().plus(DAY * 30));
        assert_eq!(stage.sessions_of(anna.id).await, []);
        assert!(matches!(stage.accounts.find(anna.id).await, Err(Error::NotFound(_))));
        assert!(matches!(stage.sign_up("anna@example.org").await, Err(Error::Conflict(EMAIL_TAKEN))));
        assert!(stage.told("notice").await[0].contains("deletion_begun"));

        stage.clock.advance(DAY * 29 + Duration::from_hours(23));
        assert_eq!(stage.accounts.bury(stage.clock.now()).await.unwrap(), 0);
        assert_eq!(stage.accounts.recognise("anna@example.org", "wrong horse", "").await.unwrap(), None);
        assert!(stage.accounts.find(anna.id).await.is_err(), "a wrong password brings nobody back");
        let back = stage.recognise("anna@example.org").await.unwrap();
        assert_eq!(stage.accounts.find(anna.id).await.unwrap(), back);
        stage.enter(&back).await;
        stage.clock.advance(DAY);
        assert_eq!(stage.accounts.bury(stage.clock.now()).await.unwrap(), 0);
        assert_eq!(stage.recognise("anna@example.org").await, Some(back));
    }

    async fn after_the_days_of_grace_nobody_comes_back_and_all_is_removed(test) {
        let stage = Stage::new(&test.db);
        let (anna, boris) = (stage.sign_up("anna@example.org").await.unwrap(), stage.sign_up("boris").await.unwrap());
        for (provider, user) in [("google", anna.id), ("facebook", anna.id), ("google", boris.id)] {
            let subject = format!("{}-{provider}", user.number());
            let link = sql!("insert into logins (provider, subject, user_id, created_at) values (?, ?, ?, 0)", provider, subject, user);
            stage.db.write(Batch::of_one(link)).await.unwrap();
        }
        let caller = stage.enter(&anna).await;
        stage.accounts.leave(&caller, PASSWORD, "", &Expected::Any).await.unwrap();
        stage.clock.advance(GRACE);
        assert_eq!(stage.recognise("anna@example.org").await, None, "also before the chore has come by");
        stage.clock.advance(Duration::from_secs(1));
        assert_eq!(stage.accounts.bury(stage.clock.now()).await.unwrap(), 1);
        assert_eq!(stage.accounts.bury(stage.clock.now()).await.unwrap(), 0);
        assert_eq!(stage.told("deleted").await, [format!(r#"{{"id":{}}}"#, anna.id)]);
        let logins: Vec<(i64,)> = stage.db.all(sql!("select user_id from logins")).await.unwrap();
        assert_eq!(logins, [(boris.id.number(),)], "logins lead to whoever is here");
        assert_eq!(stage.recognise("boris").await, Some(boris));
        assert_ne!(stage.sign_up("anna@example.org").await.unwrap().id, anna.id);
    }

    async fn what_somebody_had_who_is_too_late_to_come_back_keeps_nobody_waiting(test) {
        let stage = Stage::new(&test.db);
        for login in ["anna@example.org", "anna"] {
            let anna = stage.sign_up(login).await.unwrap();
            let caller = stage.enter(&anna).await;
            stage.accounts.leave(&caller, PASSWORD, "", &Expected::Any).await.unwrap();
            stage.clock.advance(GRACE.checked_sub(Duration::from_micros(1)).unwrap());
            assert!(matches!(stage.sign_up(login).await, Err(Error::Conflict(_))));
            stage.clock.advance(Duration::from_micros(1));
            assert_ne!(stage.sign_up(login).await.unwrap().id, anna.id);
            assert!(stage.told("deleted").await.contains(&format!(r#"{{"id":{}}}"#, anna.id)));
        }
    }

    async fn an_address_that_a_leaver_never_proved_goes_to_whoever_proves_it(test) {
        let stage = Stage::new(&test.db);
        let leaver = stage.sign_up("anna@example.org").await.unwrap();
        let caller = stage.enter(&leaver).await;
        stage.accounts.leave(&caller, PASSWORD, "", &Expected::Any).await.unwrap();
        let anna = Stage::strict(&test.db).sign_up_with_proof("anna@example.org").await.unwrap();
        assert_eq!(stage.recognise("anna@example.org").await, Some(anna.clone()));
        stage.clock.advance(GRACE + DAY);
        assert_eq!(stage.accounts.bury(stage.clock.now()).await.unwrap(), 1);
        assert_eq!(stage.recognise("anna@example.org").await, Some(anna));
    }
}
