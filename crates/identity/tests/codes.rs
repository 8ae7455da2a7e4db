//! What both stores of codes promise, on every engine.
#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use cache::Cache;
use db::{Along, Db, Migration, sql};
use identity::{
    Addressees, Asking, CachedCodes, Code, CodeDue, CodeId, CodeSettings, CodeStore, Codes, Place, Proofs,
    Reason, Sends, SqlAccounts, SqlCodes, Target,
};
use stream::{Stream, Teller};
use testkit::{StillClock, on_every_engine};
use types::facts::Tell;
use types::{Clock, Error, Ids, Language, Result, Timestamp};

/// The schema of identity with that of facts before it.
const SCHEMA: &[Migration] = &testkit::joined::<{ stream::MIGRATIONS.len() + identity::MIGRATIONS.len() }>(
    stream::MIGRATIONS,
    identity::MIGRATIONS,
);
const KEPT: Duration = Duration::from_mins(10);
const GUESSES: usize = 1_000;

fn now() -> Timestamp {
    StillClock::default().now()
}

fn place() -> Place {
    Place::new(&Target::Email("anna@example.org".into()), Reason::Reset)
}

fn code(id: i64) -> Code {
    Code { id: CodeId::trusted(id), is_real: true, sent: 1, sent_at: now(), expires_at: now().plus(KEPT) }
}

fn teller(db: &Db) -> Teller {
    let clock: Arc<dyn Clock> = Arc::new(StillClock::default());
    let ids = Ids::new(clock.clone(), 0, clock.now().plus(Duration::from_hours(1)));
    Stream::new(db.clone(), clock).teller(ids)
}

fn due(code: &Code) -> CodeDue {
    CodeDue {
        code: code.id,
        reason: Reason::Reset,
        to: place().target,
        language: Language::En,
        from: "192.0.2.7".into(),
        sends: Sends::Code,
        expires_at: code.expires_at,
    }
}

async fn facts(db: &Db) -> i64 {
    db.first(sql!("select count(*) from facts where kind = ?", CodeDue::KIND)).await.unwrap().unwrap()
}

/// Each store over this database; several of one kind are several processes.
fn stores(db: &Db) -> [Arc<dyn CodeStore>; 2] {
    let cache = Cache::in_memory(1 << 20, Arc::new(StillClock::default()));
    [Arc::new(SqlCodes::new(db.clone())), Arc::new(CachedCodes::new(cache, db.clone()))]
}

async fn put(store: &dyn CodeStore, code: &Code, last: Option<i64>, along: Along) -> Result<bool> {
    store.put(&place(), code, last.map(CodeId::trusted), KEPT, along).await
}

/// How many of many at once say yes.
async fn yes<F>(many: usize, ask: impl Fn(usize) -> F) -> usize
where
    F: Future<Output = Result<bool>> + Send + 'static,
{
    let asked: Vec<_> = (0..many).map(|n| tokio::spawn(ask(n))).collect();
    let mut yes = 0;
    for answer in asked {
        yes += usize::from(answer.await.unwrap().unwrap());
    }
    yes
}

