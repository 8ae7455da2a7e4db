//! Keys: what may be one, whom it belongs to, and what is made with it.

use std::cell::{Cell, RefCell};

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use db::{Along, Batch, Step, sql};
use futures_util::FutureExt;
use serde_json::{Value, json};
use testkit::on_every_engine;
use types::{Timestamp, UserId};

use super::*;

const ANNA: UserId = UserId::trusted(1);
const BORIS: UserId = UserId::trusted(2);

fn key(name: &str, body: &str) -> Key {
    Key::new("/things", name, "/things", body.as_bytes())
}

fn sent(names: &[&[u8]], address: &str, body: &str) -> Result<(Value, Option<Key>), u16> {
    let mut request = Request::post(address).header("content-type", "application/json");
    for name in names {
        request = request.header("idempotency-key", *name);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let taken = testkit::run(Keyed::<Value>::from_request(request, &()));
    taken.map(|Keyed(body, key)| (body, key)).map_err(|failure| failure.status().as_u16())
}

#[test]
fn a_key_is_a_word_of_visible_letters() {
    assert_eq!(sent(&[], "/things", "{}"), Ok((json!({}), None)));
    for name in ["a", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &"x".repeat(255)] {
        assert_eq!(
            sent(&[name.as_bytes()], "/things", "{\"a\": 1}"),
            Ok((json!({"a": 1}), Some(key(name, "{\"a\": 1}"))))
        );
    }
    for name in ["", " ", "a b", "a\tb", "ключ", &"x".repeat(256)] {
        assert_eq!(sent(&[name.as_bytes()], "/things", "{}"), Err(400), "{name:?}");
    }
    assert_eq!(sent(&[b"a", b"a"], "/things", "{}"), Err(400));
    assert_eq!(sent(&[b"a"], "/things", "{"), Err(400));
}

#[test]
fn a_key_stands_for_one_address_and_one_body() {
    let hash = |address, body| sent(&[b"a"], address, body).unwrap().1.unwrap().body_hash;
    assert_eq!(hash("/things", "{}"), hash("/things", "{}"));
    assert_ne!(hash("/things", "{}"), hash("/things", "{ }"));
    assert_ne!(hash("/things", "{}"), hash("/things?a", "{}"));
}

/// A store in which what was made is found, or is said to be in the way a few times before.
#[derive(Default)]
struct Shelf {
    made: RefCell<Option<Made>>,
    in_the_way: Cell<usize>,
    appears: Option<Made>,
    gone: bool,
    tried: Cell<usize>,
}

impl Shelf {
    fn holding(name: &str, body: &str) -> Self {
        Self { made: RefCell::new(Some(made(name, body))), ..Self::default() }
    }

    fn once(&self, key: &Key) -> Result<Once<i64>> {
        let make = || async {
            self.tried.set(self.tried.get() + 1);
            if self.in_the_way.get() == 0 {
                return Ok(1);
            }
            self.in_the_way.set(self.in_the_way.get() - 1);
            self.made.borrow_mut().clone_from(&self.appears);
            Err(db::Error::Constraint("idempotency_keys_pkey".into()).into())
        };
        let found = || async { Ok(self.made.borrow().clone()) };
        let again = |made: Made| async move { Ok((!self.gone).then_some(made.first_id)) };
        once(key, found, make, again).now_or_never().unwrap()
    }
}

fn made(name: &str, body: &str) -> Made {
    key(name, body).made(7, 1)
}

#[test]
fn what_was_made_is_not_made_again() {
    assert_eq!(Shelf::default().once(&key("a", "{}")).unwrap(), Once::Now(1));
    let full = Shelf::holding("a", "{}");
    assert_eq!(full.once(&key("a", "{}")).unwrap(), Once::Before(7));
    assert_eq!(full.once(&key("a", "{ }")).unwrap(), Once::Reused);
    let gone = Shelf { gone: true, ..Shelf::holding("a", "{}") };
    assert_eq!(gone.once(&key("a", "{}")).unwrap(), Once::Gone);
    assert_eq!((full.tried.get(), gone.tried.get()), (0, 0));
}

#[test]
fn who_comes_second_hears_what_the_first_one_made() {
    let meanwhile = Shelf { in_the_way: Cell::new(1), appears: Some(made("a", "{}")), ..Shelf::default() };
    assert_eq!(meanwhile.once(&key("a", "{}")).unwrap(), Once::Before(7));
    let undone = Shelf { in_the_way: Cell::new(1), ..Shelf::default() };
    assert_eq!(undone.once(&key("a", "{}")).unwrap(), Once::Now(1));
    let endless = Shelf { in_the_way: Cell::new(usize::MAX), ..Shelf::default() };
    assert!(matches!(endless.once(&key("a", "{}")), Err(Error::Unavailable { .. })));
    assert_eq!(endless.tried.get(), TRIES);
}

#[test]
fn what_fails_for_another_reason_has_failed() {
    let tried = Cell::new(0);
    let make = || async {
        tried.set(tried.get() + 1);
        Err::<i64, _>(db::Error::Constraint("things_name".into()).into())
    };
    let failed = once(&key("a", "{}"), async || Ok(None), make, async |_| Ok(None)).now_or_never().unwrap();
    assert!(matches!(failed, Err(Error::Internal { .. })), "{failed:?}");
    assert_eq!(tried.get(), 1);
}

#[test]
fn the_answer_says_what_came_of_it() {
    let answer = |once: Once<&'static str>| {
        let response = once.into_response();
        let replayed = response.headers().get(REPLAYED).map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), replayed)
    };
    assert_eq!(answer(Once::Now("made")), (200, None));
    assert_eq!(answer(Once::Before("made")), (200, Some("true".to_owned())));
    assert_eq!(answer(Once::Gone), (410, None));
    assert_eq!(answer(Once::Reused), (422, None));
}

