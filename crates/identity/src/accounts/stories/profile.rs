//! What people say about themselves.

use testkit::on_every_engine;
use types::{Error, Expected, Language};

use super::super::Change;
use super::super::stage::{SCHEMA, Stage};
use super::super::texts::USERNAME_TAKEN;

on_every_engine! { SCHEMA;
    async fn what_is_named_changes_and_the_rest_stays(test) {
        let stage = Stage::new(&test.db);
        let anna = stage.sign_up("anna@example.org").await.unwrap();
        let caller = stage.enter(&anna).await;
        let change = Change {
            name: Some(" Анна ".into()),
            timezone: Some("europe/kyiv".into()),
            language: Some(Language::Uk),
            week_start: Some(7),
            username: Some("Anna".into()),
            version: Some(1),
            expected: Expected::OneOf(vec![1, 5]),
        };
        let changed = stage.accounts.change(&caller, change.clone()).await.unwrap();
        assert_eq!(
            (changed.name.as_str(), changed.timezone.as_str(), changed.language, changed.week_start, changed.version),
            ("Анна", "Europe/Kyiv", Language::Uk, 7, 2)
        );
        assert_eq!((changed.username.as_deref(), &changed.email), (Some("anna"), &anna.email));
        assert_eq!(stage.recognise("ANNA").await.as_ref(), Some(&changed));
        let stale = stage.accounts.change(&caller, change.clone()).await;
        assert!(matches!(stale, Err(Error::Stale)), "it was seen before: {stale:?}");
        let outdated = stage.accounts.change(&caller, Change { version: None, ..change.clone() }).await;
        assert!(matches!(outdated, Err(Error::Outdated)), "it is meant for another: {outdated:?}");
        let again = Change { version: None, expected: Expected::Any, ..change };
        let same = stage.accounts.change(&caller, again).await.unwrap();
        assert_eq!(same, changed, "nothing is different");
        let name = Change { name: Some(" ".into()), ..Change::default() };
        assert_eq!(stage.accounts.change(&caller, name).await.unwrap().name, "");
    }

    async fn a_name_has_one_owner(test) {
        let stage = Stage::new(&test.db);
        stage.sign_up("anna").await.unwrap();
        let boris = stage.sign_up("boris").await.unwrap();
        let caller = stage.enter(&boris).await;
        let rename = Change { username: Some("Anna".into()), ..Change::default() };
        assert!(matches!(stage.accounts.change(&caller, rename).await, Err(Error::Conflict(USERNAME_TAKEN))));
        assert_eq!(stage.accounts.find(boris.id).await.unwrap(), boris);
        let wrong = Change {
            username: Some("anna@example.org".into()),
            week_start: Some(8),
            timezone: Some("Mars/Base".into()),
            ..Change::default()
        };
        let Err(Error::Invalid(fields)) = stage.accounts.change(&caller, wrong).await else { panic!("all are wrong") };
        let fields: Vec<_> = fields.iter().map(|field| &*field.field).collect();
        assert_eq!(fields, ["timezone", "week_start", "username"]);
    }
}
