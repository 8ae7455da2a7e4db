//! The verbs, over a store that is not there.

use api::idempotency::{Kept, Once};
use futures_util::FutureExt;
use stream::Telling;
use testkit::StillClock;
use types::facts::tasks::TasksCreated;
use types::{ListId, Role, SessionId};

use super::*;
use crate::details::Details;
use crate::lists::MockListStore;

const ANNA: Caller = Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role: Role::User };

fn tasks(store: MockTaskStore) -> Tasks {
    let clock = Arc::new(StillClock::default());
    let ids = Ids::new(clock.clone(), 0, clock.now().plus(std::time::Duration::from_mins(1)));
    Tasks::new(
        Arc::new(store),
        Arc::new(MockListStore::new()),
        Teller::unheard(ids.clone(), clock.clone()),
        ids,
        clock,
    )
}

fn milk(version: i64) -> Task {
    let now = StillClock::default().now();
    Task {
        id: TaskId::trusted(7),
        title: "Milk".into(),
        note: None,
        completed: false,
        details: None,
        position: 7 << 10,
        version,
        created_at: now,
        updated_at: now,
    }
}

fn said<T: Tell + serde::de::DeserializeOwned>(along: &Along) -> Option<T> {
    along.of::<Telling>().find_map(Telling::says)
}

fn draft() -> Draft {
    Draft { title: "Milk".into(), ..Draft::default() }
}

fn key() -> Key {
    Key::new("/api/v1/tasks", "a", "/api/v1/tasks", b"{}")
}

#[test]
fn what_is_created_is_told_in_the_same_write() {
    let mut store = MockTaskStore::new();
    store.expect_insert().once().returning(|owner, task, along| {
        let fact: TaskCreated = said(&along).expect("the fact goes along");
        assert_eq!((fact.id, fact.owner, fact.version), (task.id, owner, 1));
        Ok(())
    });
    let draft = Draft { title: "  Milk ".into(), note: Some(String::new()), ..Draft::default() };
    let task = tasks(store).create(&ANNA, draft).now_or_never().unwrap().unwrap();
    assert_eq!((task.title.as_str(), task.note, task.version), ("Milk", None, 1));
}

#[test]
fn the_key_is_in_the_write_of_what_it_made() {
    let mut store = MockTaskStore::new();
    store.expect_made().once().returning(|_, _| Ok(None));
    store.expect_insert().once().returning(|owner, task, along| {
        let kept: Vec<&Kept> = along.of().collect();
        assert_eq!(kept, [&key().kept(owner, task.id.number(), 1, task.created_at)]);
        assert!(said::<TaskCreated>(&along).is_some(), "and so is the fact");
        Ok(())
    });
    let tasks = tasks(store);
    let made = tasks.create_once(&ANNA, draft(), Some(&key())).now_or_never().unwrap().unwrap();
    assert!(matches!(made, Once::Now(_)));
}

#[test]
fn without_a_key_nobody_looks_for_one() {
    let mut store = MockTaskStore::new();
    store.expect_insert().once().returning(|_, _, along| {
        assert_eq!(along.of::<Kept>().count(), 0);
        Ok(())
    });
    let tasks = tasks(store);
    assert!(matches!(tasks.create_once(&ANNA, draft(), None).now_or_never().unwrap(), Ok(Once::Now(_))));
}

fn many() -> Vec<Draft> {
    let details = Details { list_id: Some(ListId::trusted(17)), ..Details::default() }.kept();
    vec![draft(), Draft::default(), Draft { details, ..draft() }, draft(), draft()]
}

/// Her lists cannot be seen, or there are none.
fn with_lists(store: MockTaskStore, away: bool) -> Tasks {
    let mut lists = MockListStore::new();
    lists.expect_find().returning(move |_, _| if away { Err(Error::unavailable("away")) } else { Ok(None) });
    Tasks { lists: Arc::new(lists), ..tasks(store) }
}

fn make_many(tasks: &Tasks, drafts: Vec<Draft>) -> Result<Once<Vec<Result<Option<Task>>>>> {
    tasks.create_many_once(&ANNA, drafts, Some(&key())).now_or_never().unwrap()
}

#[test]
fn many_are_made_in_one_write_with_their_key() {
    let mut store = MockTaskStore::new();
    store.expect_made().once().returning(|_, _| Ok(None));
    store.expect_insert_all().once().returning(|owner, tasks, along| {
        let kept: Vec<&Kept> = along.of().collect();
        assert_eq!(kept, [&key().kept(owner, tasks[0].id.number(), 5, tasks[0].created_at)]);
        let told: TasksCreated = said(&along).expect("the fact goes along");
        assert_eq!(told.ids, tasks.iter().map(|task| task.id).collect::<Vec<_>>());
        Ok(())
    });
    let Once::Now(made) = make_many(&with_lists(store, false), many()).unwrap() else { panic!("it is new") };
    let of: Vec<_> = made.iter().flatten().flatten().map(|task| task.id).collect();
    assert_eq!(Ids::run(of[0], 5).collect::<Vec<_>>()[3..], of[1..]);
    assert!(matches!((&made[1], &made[2]), (Err(Error::Invalid(_)), Err(Error::Invalid(_)))));
}

