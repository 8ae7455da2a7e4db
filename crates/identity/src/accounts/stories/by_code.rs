//! Being known by a code.

use db::{Batch, sql};
use testkit::on_every_engine;
use types::{Clock, Error, Expected, Role};

use super::super::Account;
use super::super::stage::{CODE, PASSWORD, SCHEMA, Stage, asking, mail};
use crate::{Proofs, Reason, Target};

/// A code is sent there, and typed.
async fn comes_by_code(stage: &Stage, target: &Target) -> types::Result<Account> {
    stage.post.send(target, Reason::Login, &asking(), true).await.unwrap();
    stage.accounts.recognise_by_code(target, CODE).await
}

async fn link(stage: &Stage, account: &Account) {
    let link = sql!(
        "insert into logins (provider, subject, user_id, created_at) values ('google', 's', ?, 0)",
        account.id
    );
    stage.db.write(Batch::of_one(link)).await.unwrap();
}

async fn logins(stage: &Stage) -> i64 {
    stage.db.first::<i64>(sql!("select count(*) from logins")).await.unwrap().unwrap()
}

on_every_engine! { SCHEMA;
    async fn a_code_opens_the_account_of_a_proved_address_and_changes_nothing(test) {
        let (stage, target) = (Stage::strict(&test.db), mail("anna@example.org"));
        let anna = stage.sign_up_with_proof("anna@example.org").await.unwrap();
        let caller = stage.enter(&anna).await;
        link(&stage, &anna).await;
        assert_eq!(comes_by_code(&stage, &target).await.unwrap(), anna);
        assert_eq!(stage.sessions_of(anna.id).await, [caller.session]);
        assert_eq!((stage.recognise("anna@example.org").await, logins(&stage).await), (Some(anna), 1));
        assert_eq!(stage.told("notice").await, Vec::<String>::new());
        let again = stage.accounts.recognise_by_code(&target, CODE).await;
        assert!(matches!(again, Err(Error::Invalid(_))), "it was good once");
    }

    async fn whoever_proves_an_address_by_a_code_has_the_account_and_whoever_made_it_is_out(test) {
        let (stage, target) = (Stage::new(&test.db), mail("anna@example.org"));
        let maker = stage.sign_up("anna@example.org").await.unwrap();
        stage.enter(&maker).await;
        link(&stage, &maker).await;
        let anna = comes_by_code(&stage, &target).await.unwrap();
        assert!(anna.id == maker.id && anna.has_proved(&target));
        assert_eq!(stage.accounts.find(anna.id).await.unwrap(), anna, "it is given as it is kept");
        assert_eq!((stage.sessions_of(anna.id).await.len(), logins(&stage).await), (0, 0));
        assert_eq!(stage.recognise("anna@example.org").await, None);
        let told = stage.told("notice").await;
        assert!(told.len() == 1 && told[0].contains("claimed") && told[0].contains("anna@example.org"), "{told:?}");
        stage.enter(&anna).await;
    }

    async fn a_password_that_is_reset_leaves_no_other_way_in_to_whoever_made_the_account(test) {
        let (stage, target) = (Stage::new(&test.db), mail("anna@example.org"));
        let maker = stage.sign_up("anna@example.org").await.unwrap();
        link(&stage, &maker).await;
        stage.accounts.ask_reset(&target, &asking()).await.unwrap();
        stage.accounts.reset(&target, CODE, "another horse battery", "").await.unwrap();
        assert_eq!((stage.recognise("anna@example.org").await, logins(&stage).await), (None, 0));
        // What they linked since is theirs, and stays.
        link(&stage, &maker).await;
        stage.accounts.ask_reset(&target, &asking()).await.unwrap();
        stage.accounts.reset(&target, CODE, PASSWORD, "").await.unwrap();
        let anna = stage.recognise("anna@example.org").await.unwrap();
        assert_eq!((anna.id, logins(&stage).await), (maker.id, 1));
    }

    async fn whoever_leaves_comes_back_by_a_code_while_there_is_time(test) {
        let (stage, target) = (Stage::strict(&test.db), mail("anna@example.org"));
        let anna = stage.sign_up_with_proof("anna@example.org").await.unwrap();
        let caller = stage.enter(&anna).await;
        stage.accounts.leave(&caller, PASSWORD, "", &Expected::Any).await.unwrap();
        let back = comes_by_code(&stage, &target).await.unwrap();
        assert_eq!(stage.accounts.find(anna.id).await.unwrap(), back);

        let caller = stage.enter(&back).await;
        let removed_at = stage.accounts.leave(&caller, PASSWORD, "", &Expected::Any).await.unwrap();
        stage.clock.advance(removed_at.since(stage.clock.now()));
        assert!(matches!(comes_by_code(&stage, &target).await, Err(Error::Invalid(_))));
    }

    async fn a_mistyped_address_opens_nothing_by_a_code(test) {
        let (stage, phone) = (Stage::new(&test.db), Target::Phone("+380441234567".into()));
        let boris = stage.sign_up("bori@example.org").await.unwrap();
        let caller = stage.enter(&boris).await;
        stage.accounts.ask_move(&caller, phone.clone(), PASSWORD, &asking()).await.unwrap();
        let boris = stage.accounts.confirm_move(&caller, true, CODE).await.unwrap();
        assert!(matches!(comes_by_code(&stage, &mail("bori@example.org")).await, Err(Error::Invalid(_))));
        assert_eq!(comes_by_code(&stage, &phone).await.unwrap(), boris);
        // Whom the house gave a role is known too, though no letter ever proved the address.
        let admin = stage.sign_up("admni@example.org").await.unwrap();
        stage.accounts.give_role(admin.id, Role::Admin).await.unwrap();
        assert!(matches!(comes_by_code(&stage, &mail("admni@example.org")).await, Err(Error::Invalid(_))));
        stage.accounts.ask_reset(&mail("admni@example.org"), &asking()).await.unwrap();
        let last = stage.post.sent.lock().unwrap().last().cloned();
        assert!(matches!(last, Some((_, Reason::Reset, false))), "{last:?}");
    }
}