/// Something else that is written with a key.
#[derive(Debug)]
struct Other(Step);

impl db::Companion for Other {
    fn steps(&self) -> Vec<Step> {
        vec![self.0.clone()]
    }
}

async fn keep(db: &Db, kept: Kept) -> db::Result<()> {
    db.write(Batch::new().along(Along::none().with(kept))).await
}

on_every_engine! { crate::MIGRATIONS;
    async fn a_key_belongs_to_its_caller_and_its_route(test) {
        let (db, at) = (&test.db, Timestamp::from_millis(1));
        keep(db, key("a", "{}").kept(ANNA, 7, 2, at)).await.unwrap();
        let again = keep(db, key("a", "other").kept(ANNA, 8, 1, at)).await.unwrap_err();
        assert!(is_taken(&again.into()), "it names the constraint that the next look depends on");
        let wanted = key("a", "{}").made(7, 2);
        assert_eq!(found(db, ANNA, &key("a", "other")).await.unwrap(), Some(wanted));

        let elsewhere = Key::new("/others", "a", "/others", b"{}");
        assert_eq!(found(db, BORIS, &key("a", "{}")).await.unwrap(), None);
        assert_eq!(found(db, ANNA, &elsewhere).await.unwrap(), None);
        assert_eq!(found(db, ANNA, &key("A", "{}")).await.unwrap(), None, "letters have a case");
        keep(db, key("a", "{}").kept(BORIS, 8, 1, at)).await.unwrap();
        keep(db, elsewhere.kept(ANNA, 9, 1, at)).await.unwrap();
        keep(db, key("A", "{}").kept(ANNA, 10, 1, at)).await.unwrap();
    }

    async fn a_key_is_there_exactly_if_its_write_is(test) {
        let db = &test.db;
        let missed = Step::new(sql!("update idempotency_keys set items = 2 where caller_id = ?", BORIS), db::Rows::Exactly(1));
        let along = Along::none().with(key("a", "{}").kept(ANNA, 7, 1, Timestamp::from_millis(1))).with(Other(missed));
        db.write(Batch::new().along(along)).await.unwrap_err();
        assert_eq!(found(db, ANNA, &key("a", "{}")).await.unwrap(), None);
    }

    async fn old_keys_are_forgotten_and_no_others(test) {
        let db = &test.db;
        for n in 0..600 {
            keep(db, key(&n.to_string(), "{}").kept(ANNA, n + 1, 1, Timestamp::from_millis(n))).await.unwrap();
        }
        let day_after = Timestamp::from_millis(599).plus(GOOD);
        let mut gone = Vec::new();
        while gone.last() != Some(&0) {
            gone.push(forget(db, day_after).await.unwrap());
        }
        assert_eq!(gone, [500, 99, 0]);
        assert_eq!(found(db, ANNA, &key("598", "{}")).await.unwrap(), None);
        assert_eq!(found(db, ANNA, &key("599", "{}")).await.unwrap().map(|made| made.first_id), Some(600));
    }
}
