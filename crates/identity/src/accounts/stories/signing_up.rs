//! Signing up, and whose an address is.

use testkit::on_every_engine;
use types::Error;

use super::super::stage::{CODE, PASSWORD, SCHEMA, Stage, anna, mail};
use super::super::texts::{EMAIL_TAKEN, PHONE_TAKEN, USERNAME_TAKEN};
use crate::Registration;

on_every_engine! { SCHEMA;
    async fn one_field_names_a_person_in_any_of_three_ways(test) {
        let stage = Stage::new(&test.db);
        for (login, spelled, taken) in [
            ("Anna@Example.org", "anna@example.ORG", EMAIL_TAKEN),
            ("+380 44 123 45 67", "00380441234567", PHONE_TAKEN),
            ("Їжак", "їжаК", USERNAME_TAKEN),
        ] {
            let account = stage.sign_up(login).await.unwrap();
            assert_eq!(stage.recognise(spelled).await.as_ref(), Some(&account));
            assert_eq!(stage.accounts.find(account.id).await.unwrap(), account);
            let twice = stage.sign_up(spelled).await;
            assert!(matches!(twice, Err(Error::Conflict(text)) if text == taken), "{twice:?}");
            assert_eq!(stage.accounts.recognise(spelled, "wrong horse", "").await.unwrap(), None);
        }
        assert_eq!(stage.recognise("nobody@example.org").await, None);
        assert_eq!(stage.told("signed_up").await.len(), 3);
    }

    async fn an_address_that_nobody_proved_is_whose_who_proves_it(test) {
        let squatted = Stage::new(&test.db);
        let squatter = squatted.sign_up("anna@example.org").await.unwrap();
        squatted.enter(&squatter).await;

        let stage = Stage::strict(&test.db);
        let anna = stage.sign_up_with_proof("anna@example.org").await.unwrap();
        assert!(anna.has_proved(&mail("anna@example.org")) && anna.id != squatter.id);
        assert_eq!(stage.recognise("anna@example.org").await.map(|found| found.id), Some(anna.id));
        assert!(stage.accounts.find(squatter.id).await.is_err(), "it had nothing else to sign in with");
        assert_eq!(stage.sessions_of(squatter.id).await, []);

        let again = stage.sign_up_with_proof("anna@example.org").await;
        assert!(matches!(again, Err(Error::Conflict(EMAIL_TAKEN))), "what was proved stays: {again:?}");
        assert_eq!(stage.recognise("anna@example.org").await.map(|found| found.id), Some(anna.id));
    }

    async fn whoever_owns_the_house_takes_no_address_from_anybody(test) {
        let stage = Stage::new(&test.db);
        let owner = stage.sign_up("anna@example.org").await.unwrap();
        let by_command = Registration { email: Some("anna@example.org".into()), vouched: true, ..anna() };
        assert!(matches!(stage.accounts.sign_up(by_command).await, Err(Error::Conflict(EMAIL_TAKEN))));
        assert_eq!(stage.recognise("anna@example.org").await, Some(owner));
    }

    async fn whoever_loses_an_address_keeps_what_else_names_them(test) {
        let stage = Stage::new(&test.db);
        let both = Registration { email: Some("anna@example.org".into()), username: Some("vova".into()), ..anna() };
        let vova = stage.accounts.sign_up(both).await.unwrap();
        stage.enter(&vova).await;

        Stage::strict(&test.db).sign_up_with_proof("anna@example.org").await.unwrap();
        let left = stage.recognise("vova").await.unwrap();
        assert_eq!((left.id, left.email.as_deref()), (vova.id, None));
        assert_eq!(stage.sessions_of(vova.id).await, []);
        assert_eq!(left.generation, 2, "its access tokens end too");
    }

    async fn a_code_proves_what_it_was_sent_to_and_nothing_else(test) {
        let stage = Stage::strict(&test.db);
        stage.post.sent.lock().unwrap().push((mail("anna@example.org"), crate::Reason::Register, true));
        let other = Registration { email: Some("boris@example.org".into()), code: Some(CODE.into()), ..anna() };
        assert!(matches!(stage.accounts.sign_up(other).await, Err(Error::Invalid(_))));
        let both = Registration {
            email: Some("anna@example.org".into()),
            phone: Some("+380441234567".into()),
            code: Some(CODE.into()),
            ..anna()
        };
        let anna = stage.accounts.sign_up(both).await.unwrap();
        assert!(anna.has_proved(&mail("anna@example.org")));
        assert_eq!(anna.phone, None, "nobody learns whether another address is taken, and nobody is kept from it");
        assert_eq!(stage.recognise("+380441234567").await, None);
    }

    async fn a_password_hashed_for_less_is_hashed_anew_when_its_owner_signs_in(test) {
        let dear = crate::Cost { memory_kib: 16, passes: 2, lanes: 1 };
        let (cheap, dear) = (Stage::new(&test.db), Stage::at_cost(&test.db, dear, false));
        cheap.sign_up("anna").await.unwrap();
        let hash = async || cheap.known("anna").await.unwrap().password_hash.unwrap();
        let old = hash().await;
        assert_eq!(dear.accounts.recognise("anna", "wrong horse", "").await.unwrap(), None);
        assert_eq!(hash().await, old, "a wrong password changes nothing");
        let account = dear.recognise("anna").await.unwrap();
        for _ in 0..500 {
            if hash().await != old {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert!(hash().await.starts_with("$argon2id$v=19$m=16,t=2,p=1$"), "{}", hash().await);
        assert_eq!(dear.accounts.recognise("anna", PASSWORD, "").await.unwrap(), Some(account));
        // What was read before another password came does not come back.
        let id = cheap.known("anna").await.unwrap().account.id;
        let current = hash().await;
        cheap.accounts.store.rehash(id, &old, "something else").await.unwrap();
        assert_eq!(hash().await, current);
    }
}
