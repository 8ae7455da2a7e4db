//! The verbs over mocks: what is decided before and after a provider is asked.

use std::time::Duration;

use api::{KeySet, Verifier};
use stream::Telling;
use testkit::{Engine, StillClock, TestDb};

use super::super::people::MockPeople;
use super::*;
use crate::accounts::PasswordRule;
use crate::accounts::stage::{SOMEBODY, somebody};
use crate::{
    CodeSettings, Cost, Happened, Identity, Letters, LoginLimits, MIGRATIONS, Needs, Notice, Outbox,
    Passwords, Post, SigningKeys, Target,
};

fn none(clock: &Arc<StillClock>) -> Providers {
    let cache = Cache::in_memory(1 << 20, clock.clone());
    Providers { list: Vec::new(), public_url: "https://daybook.test".into(), secret: [1; 32], cache }
}

/// The verbs over these mocks; sessions are real ones, of a house in memory.
async fn oauth(people: MockPeople, logins: MockLoginStore) -> Oauth {
    let clock = Arc::new(StillClock::default());
    let ids = Ids::new(clock.clone(), 0, clock.now().plus(Duration::from_mins(1)));
    let teller = Teller::unheard(ids.clone(), clock.clone());
    let keys = SigningKeys::in_memory(Duration::from_mins(5), clock.clone()).unwrap();
    let outbox: Arc<dyn Post> = Arc::new(Outbox::in_memory());
    let identity = Identity::new(Needs {
        db: TestDb::new(Engine::Memory, MIGRATIONS).await.db,
        teller: teller.clone(),
        ids: ids.clone(),
        clock: clock.clone(),
        verifier: Verifier::new(KeySet::default(), "daybook", "daybook", clock.clone()),
        keys,
        secret: [2; 32],
        passwords: Passwords::start(Cost { memory_kib: 8, passes: 1, lanes: 1 }, 1, 8).unwrap(),
        password_rule: PasswordRule { least: 8, most: 128 },
        access_ttl: Duration::from_mins(5),
        session_ttl: Duration::from_hours(1),
        secure: true,
        cache: Cache::in_memory(1 << 20, clock.clone()),
        logins: LoginLimits {
            window: Duration::from_mins(15),
            per_account_and_subnet: 9,
            per_account: 9,
            per_address: 9,
            per_subnet: 9,
        },
        codes: CodeSettings {
            key: [3; 32],
            lifetime: Duration::from_mins(10),
            resend: Vec::new(),
            tries: 5,
            per_target: 9,
            per_address: 9,
            required: false,
            in_cache: false,
        },
        letters: Letters { mail: outbox.clone(), sms: outbox },
        providers: none(&clock),
    });
    let sessions = identity.unwrap().sessions;
    let (people, logins) = (Arc::new(people), Arc::new(logins));
    Oauth::new(none(&clock), Parts { people, logins, sessions, teller, ids, clock }).unwrap()
}

fn login(provider: &str) -> Login {
    let created_at = Timestamp::default();
    Login { provider: provider.into(), subject: "s".into(), user: SOMEBODY, email: None, created_at }
}

fn people() -> MockPeople {
    let mut people = MockPeople::new();
    people.expect_find().returning(|_| Ok(Some(somebody())));
    people
}

fn caller() -> Caller {
    Caller { user: SOMEBODY, session: types::SessionId::trusted(9), role: Role::User }
}

#[test]
fn the_owner_hears_of_a_new_login_with_the_write() {
    let mut logins = MockLoginStore::new();
    logins.expect_insert().once().returning(|_, along| {
        let told: Notice = along.of::<Telling>().find_map(Telling::says).unwrap();
        assert_eq!((told.user, told.language.as_str(), told.what), (SOMEBODY, "uk", Happened::LoginLinked));
        assert_eq!(told.to, Target::Email("anna@example.org".into()));
        Ok(Inserted::Done)
    });
    let linked = testkit::run(async { oauth(people(), logins).await.link(&login("google")).await });
    assert!(matches!(linked, Ok(Outcome::Linked)));
}

