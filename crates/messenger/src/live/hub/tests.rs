//! Who hears what, from when on.

use super::super::seat::Sign;
use super::*;

const ANNA: UserId = UserId::trusted(1);
const BEN: UserId = UserId::trusted(2);
const CHAT: ChatId = ChatId::trusted(9);

fn hub() -> Hub {
    let hub = Hub::new(2).0;
    hub.begin(10);
    hub
}

fn sits(hub: &Hub, user: UserId, chats: &[(ChatId, i64)]) -> Arc<Seat> {
    let seat = hub.enter(user, None).unwrap();
    hub.know(user, chats.to_vec());
    hub.go_live(&seat);
    seat
}

fn event(number: i64) -> Arc<Event> {
    Event::at("message", Place::whole(number))
}

fn said(number: i64, seq: i64) -> (To, Arc<Event>) {
    (To::Chat(CHAT, seq, Vec::new()), event(number))
}

/// The places of what it is told, or what else it is to do.
fn hears(seat: &Seat) -> Result<Vec<i64>, String> {
    let sign = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let mut next = Box::pin(seat.next());
        std::future::poll_fn(|cx| std::task::Poll::Ready(next.as_mut().poll(cx))).await
    });
    match sign {
        std::task::Poll::Ready(Sign::Events(events)) => {
            Ok(events.iter().map(|event| event.place.map_or(0, |place| place.upto)).collect())
        }
        std::task::Poll::Ready(other) => Err(format!("{other:?}")),
        std::task::Poll::Pending => Ok(Vec::new()),
    }
}

#[test]
fn those_in_a_chat_hear_what_stands_behind_where_they_came_in() {
    let hub = hub();
    let (anna, ben) = (sits(&hub, ANNA, &[(CHAT, 0)]), sits(&hub, BEN, &[(CHAT, 5)]));
    let strangers = sits(&hub, UserId::trusted(3), &[]);
    hub.hand(&[said(11, 5), said(12, 6)], 13);
    assert_eq!((hears(&anna), hears(&ben), hears(&strangers)), (Ok(vec![11, 12]), Ok(vec![12]), Ok(vec![])));
    assert_eq!(hub.seen(), Some(13));
    hub.hand(&[(To::Chat(CHAT, i64::MAX, vec![ANNA]), event(14)), (To::User(ANNA), event(15))], 15);
    assert_eq!((hears(&anna), hears(&ben)), (Ok(vec![15]), Ok(vec![14])));
}

#[test]
fn whoever_comes_hears_and_whoever_leaves_does_not() {
    let hub = hub();
    let anna = sits(&hub, ANNA, &[(CHAT, 0)]);
    let ben = sits(&hub, BEN, &[]);
    hub.moved(&[(CHAT, ANNA, None), (CHAT, BEN, Some(3))]);
    hub.hand(&[said(11, 3), said(12, 4)], 12);
    assert_eq!((hears(&anna), hears(&ben)), (Ok(vec![]), Ok(vec![12])));
    hub.leave(&ben);
    assert!(hub.rooms().chats.is_empty(), "nothing is kept of those who are gone");
}

#[test]
fn what_moved_while_the_chats_were_read_is_known_better_than_what_was_read() {
    let hub = hub();
    let other = ChatId::trusted(8);
    let anna = hub.enter(ANNA, None).unwrap();
    hub.moved(&[(CHAT, ANNA, None), (other, ANNA, Some(4))]);
    hub.know(ANNA, vec![(CHAT, 0), (other, 0)]);
    assert_eq!(hub.chats_of(ANNA), HashMap::from([(other, 4)]));
    hub.know(ANNA, vec![(CHAT, 0)]);
    assert_eq!(hub.chats_of(ANNA).len(), 1, "it is read once");
    assert_eq!(hub.go_live(&anna), Some(10));
}

#[test]
fn a_seat_is_told_nothing_before_it_has_caught_up_and_everything_after() {
    let hub = hub();
    let anna = hub.enter(ANNA, None).unwrap();
    hub.know(ANNA, vec![(CHAT, 0)]);
    hub.hand(&[said(11, 1)], 11);
    assert!(hears(&anna).unwrap_err().starts_with("Behind"));
    assert_eq!(hub.go_live(&anna), Some(11));
    hub.hand(&[said(12, 2)], 12);
    assert_eq!(hears(&anna), Ok(vec![12]));
}

#[test]
fn a_seat_that_takes_nothing_falls_behind_and_holds_nothing_then() {
    let hub = hub();
    let anna = sits(&hub, ANNA, &[(CHAT, 0)]);
    let much: Vec<_> = (1..=1_025).map(|seq| said(10 + seq, seq)).collect();
    hub.hand(&much, 1_035);
    assert_eq!(hears(&anna).unwrap_err(), "Behind(0)");
    assert_eq!(hub.go_live(&anna), Some(1_035));
    hub.hand(&[said(1_036, 1_026)], 1_036);
    assert_eq!(hears(&anna), Ok(vec![1_036]));
}

#[test]
fn seats_end_with_their_token_and_beat_in_turns() {
    let hub = hub();
    let (first, second) = (hub.enter(ANNA, Some(100)).unwrap(), hub.enter(ANNA, None).unwrap());
    assert!(matches!(hub.enter(ANNA, None), Err(Error::TooMany(_))));
    hub.go_live(&first);
    hub.go_live(&second);
    hub.pass_second(2, 99);
    assert_eq!((hears(&first), hears(&second)), (Ok(vec![]), Err("Beat".to_owned())));
    hub.pass_second(2, 100);
    assert_eq!((hears(&first), hears(&second)), (Err("Over(Session)".to_owned()), Ok(vec![])));
    hub.close();
    assert_eq!(hears(&second), Err("Over(Stopping)".to_owned()));
    assert!(hub.enter(BEN, None).is_err());
}

#[test]
fn nothing_is_handed_out_while_nobody_is_there() {
    let (hub, mut arrivals) = Hub::new(2);
    let anna = hub.enter(ANNA, None).unwrap();
    assert_eq!(hub.go_live(&anna), None);
    hub.begin(7);
    assert!(!hub.rest());
    hub.leave(&anna);
    assert!(hub.rest());
    assert_eq!(hub.seen(), None);
    assert_eq!(
        [arrivals.try_recv().unwrap(), arrivals.try_recv().unwrap()],
        [Arrival::Came(ANNA), Arrival::Went(ANNA)]
    );
}
