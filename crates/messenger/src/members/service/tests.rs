//! The verbs, over stores that are not there.

use std::time::Duration;

use futures_util::FutureExt;
use stream::Telling;
use testkit::StillClock;
use types::facts::Tell;
use types::{Ids, Role, SessionId};

use super::*;
use crate::chats::{BLOCKED, Kind, MockChatStore, MockPeople, NO_CHAT, NOT_A_GROUP, Seat};

const ANNA: Caller = Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role: Role::User };
const BEN: UserId = UserId::trusted(2);
const CARL: UserId = UserId::trusted(3);
const CHAT: ChatId = ChatId::trusted(7);

fn seat(kind: Kind, rank: Rank) -> Seat {
    let now = StillClock::default().now();
    let chat =
        Chat { id: CHAT, kind, title: None, last_seq: 9, version: 3, created_at: now, updated_at: now };
    Seat { chat, pal: None, rank, read_seq: 0, joined_seq: 0, seen_from: 0, blocked: false }
}

fn member(user: UserId, rank: Rank) -> Member {
    Member { user, rank, seen_from: 9, read_seq: 9, joined_at: StillClock::default().now() }
}

/// Over these stores, in a house where some have no account.
fn members(store: MockMemberStore, chats: MockChatStore, known: &'static [UserId]) -> Members {
    let clock = Arc::new(StillClock::default());
    let ids = Ids::new(clock.clone(), 0, clock.now().plus(Duration::from_mins(1)));
    let mut people = MockPeople::new();
    people.expect_known().returning(|_| Ok(known.to_vec()));
    let (people, teller) = (Arc::new(people), Teller::unheard(ids.clone(), clock.clone()));
    let chats = Chats::new(Arc::new(chats), people.clone(), teller.clone(), ids, clock.clone());
    Members::new(Arc::new(store), chats, people, teller, clock)
}

/// Anna sits like this.
fn anna(kind: Kind, rank: Rank) -> MockChatStore {
    let mut chats = MockChatStore::new();
    chats.expect_seat().returning(move |_, _| Ok(Some(seat(kind, rank))));
    chats.expect_blocking().returning(|_, _| Ok(Vec::new()));
    chats
}

fn said<T: Tell + serde::de::DeserializeOwned>(along: &Along) -> Vec<T> {
    along.of::<Telling>().filter_map(Telling::says).collect()
}

fn refusal<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result {
        Err(Error::NotFound(text) | Error::Forbidden(text) | Error::Conflict(text)) => text.code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn whoever_is_let_in_is_told_of_in_the_same_write() {
    let mut store = MockMemberStore::new();
    let mut found = [None, Some(member(BEN, Rank::Member))].into_iter();
    store.expect_find().times(2).returning(move |_, _| Ok(found.next().unwrap()));
    store.expect_count().once().returning(|_| Ok(MOST - 1));
    store.expect_put().once().returning(|chat, place, _, along| {
        assert_eq!((chat.version, place.user, place.is_new, place.rank), (3, BEN, true, Rank::Member));
        assert_eq!(said::<MemberJoined>(&along), [MemberJoined { chat: CHAT, user: BEN, by: ANNA.user }]);
        Ok(true)
    });
    let members = members(store, anna(Kind::Group, Rank::Admin), &[BEN]);
    let put = members.put(&ANNA, CHAT, BEN, Wish::default()).now_or_never().unwrap();
    assert_eq!(put.unwrap(), (member(BEN, Rank::Member), true));
}

#[test]
fn who_cannot_be_let_in() {
    let put = |known, count, blocking: &'static [UserId]| {
        let mut store = MockMemberStore::new();
        store.expect_find().returning(|_, _| Ok(None));
        store.expect_count().returning(move |_| Ok(count));
        let mut chats = MockChatStore::new();
        chats.expect_seat().returning(|_, _| Ok(Some(seat(Kind::Group, Rank::Admin))));
        chats.expect_blocking().returning(|_, _| Ok(blocking.to_vec()));
        let members = members(store, chats, known);
        refusal(members.put(&ANNA, CHAT, BEN, Wish::default()).now_or_never().unwrap())
    };
    assert_eq!(put(&[], 1, &[]), NO_PERSON.code);
    assert_eq!(put(&[BEN], 1, &[BEN]), BLOCKED.code);
    assert_eq!(put(&[BEN], MOST, &[]), FULL.code);
}

