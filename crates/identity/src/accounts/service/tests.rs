//! The verbs, over a store that is not there.

use stream::Telling;
use testkit::StillClock;
use types::{FieldError, Role};

use super::super::stage::{CHEAP, PASSWORD, anna, asking, mail, means, somebody};
use super::*;
use crate::proofs::MockProofs;

const WRONG: types::Text =
    types::Text {
        code: "wrong_code", en: "wrong", uk: "неправильно", ru: "неправильно"
    };

fn accounts(store: MockAccountStore, proofs: MockProofs) -> Accounts {
    let clock: Arc<dyn Clock> = Arc::new(StillClock::default());
    let ids = Ids::new(clock.clone(), 0, clock.now().plus(std::time::Duration::from_mins(1)));
    Accounts::new(Arc::new(store), means(clock, &ids, CHEAP, Arc::new(proofs)))
}

fn open() -> MockProofs {
    let mut proofs = MockProofs::new();
    proofs.expect_required().return_const(false);
    proofs
}

fn by_mail() -> Registration {
    Registration { email: Some("Anna@Example.org".into()), ..anna() }
}

fn known(password_hash: Option<String>) -> Known {
    Known { account: somebody(), password_hash, left_at: None }
}

#[test]
fn a_password_is_never_kept_and_the_fact_goes_along() {
    let mut store = MockAccountStore::new();
    store.expect_insert().once().returning(|account, hash, along| {
        let hash = hash.unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains(PASSWORD));
        let told: Option<UserSignedUp> = along.of::<Telling>().find_map(Telling::says);
        assert_eq!(told.map(|fact| fact.id), Some(account.id));
        Ok(Written::Done)
    });
    let account = testkit::run(async { accounts(store, open()).sign_up(by_mail()).await }).unwrap();
    assert_eq!(
        (account.email.as_deref().unwrap(), account.timezone.as_str(), account.role, account.version),
        ("anna@example.org", "UTC", Role::User, 1)
    );
    assert_eq!(account.email_verified_at, None, "nobody has proved it");
}

#[test]
fn a_taken_address_is_a_conflict_and_nobody_who_proved_nothing_gets_it() {
    let mut store = MockAccountStore::new();
    store
        .expect_insert()
        .once()
        .returning(|account, _, _| Ok(Written::Taken(Identifier::Email(account.email.clone().unwrap()))));
    store.expect_recognise().once().returning(|_| Ok(Some(known(None))));
    let refused = testkit::run(async { accounts(store, open()).sign_up(by_mail()).await });
    assert!(matches!(refused, Err(Error::Conflict(super::super::texts::EMAIL_TAKEN))));
}

#[test]
fn where_addresses_must_be_proved_a_wrong_code_is_refused_before_anybody_is_looked_for() {
    // The store expects nothing: whether the address has an account is not even asked.
    let mut proofs = MockProofs::new();
    proofs.expect_required().return_const(true);
    proofs.expect_check().times(2).returning(|_, reason, _| {
        assert_eq!(reason, Reason::Register);
        Err(Error::Invalid(vec![FieldError::new("code", WRONG)]))
    });
    testkit::run(async {
        let accounts = accounts(MockAccountStore::new(), proofs);
        for code in [None, Some("000000".to_owned())] {
            let refused = accounts.sign_up(Registration { code, ..by_mail() }).await;
            assert!(matches!(refused, Err(Error::Invalid(fields)) if fields[0].field == "code"));
        }
    });
}

#[test]
fn a_user_name_needs_no_code_and_an_address_that_the_house_vouches_for_none_either() {
    let mut store = MockAccountStore::new();
    store.expect_insert().times(2).returning(|_, _, _| Ok(Written::Done));
    store.expect_recognise().returning(|_| Ok(None));
    let mut proofs = MockProofs::new();
    proofs.expect_required().return_const(true);
    testkit::run(async {
        let accounts = accounts(store, proofs);
        let by_name = Registration { username: Some("anna".into()), ..anna() };
        assert_eq!(accounts.sign_up(by_name).await.unwrap().email, None);
        let vouched = Registration { vouched: true, role: Role::Admin, ..by_mail() };
        let admin = accounts.sign_up(vouched).await.unwrap();
        assert!(admin.role == Role::Admin && admin.has_proved(&mail("anna@example.org")));
    });
}

#[test]
fn a_name_that_is_taken_uses_up_no_code_and_no_work() {
    let mut store = MockAccountStore::new();
    store.expect_recognise().once().returning(|_| Ok(Some(known(None))));
    testkit::run(async {
        let accounts = accounts(store, MockProofs::new());
        let both = Registration { username: Some("anna".into()), code: Some("271828".into()), ..by_mail() };
        let refused = accounts.sign_up(both).await;
        assert!(matches!(refused, Err(Error::Conflict(super::super::texts::USERNAME_TAKEN))));
        assert_eq!(accounts.means.passwords.spent(), 0);
    });
}

#[test]
fn whoever_is_not_there_takes_as_much_work_as_a_wrong_password() {
    testkit::run(async {
        let hash = Passwords::start(CHEAP, 1, 8).unwrap().hash(PASSWORD, "").await.unwrap();
        let mut work = Vec::new();
        for found in [None, Some(known(None)), Some(known(Some(hash)))] {
            let mut store = MockAccountStore::new();
            store.expect_recognise().returning(move |_| Ok(found.clone()));
            let accounts = accounts(store, open());
            for login in ["anna@example.org", "no address@", "+1"] {
                let before = accounts.means.passwords.spent();
                assert_eq!(accounts.recognise(login, "wrong", "").await.unwrap(), None);
                work.push(accounts.means.passwords.spent() - before);
            }
        }
        assert_eq!(work, [8; 9]);
    });
}

#[test]
fn a_forgotten_password_is_answered_alike_with_and_without_an_account() {
    testkit::run(async {
        for (found, wanted) in [(None, false), (Some(known(None)), true)] {
            let mut store = MockAccountStore::new();
            store.expect_recognise().once().returning(move |_| Ok(found.clone()));
            let mut proofs = open();
            proofs.expect_send().once().returning(move |_, reason, _, really| {
                assert_eq!((reason, really), (Reason::Reset, wanted));
                Ok(Timestamp::from_millis(1))
            });
            let accounts = accounts(store, proofs);
            let until = accounts.ask_reset(&mail("anna@example.org"), &asking()).await.unwrap();
            assert_eq!(until, Timestamp::from_millis(1));
        }
    });
}

#[test]
fn a_wrong_code_for_a_forgotten_password_takes_the_same_work_and_looks_for_nobody() {
    let mut proofs = open();
    proofs.expect_check().once().returning(|_, _, _| Err(Error::invalid("code", WRONG)));
    testkit::run(async {
        let accounts = accounts(MockAccountStore::new(), proofs);
        let refused = accounts.reset(&mail("anna@example.org"), "000000", PASSWORD, "").await;
        assert!(matches!(refused, Err(Error::Invalid(_))));
        assert_eq!(accounts.means.passwords.spent(), 8);
    });
}

#[test]
fn a_store_that_is_away_is_no_wrong_password() {
    let mut store = MockAccountStore::new();
    store.expect_recognise().returning(|_| Err(Error::unavailable("away")));
    let answer = testkit::run(async { accounts(store, open()).recognise("anna", PASSWORD, "").await });
    assert!(matches!(answer, Err(Error::Unavailable { .. })));
}
