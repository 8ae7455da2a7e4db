//! The verbs, over a store that is not there.

use api::idempotency::Kept;
use serde_json::value::RawValue;
use testkit::StillClock;
use types::{FieldError, Role, SessionId, Text};

use super::*;
use crate::door::kinds::External;

const ANNA: Caller = Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role: Role::User };
const NO: Text = Text { code: "no", en: "no", uk: "ні", ru: "нет" };

/// A kind whose payload must have a `url`.
struct Hook;

impl UserKind for Hook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    fn check(&self, payload: &serde_json::Value) -> Vec<FieldError> {
        if payload["url"].is_string() { Vec::new() } else { vec![FieldError::new("payload.url", NO)] }
    }

    fn attempts(&self) -> u32 {
        5
    }
}

fn jobs(store: MockJobStore) -> Jobs {
    let kinds = Kinds::new(vec![Arc::new(Hook), Arc::new(External)]);
    Jobs::new(Arc::new(store), kinds, Arc::new(StillClock::default()))
}

/// A store that takes whatever is put, under ids from this one on.
fn taking(first: i64) -> MockJobStore {
    let mut store = MockJobStore::new();
    store.expect_ids().returning(move |count| Ok((first..).take(count).map(JobId::trusted).collect()));
    store.expect_put().returning(|jobs| Ok(Putting::of(jobs, StillClock::default().now())));
    store
}

fn hook() -> Wanted {
    let payload = RawValue::from_string(r#"{"url": "https://example.org"}"#.into()).ok();
    Wanted { kind: Some("webhook".into()), payload, ..Wanted::default() }
}

fn named(key: &str) -> Wanted {
    Wanted { kind: Some("external".into()), key: Some(key.into()), ..Wanted::default() }
}

fn job(id: i64, wanted: Wanted, state: State) -> Job {
    let now = StillClock::default().now();
    let kinds = Kinds::new(vec![Arc::new(Hook), Arc::new(External)]);
    Job { state, ..Job::new(JobId::trusted(id), wanted.checked(&kinds, ANNA.user, now).unwrap(), now) }
}

fn put(along: &Along) -> Vec<(JobId, Draft)> {
    along.of::<Putting>().flat_map(|putting| putting.jobs().to_vec()).collect()
}

#[tokio::test]
async fn what_is_wanted_goes_along_with_its_key_or_not_at_all() {
    let mut store = taking(7);
    store.expect_made().returning(|_, _| Ok(None));
    store.expect_write().once().returning(|along| {
        let (id, draft) = put(&along).pop().unwrap();
        assert_eq!(
            (id.number(), draft.kind.as_str(), draft.attempts, draft.owner),
            (7, "webhook", 5, Some(ANNA.user))
        );
        assert_eq!(along.of::<Kept>().map(|kept| kept.first_id).collect::<Vec<_>>(), [7]);
        Ok(())
    });
    let key = Key::new("/api/v1/jobs", "a", "/api/v1/jobs", b"{}");
    let made = jobs(store).create(&ANNA, hook(), Some(&key)).await.unwrap();
    assert!(matches!(made, Once::Now(Put::New(job)) if job.id.number() == 7 && job.state == State::Queued));
}

#[tokio::test]
async fn a_kind_has_its_say_about_payloads() {
    let wrong = Wanted { payload: None, ..hook() };
    let refused = jobs(MockJobStore::new()).create_anew(&ANNA, wrong).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid(fields) if fields[0].field == "payload.url"));
    let queue = Wanted { queue: Some("default".into()), ..hook() };
    let refused = jobs(MockJobStore::new()).create_anew(&ANNA, queue).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid(fields) if fields[0].message.text.code == "no_queues"));
}

#[tokio::test]
async fn whoever_comes_second_with_a_name_hears_of_the_first() {
    let mut store = taking(7);
    let mut looks = 0;
    // Nobody is called so yet; and when this one has been written, somebody else is.
    store.expect_by_keys().times(2).returning(move |lane, keys| {
        looks += 1;
        assert_eq!((lane, keys), ("external/1/default", &["a".to_owned()][..]));
        Ok(if looks == 1 { Vec::new() } else { vec![("a".into(), JobId::trusted(3))] })
    });
    store.expect_write().once().returning(|_| Ok(()));
    store.expect_find().returning(|_, id| Ok((id.number() == 3).then(|| job(3, named("a"), State::Queued))));
    let put = jobs(store).create_anew(&ANNA, named("a")).await.unwrap();
    assert!(matches!(put, Put::Open(job) if job.id.number() == 3));
}

#[tokio::test]
async fn of_many_the_good_are_written_and_what_could_not_be_is_said() {
    let mut store = taking(1);
    store.expect_write().times(1).returning(|along| {
        assert_eq!(put(&along).iter().map(|(id, _)| id.number()).collect::<Vec<_>>(), [1, 3]);
        Err(Error::unavailable("no disk"))
    });
    let many = vec![hook(), Wanted::default(), hook()];
    let Once::Now(each) = jobs(store).create_many(&ANNA, many, None).await.unwrap() else {
        panic!("it is new")
    };
    let passing: Vec<bool> = each.iter().map(|made| made.as_ref().unwrap_err().is_passing()).collect();
    assert_eq!(passing, [true, false, true]);
}

#[tokio::test]
async fn what_the_house_does_for_somebody_is_not_theirs_to_see() {
    let mut store = MockJobStore::new();
    store.expect_find().returning(|_, id| {
        let mut own = job(id.number(), hook(), State::Queued);
        own.draft.kind = "chore".into();
        Ok(Some(own))
    });
    let refused = jobs(store).cancel(&ANNA, JobId::trusted(7)).await.unwrap_err();
    assert!(matches!(refused, Error::NotFound(text) if text == texts::NOT_FOUND));
}

#[tokio::test]
async fn trying_again_gives_what_is_left_and_once_at_least() {
    for (attempts, attempt, left) in [(5, 5, 1), (5, 2, 3), (1, 1, 1)] {
        let mut store = MockJobStore::new();
        store.expect_find().returning(move |_, id| {
            let mut dead = job(id.number(), hook(), State::Dead);
            (dead.draft.attempts, dead.attempt) = (attempts, attempt);
            Ok(Some(dead))
        });
        store.expect_retry().once().returning(move |_, again| {
            assert_eq!(again, left);
            Ok(true)
        });
        jobs(store).retry(&ANNA, JobId::trusted(7)).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_over_cannot_be_called_off() {
    let mut store = MockJobStore::new();
    store.expect_find().returning(|_, id| Ok(Some(job(id.number(), hook(), State::Done))));
    store.expect_cancel().returning(|_, _| Ok(false));
    let refused = jobs(store).cancel(&ANNA, JobId::trusted(7)).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict(text) if text == texts::OVER));
}
