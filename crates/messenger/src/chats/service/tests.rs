//! The verbs, over a store that is not there.

use api::idempotency::{Kept, Once};
use futures_util::FutureExt;
use stream::Telling;
use testkit::StillClock;
use types::facts::Tell;
use types::{Expected, Role, SessionId};

use super::*;
use crate::chats::{NO_RIGHT, NOT_A_GROUP, Rank, TRIES, Wanted};

const ANNA: Caller = Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role: Role::User };
const BEN: UserId = UserId::trusted(2);
const CARL: UserId = UserId::trusted(3);
const CHAT: ChatId = ChatId::trusted(7);

/// Everybody has an account but whoever has a number above 100.
fn chats(store: MockChatStore) -> Chats {
    let clock = Arc::new(StillClock::default());
    let ids = Ids::new(clock.clone(), 0, clock.now().plus(std::time::Duration::from_mins(1)));
    let mut people = MockPeople::new();
    let known = |ids: &[UserId]| Ok(ids.iter().copied().filter(|id| id.number() < 100).collect());
    people.expect_known().returning(known);
    Chats::new(Arc::new(store), Arc::new(people), Teller::unheard(ids.clone(), clock.clone()), ids, clock)
}

fn view(kind: Kind, rank: Rank, version: i64) -> View {
    let now = StillClock::default().now();
    let title = (kind == Kind::Group).then(|| "Hike".to_owned());
    View {
        chat: Chat { id: CHAT, kind, title, last_seq: 0, version, created_at: now, updated_at: now },
        pal: (kind == Kind::Direct).then_some(BEN),
        rank,
        read_seq: 0,
        unread: 0,
        last: None,
    }
}

fn said<T: Tell + serde::de::DeserializeOwned>(along: &Along) -> Option<T> {
    along.of::<Telling>().find_map(Telling::says)
}

fn group(members: &[UserId]) -> Wanted {
    Wanted::Group(" Hike ".into(), members.to_vec())
}

fn key() -> Key {
    Key::new("/api/v1/chats", "a", "/api/v1/chats", b"{}")
}

fn opened(store: MockChatStore, wanted: Wanted, key: Option<&Key>) -> Result<Once<View>> {
    chats(store).open(&ANNA, wanted, key).now_or_never().unwrap()
}

#[test]
fn a_group_is_its_makers_and_everybody_is_in_it_once() {
    let mut store = MockChatStore::new();
    store.expect_blocking().once().returning(|_, _| Ok(Vec::new()));
    store.expect_make().once().returning(|group, along| {
        assert_eq!((group.title.as_str(), group.owner), ("Hike", ANNA.user));
        assert_eq!(group.others, [BEN, CARL]);
        let fact: ChatChanged = said(&along).expect("the fact goes along");
        assert_eq!((fact.chat, fact.by), (group.id, ANNA.user));
        let kept: Vec<&Kept> = along.of().collect();
        assert_eq!(kept, [&key().kept(ANNA.user, group.id.number(), 1, group.created_at)]);
        Ok(())
    });
    store.expect_made().once().returning(|_, _| Ok(None));
    store.expect_view().once().returning(|_, _| Ok(Some(view(Kind::Group, Rank::Owner, 1))));
    let made = opened(store, group(&[CARL, BEN, CARL, ANNA.user]), Some(&key()));
    assert!(matches!(made, Ok(Once::Now(_))));
}

#[test]
fn a_chat_of_two_keeps_the_key_that_it_was_made_with() {
    let mut store = MockChatStore::new();
    store.expect_made().once().returning(|_, _| Ok(None));
    store.expect_direct().once().returning(|_, _| Ok(None));
    store.expect_is_blocked().once().returning(|_, _| Ok(false));
    store.expect_open().once().returning(|chat, _, _, now, along| {
        let kept: Vec<&Kept> = along.of().collect();
        assert_eq!(kept, [&key().kept(ANNA.user, chat.number(), 1, now)]);
        Ok(true)
    });
    store.expect_view().once().returning(|_, _| Ok(Some(view(Kind::Direct, Rank::Member, 1))));
    assert!(matches!(opened(store, Wanted::With(BEN), Some(&key())), Ok(Once::Now(_))));
}