#[test]
fn in_chats_of_two_and_those_of_others_nobody_comes_or_goes() {
    let mut none = MockChatStore::new();
    none.expect_seat().returning(|_, _| Ok(None));
    for (chats, code) in [(anna(Kind::Direct, Rank::Member), NOT_A_GROUP.code), (none, NO_CHAT.code)] {
        let members = members(MockMemberStore::new(), chats, &[BEN]);
        let put = members.put(&ANNA, CHAT, BEN, Wish::default()).now_or_never().unwrap();
        assert_eq!(refusal(put), code);
        for user in [ANNA.user, BEN] {
            assert_eq!(refusal(members.remove(&ANNA, CHAT, user).now_or_never().unwrap()), code);
        }
    }
}

#[test]
fn who_hands_the_group_over_is_told_of_as_well() {
    let mut store = MockMemberStore::new();
    store.expect_find().returning(|_, _| Ok(Some(member(BEN, Rank::Admin))));
    store.expect_put().once().returning(|_, place, _, along| {
        assert_eq!((place.rank, place.former_owner), (Rank::Owner, Some(ANNA.user)));
        let told = said::<MemberJoined>(&along);
        assert_eq!(told.iter().map(|fact| fact.user).collect::<Vec<_>>(), [BEN, ANNA.user]);
        Ok(true)
    });
    let members = members(store, anna(Kind::Group, Rank::Owner), &[BEN]);
    let wish = Wish { rank: Some(Rank::Owner), history: false };
    assert!(!members.put(&ANNA, CHAT, BEN, wish).now_or_never().unwrap().unwrap().1);
}

#[test]
fn administrators_remove_those_who_may_less() {
    for (rank, other, wanted) in [
        (Rank::Owner, Rank::Admin, None),
        (Rank::Owner, Rank::Member, None),
        (Rank::Admin, Rank::Member, None),
        (Rank::Admin, Rank::Admin, Some(NO_RIGHT.code)),
        (Rank::Admin, Rank::Owner, Some(NO_RIGHT.code)),
        (Rank::Member, Rank::Member, Some(NO_RIGHT.code)),
    ] {
        let mut store = MockMemberStore::new();
        store.expect_find().returning(move |_, user| Ok(Some(member(user, other))));
        store.expect_remove().times(usize::from(wanted.is_none())).returning(|_, user, heir, _, along| {
            assert_eq!((user, heir), (BEN, None));
            assert_eq!(said::<MemberLeft>(&along), [MemberLeft { chat: CHAT, user: BEN, by: ANNA.user }]);
            Ok(true)
        });
        let members = members(store, anna(Kind::Group, rank), &[BEN]);
        let removed = members.remove(&ANNA, CHAT, BEN).now_or_never().unwrap();
        match wanted {
            None => removed.unwrap(),
            Some(code) => assert_eq!(refusal(removed), code, "{rank:?} {other:?}"),
        }
    }
}

#[test]
fn an_owner_who_leaves_leaves_it_to_somebody() {
    for heir in [Some(CARL), None] {
        let mut store = MockMemberStore::new();
        store.expect_heir().once().returning(move |_, _| Ok(heir));
        store.expect_remove().once().returning(move |_, user, to, _, along| {
            assert_eq!((user, to), (ANNA.user, heir));
            let told: Vec<UserId> = said::<MemberJoined>(&along).iter().map(|fact| fact.user).collect();
            assert_eq!(told, heir.into_iter().collect::<Vec<_>>());
            Ok(true)
        });
        let members = members(store, anna(Kind::Group, Rank::Owner), &[]);
        members.remove(&ANNA, CHAT, ANNA.user).now_or_never().unwrap().unwrap();
    }
}

#[test]
fn a_removal_that_met_another_change_looks_again() {
    let mut store = MockMemberStore::new();
    let mut found = [Some(member(BEN, Rank::Member)), None].into_iter();
    store.expect_find().times(2).returning(move |_, _| Ok(found.next().unwrap()));
    store.expect_remove().once().returning(|_, _, _, _, _| Ok(false));
    let members = members(store, anna(Kind::Group, Rank::Admin), &[]);
    assert_eq!(refusal(members.remove(&ANNA, CHAT, BEN).now_or_never().unwrap()), NO_MEMBER.code);
}

#[test]
fn whoever_is_gone_leaves_every_group_also_one_that_they_were_just_removed_from() {
    let mut chats = MockChatStore::new();
    chats.expect_seat().returning(|_, chat| Ok((chat == CHAT).then(|| seat(Kind::Group, Rank::Member))));
    let mut store = MockMemberStore::new();
    let mut left = [vec![CHAT, ChatId::trusted(8)], Vec::new()].into_iter();
    store.expect_groups_of().times(2).returning(move |_, _| Ok(left.next().unwrap()));
    store.expect_remove().once().returning(|chat, user, _, _, _| {
        assert_eq!((chat.id, user), (CHAT, BEN));
        Ok(true)
    });
    members(store, chats, &[]).leave_all(BEN).now_or_never().unwrap().unwrap();
}
