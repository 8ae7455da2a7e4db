use std::sync::Arc;
use std::time::Duration;

use api::{KeySet, Verifier};
use cache::Cache;
use stream::Teller;
use testkit::StillClock;
use types::{Clock, Error, Ids, Role, SessionId, Timestamp};

use super::*;
use crate::accounts::stage::{SOMEBODY, somebody};
use crate::accounts::{Known, Means, MockAccountStore};
use crate::sessions::refresh::RefreshToken;
use crate::sessions::service::MockSessionStore;
use crate::sessions::standing::Standing;
use crate::sessions::{Endings, Guard, LoginLimits, Minting, Sealer, Session};
use crate::{Accounts, Cost, PasswordRule, Passwords, SigningKeys};

const HOME: &str = "203.0.113.7";
const LIMITS: LoginLimits = LoginLimits {
    window: Duration::from_mins(15),
    per_account_and_subnet: 2,
    per_account: 2,
    per_address: 2,
    per_subnet: 2,
};

fn session(now: Timestamp) -> Session {
    Session {
        id: SessionId::trusted(9),
        owner: SOMEBODY,
        agent: String::new(),
        address: HOME.into(),
        created_at: now,
        seen_at: now,
        expires_at: now.plus(Duration::from_hours(1)),
    }
}

fn standing(now: Timestamp, token: &RefreshToken) -> Standing {
    Standing {
        session: session(now),
        role: Role::User,
        generation: 1,
        rotation: 0,
        rotated_at: now,
        used: true,
        current: token.hash().to_vec(),
        previous: None,
    }
}

/// Anna with one session, opened at home; and the cookie of that session.
fn sessions() -> (Sessions, String) {
    let clock: Arc<dyn Clock> = Arc::new(StillClock::default());
    let now = clock.now();
    let sealer = Sealer::new(&[1; 32]);
    let token = Sealer::first(SOMEBODY, SessionId::trusted(9), [2; 32]);
    let mut accounts = MockAccountStore::new();
    accounts.expect_recognise().returning(move |identifier| {
        let known = *identifier == crate::Identifier::Email("anna@example.org".into());
        Ok(known.then(|| Known { account: somebody(), password_hash: None, left_at: None }))
    });
    let mut store = MockSessionStore::new();
    store
        .expect_list()
        .returning(move |owner, _, _| Ok(if owner == SOMEBODY { vec![session(now)] } else { vec![] }));
    let standing = standing(now, &token);
    store.expect_find().returning(move |owner, id| {
        Ok(Some(standing.clone()).filter(|it| (it.session.owner, it.session.id) == (owner, id)))
    });
    let ids = Ids::new(clock.clone(), 0, now.plus(Duration::from_mins(1)));
    let passwords = Passwords::start(Cost { memory_kib: 8, passes: 1, lanes: 1 }, 1, 8).unwrap();
    let teller = Teller::unheard(ids.clone(), clock.clone());
    let rule = PasswordRule { least: 8, most: 128 };
    let minting = Minting {
        keys: SigningKeys::in_memory(Duration::from_mins(5), clock.clone()).unwrap(),
        verifier: Verifier::new(KeySet::default(), "daybook", "daybook", clock.clone()),
        sealer: sealer.clone(),
        access_ttl: Duration::from_mins(5),
        ttl: Duration::from_hours(1),
        secure: false,
    };
    let guard = Guard::new(Cache::in_memory(1 << 20, clock.clone()), LIMITS, clock.clone());
    let ended = minting.verifier.ended().clone();
    let endings = Endings::new(ended, minting.access_ttl, ids.clone(), clock.clone());
    let proofs: Arc<dyn crate::Proofs> = Arc::new(crate::proofs::MockProofs::new());
    let means = Means {
        passwords,
        rule,
        proofs,
        endings: endings.clone(),
        teller,
        ids: ids.clone(),
        clock: clock.clone(),
    };
    let accounts = Accounts::new(Arc::new(accounts), means);
    let cookie = sealer.write(&token);
    (Sessions::new(accounts, Arc::new(store), minting, guard, endings, ids, clock), cookie)
}

fn client(address: &str, cookie: Option<&str>) -> Client {
    Client { agent: String::new(), address: address.into(), cookie: cookie.map(str::to_owned) }
}

/// How many of ten wrong passwords are looked at.
async fn looked_at(sessions: &Sessions, name: &str, client: &Client) -> usize {
    let mut count = 0;
    for _ in 0..10 {
        match sessions.sign_in(name, "wrong".into(), client).await {
            Err(Error::Unauthenticated(_)) => count += 1,
            Err(Error::TooMany(rest)) => assert!(!rest.is_zero()),
            other => panic!("{other:?}"),
        }
    }
    count
}

#[test]
fn where_there_is_a_session_others_failures_do_not_count() {
    testkit::run(async {
        let (sessions, _) = sessions();
        let neighbour = client("203.0.113.8", None);
        assert_eq!(looked_at(&sessions, "anna@example.org", &neighbour).await, 2);
        assert_eq!(
            looked_at(&sessions, "anna@example.org", &client(HOME, None)).await,
            2,
            "her own failures do"
        );
        assert_eq!(looked_at(&sessions, "boris@example.org", &client(HOME, None)).await, 0);
    });
}

#[test]
fn whoever_holds_the_cookie_of_a_session_is_judged_alone() {
    testkit::run(async {
        let (sessions, cookie) = sessions();
        let cafe = "198.51.100.1";
        assert_eq!(looked_at(&sessions, "anna@example.org", &client(cafe, None)).await, 2);
        assert_eq!(looked_at(&sessions, "anna@example.org", &client(cafe, Some("nonsense"))).await, 0);
        assert_eq!(looked_at(&sessions, "boris@example.org", &client(cafe, Some(&cookie))).await, 0);
        let other = Sealer::new(&[1; 32]).write(&Sealer::first(SOMEBODY, SessionId::trusted(9), [3; 32]));
        assert_eq!(looked_at(&sessions, "anna@example.org", &client(cafe, Some(&other))).await, 0);
        assert_eq!(looked_at(&sessions, "anna@example.org", &client(cafe, Some(&cookie))).await, 2);
    });
}

#[test]
fn a_name_without_an_account_is_counted_like_any_other() {
    testkit::run(async {
        for name in ["anna@example.org", "nobody@example.org", "+380441234567", "somebody", "no\u{0}name"] {
            let (sessions, _) = sessions();
            assert_eq!(looked_at(&sessions, name, &client("192.0.2.1", None)).await, 2, "{name:?}");
        }
    });
}

#[test]
fn a_cookie_is_never_in_the_log() {
    assert!(!format!("{:?}", client(HOME, Some("secret"))).contains("secret"));
}