#[test]
fn nobody_is_in_a_group_who_has_no_account_or_blocks_its_maker() {
    let refused = |members: &[UserId], blocking: &'static [UserId]| {
        let mut store = MockChatStore::new();
        store.expect_blocking().returning(|_, _| Ok(blocking.to_vec()));
        opened(store, group(members), None).map(|_| "made").unwrap_err()
    };
    let Error::Invalid(fields) = refused(&[BEN, UserId::trusted(100)], &[]) else {
        panic!("a field is wrong")
    };
    assert_eq!((&*fields[0].field, &fields[0].message.args), ("members", &vec!["100".to_owned()]));
    assert!(matches!(refused(&[BEN, CARL], &[CARL]), Error::Forbidden(BLOCKED)));
    let many: Vec<UserId> = (1..=1_001).map(UserId::trusted).collect();
    assert!(matches!(refused(&many, &[]), Error::Invalid(_)));
}

fn renamed(store: MockChatStore, expected: &Expected) -> Result<View> {
    chats(store).rename(&ANNA, CHAT, "Walk", expected).now_or_never().unwrap()
}

#[test]
fn administrators_rename_what_is_a_group() {
    for (kind, rank, wanted) in [
        (Kind::Group, Rank::Owner, Ok("Walk")),
        (Kind::Group, Rank::Admin, Ok("Walk")),
        (Kind::Group, Rank::Member, Err(NO_RIGHT)),
        (Kind::Direct, Rank::Member, Err(NOT_A_GROUP)),
    ] {
        let mut store = MockChatStore::new();
        store.expect_view().once().returning(move |_, _| Ok(Some(view(kind, rank, 3))));
        store.expect_rename().times(usize::from(wanted.is_ok())).returning(|renamed, along| {
            assert_eq!((renamed.title.as_deref(), renamed.version), (Some("Walk"), 4));
            assert!(said::<ChatChanged>(&along).is_some());
            Ok(true)
        });
        match (renamed(store, &Expected::Any), wanted) {
            (Ok(view), Ok(title)) => assert_eq!(view.chat.title.as_deref(), Some(title)),
            (Err(Error::Forbidden(text) | Error::Conflict(text)), Err(wanted)) => assert_eq!(text, wanted),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_name_that_met_another_change_is_given_again_unless_it_is_meant_for_one_version() {
    let mut store = MockChatStore::new();
    let mut version = 2;
    store.expect_view().times(2).returning(move |_, _| {
        version += 1;
        Ok(Some(view(Kind::Group, Rank::Admin, version)))
    });
    store.expect_rename().times(2).returning(|renamed, _| Ok(renamed.version == 5));
    assert_eq!(renamed(store, &Expected::Any).unwrap().chat.version, 5);

    let mut store = MockChatStore::new();
    store.expect_view().returning(|_, _| Ok(Some(view(Kind::Group, Rank::Admin, 3))));
    assert!(matches!(renamed(store, &Expected::OneOf(vec![2])), Err(Error::Outdated)));

    let mut store = MockChatStore::new();
    store.expect_view().returning(|_, _| Ok(Some(view(Kind::Group, Rank::Admin, 3))));
    store.expect_rename().times(TRIES).returning(|_, _| Ok(false));
    assert!(matches!(renamed(store, &Expected::Any), Err(Error::Stale)));
}

#[test]
fn a_glance_counts_all_and_shows_the_newest() {
    let mut store = MockChatStore::new();
    store.expect_unread().once().returning(|_| {
        Ok((1..=7).map(|id| Unread { id: ChatId::trusted(id), at: 100 + id % 5, unread: 2 }).collect())
    });
    store.expect_view().times(5).returning(|_, id| {
        let mut view = view(Kind::Group, Rank::Member, 1);
        (view.chat.id, view.unread) = (id, if id.number() == 3 { 0 } else { 2 });
        Ok(Some(view))
    });
    let glance = chats(store).glance(&ANNA).now_or_never().unwrap().unwrap();
    let shown: Vec<i64> = glance.chats.iter().map(|view| view.chat.id.number()).collect();
    assert_eq!(glance.unread, 14);
    assert_eq!((shown.len(), shown[0]), (4, 4), "what was read meanwhile is not shown: {shown:?}");
}
