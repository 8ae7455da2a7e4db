//! Passwords that are changed, and passwords that were forgotten.

use testkit::on_every_engine;
use types::{Caller, Error};

use super::super::Demand;
use super::super::secrets::NewPassword;
use super::super::stage::{CODE, PASSWORD, SCHEMA, Stage, asking, mail};
use crate::Target;

const NEW: &str = "another horse battery";

const fn passwords<'a>(old: &'a str, new: &'a str) -> NewPassword<'a> {
    NewPassword { old, new, demand: Demand::Uncommon }
}

fn wrong(result: types::Result<()>) -> (String, &'static str) {
    match result {
        Err(Error::Invalid(fields)) => (fields[0].field.to_string(), fields[0].message.text.code),
        other => panic!("{other:?}"),
    }
}

on_every_engine! { SCHEMA;
    async fn a_changed_password_ends_every_other_session_and_tells(test) {
        let stage = Stage::new(&test.db);
        let anna = stage.sign_up("anna@example.org").await.unwrap();
        let (here, _there) = (stage.enter(&anna).await, stage.enter(&anna).await);
        let change = async |old, new| stage.accounts.change_password(&here, anna.id, passwords(old, new), "").await;

        assert_eq!(wrong(change("wrong horse", NEW).await), ("old_password".into(), "wrong_password"));
        assert_eq!(wrong(change(PASSWORD, "short").await), ("new_password".into(), "too_short"));
        assert_eq!(wrong(change(PASSWORD, "qwertyuiop").await), ("new_password".into(), "common_password"));
        assert_eq!(wrong(change(PASSWORD, "Anna@example.org").await), ("new_password".into(), "password_is_address"));
        assert_eq!(stage.sessions_of(anna.id).await.len(), 2);

        change(PASSWORD, NEW).await.unwrap();
        assert_eq!(stage.sessions_of(anna.id).await, [here.session]);
        assert_eq!(stage.recognise("anna@example.org").await, None);
        let known = stage.accounts.recognise("anna@example.org", NEW, "").await.unwrap().unwrap();
        assert_eq!((known.generation, known.version), (anna.generation + 1, anna.version + 1));
        let told = stage.told("notice").await;
        assert!(told.len() == 1 && told[0].contains("password_changed") && told[0].contains("anna@example.org"));
    }

    async fn nobody_changes_anothers_password(test) {
        let stage = Stage::new(&test.db);
        let (anna, boris) = (stage.sign_up("anna").await.unwrap(), stage.sign_up("boris").await.unwrap());
        let caller = Caller { role: types::Role::Admin, ..stage.enter(&boris).await };
        let refused = stage.accounts.change_password(&caller, anna.id, passwords(PASSWORD, NEW), "").await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
        assert_eq!(stage.recognise("anna").await, Some(anna));
    }

    async fn a_forgotten_password_is_replaced_by_a_code_and_all_sessions_end(test) {
        let stage = Stage::new(&test.db);
        let (anna, target) = (stage.sign_up("anna@example.org").await.unwrap(), mail("anna@example.org"));
        stage.enter(&anna).await;
        stage.accounts.ask_reset(&target, &asking()).await.unwrap();
        let reset = async |code, password| stage.accounts.reset(&target, code, password, "").await;
        assert_eq!(wrong(reset("000000", NEW).await), ("code".into(), "wrong_code"));
        assert_eq!(wrong(reset(CODE, "short").await), ("new_password".into(), "too_short"));
        assert_eq!(stage.sessions_of(anna.id).await.len(), 1);

        reset(CODE, NEW).await.unwrap();
        assert_eq!(stage.sessions_of(anna.id).await, []);
        let known = stage.accounts.recognise("anna@example.org", NEW, "").await.unwrap().unwrap();
        assert!(known.has_proved(&target), "whoever read the code has the address");
        assert_eq!(wrong(reset(CODE, NEW).await), ("code".into(), "wrong_code"), "it was good once");
        assert_eq!(stage.told("notice").await.len(), 1);
    }

    async fn whoever_has_no_account_is_sent_nothing(test) {
        let stage = Stage::new(&test.db);
        stage.accounts.ask_reset(&mail("nobody@example.org"), &asking()).await.unwrap();
        assert!(stage.post.sent.lock().unwrap().iter().all(|(_, _, really)| !really));
        let refused = stage.accounts.reset(&mail("nobody@example.org"), CODE, NEW, "").await;
        assert_eq!(wrong(refused), ("code".into(), "wrong_code"));
    }

    async fn a_mistyped_address_does_not_open_an_account_that_another_one_proved(test) {
        let (stage, phone) = (Stage::new(&test.db), Target::Phone("+380441234567".into()));
        let boris = stage.sign_up("bori@example.org").await.unwrap();
        let caller = stage.enter(&boris).await;
        stage.accounts.ask_move(&caller, phone.clone(), PASSWORD, &asking()).await.unwrap();
        stage.accounts.confirm_move(&caller, true, CODE).await.unwrap();
        stage.accounts.ask_reset(&mail("bori@example.org"), &asking()).await.unwrap();
        stage.accounts.ask_reset(&phone, &asking()).await.unwrap();
        let sent: Vec<bool> = stage.post.sent.lock().unwrap().iter().map(|(_, _, really)| *really).collect();
        assert_eq!(sent, [false, true]);
    }

    async fn an_account_without_a_password_gets_one_by_a_code(test) {
        let stage = Stage::new(&test.db);
        let anna = stage.sign_up("anna@example.org").await.unwrap();
        test.db.write(db::Batch::of_one(db::sql!("update users set password_hash = null"))).await.unwrap();
        assert_eq!(stage.recognise("anna@example.org").await, None);
        let caller = stage.enter(&anna).await;
        let refused = stage.accounts.change_password(&caller, anna.id, passwords("", NEW), "").await;
        assert_eq!(wrong(refused), ("old_password".into(), "wrong_password"));
        let target = mail("anna@example.org");
        stage.accounts.ask_reset(&target, &asking()).await.unwrap();
        stage.accounts.reset(&target, CODE, NEW, "").await.unwrap();
        assert!(stage.accounts.recognise("anna@example.org", NEW, "").await.unwrap().is_some());
    }
}
