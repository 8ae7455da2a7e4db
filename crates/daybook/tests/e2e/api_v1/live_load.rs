//! Much at once: nothing is missed and nothing comes twice, whoever is cut off or slow.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::live::{EVENTS, LIVE, chat, say};
use crate::e2e::house::{House, Person};
use crate::e2e::listening::Event;

/// Longer than a client may leave what it is told.
const TOO_LONG: Duration = Duration::from_secs(9);

/// What was said in each chat, by its place there.
type Heard = Vec<(u64, u64)>;

fn note(heard: &mut Heard, event: &Event) {
    if event.name == "message" {
        heard.push((event.data["chat_id"].as_u64().unwrap(), event.data["seq"].as_u64().unwrap()));
    }
    assert_ne!(event.name, "reset");
}

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Listens until it has heard so much, and comes back each time that chance cuts it off.
async fn by_stream(of: &Person, wanted: usize, seed: u64) -> Heard {
    let (mut chance, mut heard, mut place) = (Chance(seed), Vec::new(), "0".to_owned());
    while heard.len() < wanted {
        let mut listening = of.with("last-event-id", &place).listen(EVENTS).await;
        for _ in 0..=chance.below(120) {
            let event = listening.next().await.unwrap();
            note(&mut heard, &event);
            if !event.place.is_empty() {
                place.clone_from(&event.place);
            }
            if heard.len() == wanted {
                break;
            }
        }
    }
    heard
}

async fn by_socket(of: &Person, wanted: usize, seed: u64) -> Heard {
    let (mut chance, mut heard, mut place) = (Chance(seed), Vec::new(), "0".to_owned());
    while heard.len() < wanted {
        let mut talking = of.talk(&format!("{LIVE}?since={place}")).await.unwrap();
        for _ in 0..=chance.below(120) {
            note(&mut heard, &talking.next().await.unwrap());
            place.clone_from(&talking.place);
            if heard.len() == wanted {
                break;
            }
        }
    }
    heard
}

/// Each once, and those of a chat in their order.
fn is_whole(mut heard: Heard, each: u64, chats: &[u64]) {
    for chat in chats {
        let seqs: Vec<u64> = heard.iter().filter(|(of, _)| of == chat).map(|(_, seq)| *seq).collect();
        assert_eq!(seqs, (1..=each).collect::<Vec<_>>());
    }
    heard.sort_unstable();
    assert_eq!(heard.len() as u64, each * chats.len() as u64);
}

on_every_engine! {
    async fn whoever_is_cut_off_at_random_hears_each_message_once_and_in_order(engine) {
        let house = House::on(engine).await;
        let (anna, ben, carl) = (house.user("anna").await, house.user("ben").await, house.user("carl").await);
        let chats = [chat(&anna, &ben).await, chat(&carl, &ben).await];
        let writing = async {
            let batch = async |of: &Person, chat: u64| {
                for number in 0..100 {
                    say(of, chat, &format!("{number}")).await;
                }
            };
            tokio::join!(
                batch(&anna, chats[0]), batch(&anna, chats[0]), batch(&ben, chats[0]), batch(&ben, chats[0]),
                batch(&carl, chats[1]), batch(&carl, chats[1]), batch(&ben, chats[1]), batch(&ben, chats[1]),
                batch(&ben, chats[0]), batch(&ben, chats[1]),
            );
        };
        let ((), one, two, three, four) = tokio::join!(
            writing, by_stream(&ben, 1_000, 1), by_socket(&ben, 1_000, 2), by_stream(&ben, 1_000, 3), by_socket(&anna, 500, 4),
        );
        for heard in [one, two, three] {
            is_whole(heard, 500, &chats);
        }
        is_whole(four, 500, &chats[..1]);
    }
}

async fn much(of: &Person, chat: u64) -> BTreeSet<u64> {
    // More than sockets and queues hold.
    let text = "x".repeat(4_000);
    let mut ids = BTreeSet::new();
    for _ in 0..3_000 {
        ids.insert(id(&say(of, chat, &text).await));
    }
    ids
}

fn id(message: &Value) -> u64 {
    message["id"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_takes_nothing_is_dropped_and_told_why_and_can_come_back() {
    let house = House::new().await;
    let (anna, ben) = (house.user("anna").await, house.user("ben").await);
    let chat = chat(&anna, &ben).await;
    let (mut stream, mut socket) = (ben.listen(EVENTS).await, ben.talk(LIVE).await.unwrap());
    let said = much(&anna, chat).await;
    tokio::time::sleep(TOO_LONG).await;

    let (mut heard, mut place) = (BTreeSet::new(), String::new());
    loop {
        let event = stream.next().await.expect("it is told why before it ends");
        if event.name == "dropped" {
            assert_eq!(event.data["reason"], "too_slow");
            break;
        }
        if event.name == "message" {
            assert!(heard.insert(id(&event.data)));
            place = event.place;
        }
    }
    assert!(heard.len() < said.len());
    assert_eq!(stream.next().await, None);
    let mut back = ben.with("last-event-id", &place).listen(EVENTS).await;
    while heard.len() < said.len() {
        let event = back.next().await.unwrap();
        if event.name == "message" {
            assert!(heard.insert(id(&event.data)), "nothing twice");
        }
    }
    assert_eq!(heard, said);

    let mut heard = BTreeSet::new();
    let code = loop {
        match socket.next().await {
            Ok(event) if event.name == "message" => assert!(heard.insert(id(&event.data))),
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    assert_eq!(code, 4008);
    let mut back = ben.talk(&format!("{LIVE}?since={}", socket.place)).await.unwrap();
    while heard.len() < said.len() {
        let event = back.next().await.unwrap();
        if event.name == "message" {
            assert!(heard.insert(id(&event.data)), "nothing twice");
        }
    }
    assert_eq!(heard, said);
}