#[test]
fn a_login_that_was_linked_meanwhile_is_linked_or_anothers() {
    let ended = |there: Option<Login>| {
        let mut logins = MockLoginStore::new();
        logins.expect_insert().once().returning(|_, _| Ok(Inserted::Clashes));
        logins.expect_find().once().return_once(|_, _| Ok(there));
        testkit::run(async { oauth(people(), logins).await.link(&login("google")).await })
    };
    assert!(matches!(ended(Some(login("google"))), Ok(Outcome::Linked)));
    let anothers = Login { user: UserId::trusted(8), ..login("google") };
    assert!(matches!(ended(Some(anothers)), Err(Error::Conflict(LOGIN_TAKEN))));
    assert!(matches!(ended(None), Err(Error::Conflict(PROVIDER_LINKED))));
}

#[test]
fn whoever_comes_while_another_takes_the_account_over_finds_the_login() {
    let (mut people, mut logins) = (people(), MockLoginStore::new());
    let mut order = mockall::Sequence::new();
    let proved = Account { email_verified_at: Some(Timestamp::default()), ..somebody() };
    people.expect_by_email().once().in_sequence(&mut order).returning(move |_| Ok(Some(proved.clone())));
    logins.expect_find().once().in_sequence(&mut order).returning(|_, _| Ok(Some(login("google"))));
    people.expect_enter().once().with(mockall::predicate::eq(SOMEBODY)).returning(|_| Ok(None));
    settles_later(people, logins);
}

#[test]
fn the_last_login_goes_only_when_there_is_a_password() {
    for (password, linked, removed) in
        [(false, &["google"][..], false), (true, &["google"], true), (false, &["google", "vk"], true)]
    {
        let mut logins = MockLoginStore::new();
        logins.expect_list().returning(move |_| Ok(linked.iter().map(|name| login(name)).collect()));
        logins.expect_has_password().returning(move |_| Ok(password));
        logins.expect_remove().times(usize::from(removed)).returning(|login, version, _| {
            assert_eq!((login.provider.as_str(), version), ("google", 3));
            Ok(true)
        });
        let done = testkit::run(async { oauth(people(), logins).await.unlink(&caller(), "gmail").await });
        assert_eq!(done.is_ok(), removed, "{done:?}");
    }
}

#[test]
fn a_login_that_went_meanwhile_is_stale() {
    let mut logins = MockLoginStore::new();
    logins.expect_list().returning(|_| Ok(vec![login("google")]));
    logins.expect_has_password().returning(|_| Ok(true));
    logins.expect_remove().returning(|_, _, _| Ok(false));
    let done = testkit::run(async { oauth(people(), logins).await.unlink(&caller(), "google").await });
    assert!(matches!(done, Err(Error::Stale)));
}

#[test]
fn whoever_comes_second_looks_again() {
    let mut signing_up = people();
    signing_up.expect_by_email().returning(|_| Ok(None));
    signing_up.expect_sign_up().once().returning(|newcomer, login| {
        assert_eq!((newcomer.email.as_deref(), newcomer.role), (Some("anna@example.org"), Role::User));
        assert!(newcomer.email_verified_at.is_some() && login.user == newcomer.id);
        Ok(false)
    });
    looks_again(signing_up);

    let mut taking_over = people();
    taking_over.expect_by_email().returning(|_| Ok(Some(somebody())));
    taking_over.expect_take_over().once().returning(|holder, login, now| {
        assert_eq!((holder, login.user, login.created_at), (&somebody(), SOMEBODY, now));
        Ok(None)
    });
    looks_again(taking_over);
}

/// Whoever comes back with a login that is new here finds that these people were written meanwhile.
#[track_caller]
fn looks_again(people: MockPeople) {
    let mut logins = MockLoginStore::new();
    logins.expect_find().times(1).returning(|_, _| Ok(None));
    settles_later(people, logins);
}

/// Nothing comes of a first look at these.
#[track_caller]
fn settles_later(people: MockPeople, logins: MockLoginStore) {
    let dance = Dance::new("google", "/app/".into(), None, Timestamp::default()).unwrap();
    let email = Some("anna@example.org".to_owned());
    let profile = Profile { subject: "s".into(), email, email_verified: true, name: None };
    testkit::run(async {
        let oauth = oauth(people, logins).await;
        let settled = oauth.settle(&dance, &profile, None, &Client::default()).await;
        assert!(settled.unwrap().is_none());
    });
}