on_every_engine! {
    SCHEMA;

    async fn a_code_is_kept_with_the_fact_that_it_is_due(test) {
        let teller = teller(&test.db);
        for (already, store) in stores(&test.db).into_iter().enumerate() {
            assert_eq!(store.last(&place()).await.unwrap(), None);
            let along = Along::none().with(teller.tell(&due(&code(1))).unwrap());
            assert!(put(&*store, &code(1), None, along).await.unwrap());
            assert_eq!(store.last(&place()).await.unwrap(), Some(code(1)));
            assert_eq!(facts(&test.db).await, i64::try_from(already).unwrap() + 1);
            let elsewhere = Place::new(&place().target, Reason::Login);
            assert_eq!(store.last(&elsewhere).await.unwrap(), None);
        }
    }

    async fn a_code_follows_the_last_one_and_no_other(test) {
        for store in stores(&test.db) {
            let nothing = Along::none;
            assert!(put(&*store, &code(1), None, nothing()).await.unwrap());
            assert!(!put(&*store, &code(2), None, nothing()).await.unwrap());
            assert!(!put(&*store, &code(2), Some(9), nothing()).await.unwrap());
            assert!(put(&*store, &code(2), Some(1), nothing()).await.unwrap());
            assert!(!put(&*store, &code(3), Some(1), nothing()).await.unwrap());
            assert_eq!(store.last(&place()).await.unwrap(), Some(code(2)));
        }
    }

    async fn of_many_who_ask_at_once_one_is_sent_a_code(test) {
        let teller = teller(&test.db);
        for (already, store) in stores(&test.db).into_iter().enumerate() {
            let sent = yes(40, |n| {
                let (store, code) = (store.clone(), code(i64::try_from(n).unwrap() + 1));
                let along = Along::none().with(teller.tell(&due(&code)).unwrap());
                async move { put(&*store, &code, None, along).await }
            });
            assert_eq!(sent.await, 1);
            assert_eq!(facts(&test.db).await, i64::try_from(already).unwrap() + 1);
        }
    }

    async fn a_thousand_guesses_at_once_get_five_looks(test) {
        for store in stores(&test.db) {
            put(&*store, &code(1), None, Along::none()).await.unwrap();
            let looks = yes(GUESSES, |_| {
                let store = store.clone();
                async move { store.look(&place(), CodeId::trusted(1), 5, now()).await }
            });
            assert_eq!(looks.await, 5);
        }
    }

    async fn a_code_is_used_once_also_by_two_at_the_same_time_and_gives_no_look_then(test) {
        for store in stores(&test.db) {
            put(&*store, &code(1), None, Along::none()).await.unwrap();
            let used = yes(20, |_| {
                let store = store.clone();
                async move { store.use_up(&place(), CodeId::trusted(1)).await }
            });
            assert_eq!(used.await, 1);
            assert!(!store.look(&place(), CodeId::trusted(1), 5, now()).await.unwrap());
            assert!(put(&*store, &code(2), Some(1), Along::none()).await.unwrap());
            assert!(store.look(&place(), CodeId::trusted(2), 5, now()).await.unwrap(), "a new code is a new chance");
        }
    }

    async fn there_is_no_look_at_a_code_that_is_over_or_was_replaced_or_never_was(test) {
        for store in stores(&test.db) {
            assert!(!store.look(&place(), CodeId::trusted(0), 5, now()).await.unwrap());
            put(&*store, &code(1), None, Along::none()).await.unwrap();
            assert!(!store.look(&place(), CodeId::trusted(1), 5, now().plus(KEPT)).await.unwrap());
            put(&*store, &code(2), Some(1), Along::none()).await.unwrap();
            assert!(!store.look(&place(), CodeId::trusted(1), 5, now()).await.unwrap());
            assert!(store.look(&place(), CodeId::trusted(2), 5, now()).await.unwrap());
        }
    }

    async fn a_code_outlives_the_process_that_sent_it_and_nothing_at_rest_tells_it(test) {
        let clock = StillClock::default();
        let anna = Target::Email("anna@example.org".into());
        let asking = Asking { address: "192.0.2.7".into(), language: Language::En };
        let first = codes(&test.db, &clock);
        first.send(&anna, Reason::Reset, &asking, true).await.unwrap();

        let again = codes(&test.reopened(), &clock);
        let too_soon = again.send(&anna, Reason::Reset, &asking, true).await;
        assert!(matches!(too_soon, Err(Error::TooMany(_))), "{too_soon:?}");
        let id = SqlCodes::new(test.db.clone()).last(&place()).await.unwrap().unwrap().id;
        let digits = again.digits().of(id);
        let bodies: Vec<String> = test.db.all(sql!("select body from facts")).await.unwrap();
        assert!(bodies.len() == 1 && !bodies[0].contains(&digits), "{bodies:?}");
        assert!(again.check(&anna, Reason::Reset, "000000").await.is_err() || digits == "000000");
        again.check(&anna, Reason::Reset, &digits).await.unwrap();
        assert!(first.check(&anna, Reason::Reset, &digits).await.is_err());
    }

    async fn nobody_is_known_in_an_empty_house(test) {
        let known = SqlAccounts::new(test.db.clone());
        for target in [Target::Email("anna@example.org".into()), Target::Phone("+380501234567".into())] {
            assert_eq!(known.owner(&target).await.unwrap(), None);
        }
    }
}

/// Codes over this database, as a process has them.
fn codes(db: &Db, clock: &StillClock) -> Codes {
    let time: Arc<dyn Clock> = Arc::new(clock.clone());
    let ids = Ids::new(time.clone(), 1, time.now().plus(Duration::from_hours(1)));
    let settings = CodeSettings {
        key: [3; 32],
        lifetime: KEPT,
        resend: vec![Duration::from_secs(30)],
        tries: 5,
        per_target: 10,
        per_address: 10,
        required: false,
        in_cache: false,
    };
    let (store, known) = (Arc::new(SqlCodes::new(db.clone())), Arc::new(SqlAccounts::new(db.clone())));
    let cache = Cache::in_memory(1 << 20, time.clone());
    Codes::new(settings, store, known, cache, teller(db), ids, time)
}
