//! Another address.

use testkit::on_every_engine;
use types::Error;

use super::super::stage::{CODE, PASSWORD, SCHEMA, Stage, asking, mail};
use super::super::texts::{EMAIL_TAKEN, NOTHING_ASKED};
use crate::{Happened, Notice, Target};

on_every_engine! { SCHEMA;
    async fn another_address_is_theirs_once_proved_and_the_old_one_hears_of_it(test) {
        let stage = Stage::new(&test.db);
        let anna = stage.sign_up("anna@example.org").await.unwrap();
        let caller = stage.enter(&anna).await;
        let ask = async |password| stage.accounts.ask_move(&caller, mail("anna@new.org"), password, &asking()).await;

        let early = stage.accounts.confirm_move(&caller, false, CODE).await;
        assert!(matches!(early, Err(Error::Conflict(NOTHING_ASKED))));
        assert!(matches!(ask("wrong horse").await, Err(Error::Invalid(_))));
        assert!(stage.post.sent.lock().unwrap().is_empty(), "whoever merely sits there sends nothing");

        ask(PASSWORD).await.unwrap();
        assert!(matches!(stage.accounts.confirm_move(&caller, false, "000000").await, Err(Error::Invalid(_))));
        assert!(matches!(stage.accounts.confirm_move(&caller, true, CODE).await, Err(Error::Conflict(NOTHING_ASKED))));
        assert_eq!(stage.accounts.find(anna.id).await.unwrap(), anna);

        let moved = stage.accounts.confirm_move(&caller, false, CODE).await.unwrap();
        assert!(moved.has_proved(&mail("anna@new.org")));
        assert_eq!(stage.recognise("anna@new.org").await, Some(moved));
        assert_eq!(stage.recognise("anna@example.org").await, None);
        let told: Vec<Notice> =
            stage.told("notice").await.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
        assert_eq!((told.len(), &told[0].to, told[0].what), (1, &mail("anna@example.org"), Happened::EmailChanged));
        let twice = stage.accounts.confirm_move(&caller, false, CODE).await;
        assert!(matches!(twice, Err(Error::Conflict(NOTHING_ASKED))));
    }

    async fn the_address_there_is_can_be_proved_and_nobody_hears_of_it(test) {
        let stage = Stage::new(&test.db);
        let anna = stage.sign_up("anna@example.org").await.unwrap();
        let caller = stage.enter(&anna).await;
        stage.accounts.ask_move(&caller, mail("anna@example.org"), PASSWORD, &asking()).await.unwrap();
        let proved = stage.accounts.confirm_move(&caller, false, CODE).await.unwrap();
        assert!(proved.has_proved(&mail("anna@example.org")));
        assert_eq!(stage.told("notice").await.len(), 0);
    }

    async fn a_number_comes_beside_an_address(test) {
        let stage = Stage::new(&test.db);
        let anna = stage.sign_up("anna@example.org").await.unwrap();
        let (caller, phone) = (stage.enter(&anna).await, Target::Phone("+380441234567".into()));
        stage.accounts.ask_move(&caller, phone.clone(), PASSWORD, &asking()).await.unwrap();
        let proved = stage.accounts.confirm_move(&caller, true, CODE).await.unwrap();
        assert!(proved.has_proved(&phone) && proved.email == anna.email);
        assert_eq!(stage.recognise("+380441234567").await, Some(proved));
    }

    async fn what_another_proved_is_not_to_be_had_and_what_they_merely_typed_is(test) {
        let (stage, strict) = (Stage::new(&test.db), Stage::strict(&test.db));
        let owner = strict.sign_up_with_proof("taken@example.org").await.unwrap();
        stage.sign_up("typed@example.org").await.unwrap();
        let anna = stage.sign_up("anna").await.unwrap();
        let caller = stage.enter(&anna).await;
        for (address, freed) in [("taken@example.org", false), ("typed@example.org", true)] {
            stage.accounts.ask_move(&caller, mail(address), PASSWORD, &asking()).await.unwrap();
            match stage.accounts.confirm_move(&caller, false, CODE).await {
                Ok(moved) => assert!(freed && moved.has_proved(&mail(address))),
                Err(error) => assert!(!freed && matches!(error, Error::Conflict(EMAIL_TAKEN)), "{error}"),
            }
        }
        assert_eq!(stage.recognise("taken@example.org").await.map(|found| found.id), Some(owner.id));
        assert_eq!(stage.recognise("typed@example.org").await.map(|found| found.id), Some(anna.id));
    }
}
