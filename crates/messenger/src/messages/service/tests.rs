//! The verbs, over stores that are not there.

use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use stream::Telling;
use testkit::StillClock;
use types::facts::Tell;
use types::facts::messages::{ChatChanged, ChatRead, MessageSent};
use types::{Expected, Role, SessionId};

use super::*;
use crate::chats::{BLOCKED, Chat, ChatStore, Direct, MockChatStore, MockPeople, NO_PERSON, Rank};
use crate::messages::NOT_YOURS;

const ANNA: Caller = Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role: Role::User };
const BEN: UserId = UserId::trusted(2);
const CHAT: ChatId = ChatId::trusted(5);

fn messages(store: MockMessageStore, chats: MockChatStore, people: MockPeople) -> Messages {
    let clock = Arc::new(StillClock::default());
    let ids = Ids::new(clock.clone(), 0, clock.now().plus(std::time::Duration::from_mins(1)));
    let teller = Teller::unheard(ids.clone(), clock.clone());
    let chats: Arc<dyn ChatStore> = Arc::new(chats);
    let chats = Chats::new(chats, Arc::new(people), teller.clone(), ids.clone(), clock.clone());
    Messages::new(Arc::new(store), chats, teller, ids, clock)
}

fn said<T: Tell + DeserializeOwned>(along: &Along) -> Option<T> {
    along.of::<Telling>().find_map(Telling::says)
}

fn seat(last_seq: i64, read_seq: i64) -> Seat {
    let now = StillClock::default().now();
    let chat = Chat {
        id: CHAT,
        kind: Kind::Direct,
        title: None,
        last_seq,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    Seat { chat, pal: Some(BEN), rank: Rank::Member, read_seq, joined_seq: 0, seen_from: 0, blocked: false }
}

fn view(Seat { chat, pal, rank, read_seq, .. }: Seat) -> View {
    View { chat, pal, rank, read_seq, unread: 0, last: None }
}

fn hello(user: UserId) -> Message {
    Message {
        id: MessageId::trusted(7),
        chat: CHAT,
        seq: 3,
        user,
        text: Some("Hello".into()),
        version: 1,
        created_at: StillClock::default().now(),
        edited_at: None,
        deleted_at: None,
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing here waits")
}

#[test]
fn the_first_message_opens_the_chat_and_is_told_with_its_write() {
    let (mut store, mut chats, mut people) =
        (MockMessageStore::new(), MockChatStore::new(), MockPeople::new());
    chats.expect_direct().once().returning(|_, _| Ok(None));
    chats.expect_is_blocked().returning(|_, _| Ok(false));
    people.expect_known().once().returning(|ids| Ok(ids.to_vec()));
    chats.expect_open().once().returning(|id, one, other, _, along| {
        assert_eq!((one, other), (ANNA.user, BEN));
        assert_eq!(said::<ChatChanged>(&along).map(|fact| fact.chat), Some(id));
        Ok(true)
    });
    store.expect_insert().once().returning(|message, along| {
        let fact: MessageSent = said(&along).expect("the fact goes along");
        assert_eq!(
            (fact.id, fact.chat, fact.from, fact.to),
            (message.id, message.chat, ANNA.user, Some(BEN))
        );
        Ok(true)
    });
    let sent = now(messages(store, chats, people).send_to(&ANNA, BEN, "message", "Hello")).unwrap();
    assert_eq!(sent.text, "Hello");
}

#[test]
fn nobody_talks_with_whom_they_block_or_with_nobody() {
    let mut chats = MockChatStore::new();
    chats.expect_direct().returning(|_, _| Ok(Some(Direct { id: CHAT, last_seq: 0, blocked: true })));
    let blocked = messages(MockMessageStore::new(), chats, MockPeople::new());
    let refused = now(blocked.send_to(&ANNA, BEN, "message", "Hello"));
    assert!(matches!(refused, Err(Error::Forbidden(text)) if text == BLOCKED));

    let (mut chats, mut people) = (MockChatStore::new(), MockPeople::new());
    chats.expect_direct().returning(|_, _| Ok(None));
    people.expect_known().returning(|_| Ok(Vec::new()));
    let alone = messages(MockMessageStore::new(), chats, people);
    let refused = now(alone.send_to(&ANNA, BEN, "message", "Hello"));
    assert!(matches!(refused, Err(Error::NotFound(text)) if text == NO_PERSON));
}

#[test]
fn only_who_wrote_a_message_edits_it() {
    let mut store = MockMessageStore::new();
    store.expect_find().returning(|_, _| Ok(Some(hello(BEN))));
    let messages = messages(store, MockChatStore::new(), MockPeople::new());
    let refused = now(messages.edit(&ANNA, MessageId::trusted(7), "Bye", &Expected::Any));
    assert!(matches!(refused, Err(Error::Forbidden(text)) if text == NOT_YOURS));
}

#[test]
fn reading_on_passes_over_what_one_wrote_and_never_goes_back() {
    let (mut store, mut chats) = (MockMessageStore::new(), MockChatStore::new());
    chats.expect_seat().returning(|_, _| Ok(Some(seat(250_000, 10))));
    chats.expect_view().times(2).returning(|_, _| Ok(Some(view(seat(250_000, 250_000)))));
    // A long way is walked in strides.
    store.expect_count_own().times(3).returning(|_, _, after, upto| {
        assert!(upto - after <= 100_000);
        Ok(1)
    });
    store.expect_read().once().returning(|user, _, upto, own, _, along| {
        let fact: ChatRead = said(&along).expect("the fact goes along");
        assert_eq!((user, upto, own, fact.seq), (ANNA.user, 250_000, 3, 250_000));
        Ok(true)
    });
    let messages = messages(store, chats, MockPeople::new());
    now(messages.read(&ANNA, CHAT, None)).unwrap();
    now(messages.read(&ANNA, CHAT, Some(10))).unwrap();
}

#[test]
fn a_page_of_the_chat_of_two_is_a_range_of_places() {
    let (mut store, mut chats) = (MockMessageStore::new(), MockChatStore::new());
    chats
        .expect_direct()
        .returning(|_, _| Ok(Some(Direct { id: CHAT, last_seq: 10_000_000, blocked: true })));
    store.expect_between().once().returning(|_, chat, after, before, limit| {
        assert_eq!((chat, after, before, limit), (CHAT, 49, 100, 50));
        Ok(Vec::new())
    });
    let messages = messages(store, chats, MockPeople::new());
    now(messages.list_with(&ANNA, BEN, 9_999_901, 50)).unwrap();
}
