//! Inviting, over the real store, on every engine.

use testkit::on_every_engine;
use types::Timestamp;

use super::*;
use crate::accounts::stage::{PASSWORD, SCHEMA, Stage};

fn founding(stage: &Stage, key: u8) -> Founding {
    let store = SqlInvitations::new(stage.db.clone());
    Founding::new(stage.accounts.clone(), store, &[key; 32], Arc::new(stage.clock.clone()))
}

fn somebody(name: &str) -> Registration {
    Registration { username: Some(name.into()), password: PASSWORD.into(), ..Registration::default() }
}

fn is_refused(founded: &Result<Account>) -> bool {
    matches!(founded, Err(Error::Forbidden(NO_INVITATION)))
}

on_every_engine! { SCHEMA;
    async fn an_empty_house_invites_once_and_whoever_comes_runs_it(test) {
        let stage = Stage::new(&test.db);
        let (here, there) = (founding(&stage, 1), founding(&stage, 1));
        let (one, other) = tokio::join!(here.invitation(), there.invitation());
        let link = one.unwrap().unwrap();
        assert_eq!(other.unwrap().as_ref(), Some(&link), "every process shows the same one");
        // Whoever signs up meanwhile is nobody special, and takes nothing away.
        assert_eq!(stage.sign_up("eve").await.unwrap().role, Role::User);
        assert_eq!(here.invitation().await.unwrap().as_ref(), Some(&link));

        let anna = there.found(&link, somebody("anna")).await.unwrap();
        assert_eq!((anna.role, anna.username.as_deref()), (Role::Admin, Some("anna")));
        assert!(is_refused(&here.found(&link, somebody("boris")).await), "it was good once");
        assert_eq!(here.invitation().await.unwrap(), None);
    }

    async fn of_many_with_one_link_one_runs_the_house(test) {
        let stage = Stage::new(&test.db);
        let founding = founding(&stage, 1);
        let link = founding.invitation().await.unwrap().unwrap();
        let names: Vec<String> = (0..8).map(|n| format!("anna{n}")).collect();
        let tries = names.iter().map(|name| founding.found(&link, somebody(name)));
        let done = futures_util::future::join_all(tries).await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
        assert!(done.iter().all(|done| done.is_ok() || is_refused(done)), "{done:?}");
    }

    async fn an_administrator_who_was_made_otherwise_ends_it(test) {
        let stage = Stage::new(&test.db);
        let founding = founding(&stage, 1);
        let link = founding.invitation().await.unwrap().unwrap();
        let admin = Registration { role: Role::Admin, vouched: true, ..somebody("boss") };
        stage.accounts.sign_up(admin).await.unwrap();
        assert!(is_refused(&founding.found(&link, somebody("anna")).await));
        assert_eq!(founding.invitation().await.unwrap(), None);
    }

    async fn it_is_good_for_a_day_and_a_house_that_is_still_empty_invites_anew(test) {
        let stage = Stage::new(&test.db);
        let founding = founding(&stage, 1);
        let first = founding.invitation().await.unwrap().unwrap();
        stage.clock.advance(LIFETIME);
        assert!(is_refused(&founding.found(&first, somebody("anna")).await));
        let second = founding.invitation().await.unwrap().unwrap();
        assert!(second != first && is_refused(&founding.found(&first, somebody("anna")).await));
        // What is wrong with the account costs no invitation.
        let short = Registration { password: "short".into(), ..somebody("anna") };
        assert!(matches!(founding.found(&second, short).await, Err(Error::Invalid(_))));
        founding.found(&second, somebody("anna")).await.unwrap();
    }

    async fn a_house_with_people_invites_nobody(test) {
        let stage = Stage::new(&test.db);
        stage.sign_up("anna").await.unwrap();
        assert_eq!(founding(&stage, 1).invitation().await.unwrap(), None);
    }

    async fn nobody_guesses_a_link_or_reads_it_in_the_database(test) {
        let stage = Stage::new(&test.db);
        let founding = founding(&stage, 1);
        let nothing = ["", " ", "AAAA", "not base64!", &"A".repeat(43)];
        for secret in nothing {
            assert!(is_refused(&founding.found(secret, somebody("eve")).await), "nobody is invited yet");
        }
        let link = founding.invitation().await.unwrap().unwrap();
        let elsewhere = self::founding(&stage, 2).invitation().await.unwrap().unwrap();
        assert_ne!(link, elsewhere, "it takes the key to know it");
        for secret in nothing.into_iter().chain([&*elsewhere, &link[1..]]) {
            assert!(is_refused(&founding.found(secret, somebody("eve")).await), "{secret:?}");
        }
        let id = SqlInvitations::new(stage.db.clone()).find(Timestamp::default()).await.unwrap().unwrap();
        assert!(!link.contains(&id.to_string()));
        founding.found(&format!(" {link}\n"), somebody("anna")).await.unwrap();
    }
}