#[test]
fn many_that_were_made_are_looked_for_and_the_others_judged_again() {
    let ids: Vec<TaskId> = Ids::run(TaskId::trusted(7), 5).collect();
    let (first, last) = (ids[0], ids[4]);
    let mut store = MockTaskStore::new();
    store.expect_made().returning(move |_, _| Ok(Some(key().made(first.number(), 5))));
    store.expect_find_all().once().returning(move |_, _| Ok(vec![Task { id: first, ..milk(3) }]));
    store.expect_gone().once().returning(move |_, _| Ok(vec![last]));
    let Once::Before(made) = make_many(&with_lists(store, false), many()).unwrap() else {
        panic!("it is not")
    };
    assert!(matches!(&made[0], Ok(Some(task)) if task.version == 3));
    assert!(matches!((&made[1], &made[2]), (Err(Error::Invalid(_)), Err(Error::Invalid(_)))));
    assert!(matches!((&made[3], &made[4]), (Err(Error::Stale), Ok(None))), "nothing is against it any more");
}

#[test]
fn many_are_not_made_where_that_would_need_no_key_or_too_much_for_one() {
    let mut store = MockTaskStore::new();
    store.expect_made().returning(|_, _| Ok(None));
    let tasks = with_lists(store, true);
    let refused = make_many(&tasks, vec![Draft::default(); 3]).unwrap();
    assert!(matches!(refused, Once::Now(refused) if refused.len() == 3), "nothing is written at all");
    assert!(
        matches!(make_many(&tasks, many()), Err(Error::Unavailable { .. })),
        "nobody could judge the third"
    );
    let labels = (0..20).map(|n| n.to_string()).collect();
    let heavy = Draft { details: Details { labels, ..Details::default() }.kept(), ..draft() };
    assert!(matches!(make_many(&tasks, vec![heavy; 300]), Err(Error::Invalid(_))));
}

#[test]
fn nothing_is_written_for_a_draft_that_cannot_be_kept() {
    let tasks = tasks(MockTaskStore::new());
    let refused = tasks.create(&ANNA, Draft { title: "x".repeat(501), ..Draft::default() });
    assert!(matches!(refused.now_or_never().unwrap(), Err(Error::Invalid(_))));
}

#[test]
fn a_change_that_met_another_is_made_again_on_what_is_there_now() {
    let mut store = MockTaskStore::new();
    let mut versions = 1..;
    store.expect_find().times(2).returning(move |_, _| Ok(versions.next().map(milk)));
    store.expect_update().times(2).returning(|_, _, task, along| {
        assert_eq!(said::<TaskChanged>(&along).map(|fact| fact.version), Some(task.version));
        Ok(task.version == 3)
    });
    let change = Change { completed: Some(true), ..Change::default() };
    let changed = tasks(store)
        .change(&ANNA, TaskId::trusted(7), change, &Expected::Any)
        .now_or_never()
        .unwrap()
        .unwrap();
    assert_eq!((changed.version, changed.completed), (3, true));
}

#[test]
fn a_change_that_changes_nothing_writes_nothing() {
    let mut store = MockTaskStore::new();
    store.expect_find().once().returning(|_, _| Ok(Some(milk(1))));
    let same = Change { title: Some("Milk".into()), ..Change::default() };
    let task =
        tasks(store).change(&ANNA, TaskId::trusted(7), same, &Expected::Any).now_or_never().unwrap().unwrap();
    assert_eq!(task.version, 1);
}

#[test]
fn a_change_of_one_version_is_never_made_of_another() {
    let mut store = MockTaskStore::new();
    let mut versions = 3..;
    store.expect_find().returning(move |_, _| Ok(versions.next().map(milk)));
    store.expect_update().once().returning(|_, _, _, _| Ok(false));
    store.expect_delete().once().returning(|_, _, _, _| Ok(false));
    let (tasks, id) = (tasks(store), TaskId::trusted(7));
    let change = |version| {
        let done = Change { completed: Some(true), ..Change::default() };
        tasks.change(&ANNA, id, done, &Expected::OneOf(vec![version])).now_or_never().unwrap()
    };
    // It was at 3 when it was looked at, and at 4 when it was to be written.
    assert!(matches!(change(3), Err(Error::Outdated)));
    assert!(matches!(change(4), Err(Error::Outdated)), "it is at 5, and is not written at all");
    let expected = Expected::OneOf(vec![6, 17]);
    assert!(matches!(tasks.delete(&ANNA, id, &expected).now_or_never().unwrap(), Err(Error::Outdated)));
}

#[test]
fn what_is_not_there_is_not_found() {
    let mut store = MockTaskStore::new();
    store.expect_find().returning(|_, _| Ok(None));
    store.expect_find_deleted().returning(|_, _| Ok(None));
    let tasks = tasks(store);
    let id = TaskId::trusted(7);
    assert!(matches!(
        tasks.delete(&ANNA, id, &Expected::Any).now_or_never().unwrap(),
        Err(Error::NotFound(_))
    ));
    assert!(matches!(tasks.restore(&ANNA, id).now_or_never().unwrap(), Err(Error::NotFound(_))));
}

#[test]
fn a_store_that_is_away_is_not_an_empty_list() {
    let mut store = MockTaskStore::new();
    store.expect_list().returning(|_, _| Err(Error::unavailable("away")));
    let listed = tasks(store).list(&ANNA, &Filter::default()).now_or_never().unwrap();
    assert!(matches!(listed, Err(Error::Unavailable { .. })));
}
