//! Each thing that can happen in a chat, told to each who may hear it, in both ways of listening.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stream::Stream;
use testkit::Engine;

use super::live::{EVENTS, LIVE, chat, next, say, talked};
use crate::e2e::eventually::eventually;
use crate::e2e::house::{House, Person};
use crate::e2e::listening::{Event, Listening};
use crate::e2e::talking::Talking;

/// Somebody who listens in both ways at once.
struct Ears {
    stream: Listening,
    socket: Talking,
    /// The place of the last thing heard.
    place: String,
}

impl Ears {
    async fn of(person: &Person) -> Self {
        let (stream, socket) = (person.listen(EVENTS).await, person.talk(LIVE).await.unwrap());
        let mut ears = Self { stream, socket, place: String::new() };
        // Where each begins is its own affair.
        assert_eq!(next(&mut ears.stream).await.name, "ready");
        assert_eq!(talked(&mut ears.socket).await.name, "ready");
        ears
    }

    async fn hear(&mut self) -> Event {
        let (one, other) = (next(&mut self.stream).await, talked(&mut self.socket).await);
        assert_eq!(one, other, "a stream and a socket hear the same");
        self.place.clone_from(&one.place);
        one
    }

    /// That this is the next thing heard.
    #[track_caller]
    fn hears<'a>(&'a mut self, name: &'a str, data: &'a Value) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let heard = self.hear().await;
            assert_eq!((heard.name.as_str(), &heard.data), (name, data), "asked at {caller}");
        }
    }
}

/// What becomes of messages in the chat of two; the place from which on all of it can be heard again.
async fn messages_change(
    pair: u64,
    (anna, hers): (&Person, &mut Ears),
    (ben, his): (&Person, &mut Ears),
) -> String {
    let (one, two) = (say(anna, pair, "one").await, say(anna, pair, "two").await);
    for said in [&one, &two] {
        hers.hears("message", said).await;
        his.hears("message", said).await;
    }
    let begin = his.place.clone();
    let path = |message: &Value| format!("/api/v1/messages/{}", message["id"]);

    let edited = anna.patch(&path(&one), json!({"text": "uno"})).await.is(200);
    hers.hears("edited", &edited).await;
    his.hears("edited", &edited).await;

    ben.delete(&format!("{}?for=me", path(&two))).await.is(204);
    his.hears("hidden", &json!({"chat_id": pair, "id": two["id"], "seq": 2})).await;
    let edited = anna.patch(&path(&two), json!({"text": "due"})).await.is(200);
    hers.hears("edited", &edited).await;

    anna.delete(&path(&one)).await.is(204);
    let deleted = anna.get(&path(&one)).await.is(200);
    assert_eq!((&deleted["text"], deleted["deleted_at"].is_string()), (&Value::Null, true));
    hers.hears("deleted", &deleted).await;
    // What she made of a message that he does not want to see he has not heard.
    his.hears("deleted", &deleted).await;

    ben.put(&format!("/api/v1/chats/{pair}/read"), json!({"seq": 2})).await.is(200);
    let read = json!({"chat_id": pair, "user_id": ben.id, "seq": 2});
    hers.hears("read", &read).await;
    his.hears("read", &read).await;
    begin
}

/// A group that is made, changes, and is left by one and taken from another.
async fn members_change(
    (anna, hers): (&Person, &mut Ears),
    (ben, his): (&Person, &mut Ears),
    (carl, carls): (&Person, &mut Ears),
) {
    let group = json!({"title": "Hike", "members": [ben.id, carl.id]});
    let group = anna.post("/api/v1/chats", group).await.is(201)["id"].as_u64().unwrap();
    let (path, changed) = (format!("/api/v1/chats/{group}"), json!({"chat_id": group}));
    for ears in [&mut *hers, &mut *his, &mut *carls] {
        ears.hears("chat", &changed).await;
    }
    anna.patch(&path, json!({"title": "Walk"})).await.is(200);
    for ears in [&mut *hers, &mut *his, &mut *carls] {
        ears.hears("chat", &changed).await;
    }
    carl.delete(&format!("{path}/members/{}", carl.id)).await.is(204);
    carls.hears("left", &changed).await;
    hers.hears("chat", &changed).await;
    his.hears("chat", &changed).await;
    anna.delete(&format!("{path}/members/{}", ben.id)).await.is(204);
    his.hears("left", &changed).await;
    hers.hears("chat", &changed).await;
    let alone = say(anna, group, "Alone?").await;
    hers.hears("message", &alone).await;
}

async fn all_that_happens(house: &House) {
    let (anna, ben, carl) = (house.user("anna").await, house.user("ben").await, house.user("carl").await);
    let (mut hers, mut his, mut carls) = (Ears::of(&anna).await, Ears::of(&ben).await, Ears::of(&carl).await);
    let pair = chat(&anna, &ben).await;
    hers.hears("chat", &json!({"chat_id": pair})).await;
    his.hears("chat", &json!({"chat_id": pair})).await;
    let begin = messages_change(pair, (&anna, &mut hers), (&ben, &mut his)).await;
    members_change((&anna, &mut hers), (&ben, &mut his), (&carl, &mut carls)).await;
    let other = json!({"chat_id": chat(&carl, &ben).await});
    // Neither heard what was said where they are not any more.
    carls.hears("chat", &other).await;
    his.hears("chat", &other).await;

    // Whoever was away hears the same later, but of what is said anew the last.
    let mut back = ben.talk(&format!("{LIVE}?since={begin}")).await.unwrap();
    let mut again = vec![talked(&mut back).await];
    while again.last().unwrap().data != other {
        again.push(talked(&mut back).await);
    }
    let names: Vec<&str> = again.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["ready", "edited", "hidden", "edited", "deleted", "read", "left", "chat"]);
    assert_eq!(again[1].data["text"], Value::Null, "it is gone by now");
    assert_eq!(again[3].data["text"], Value::Null, "he does not want to see it");
}

on_every_engine! {
    async fn each_thing_that_happens_is_told_to_each_who_may_hear_it(engine) {
        all_that_happens(&House::on(engine).await).await;
    }

    async fn and_by_a_messenger_elsewhere(engine) {
        all_that_happens(&House::apart(engine).await).await;
    }

    async fn whoever_was_away_for_longer_than_facts_are_kept_starts_over(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let mut early = ben.talk(LIVE).await.unwrap();
        assert_eq!(talked(&mut early).await.name, "ready");
        let pair = chat(&anna, &ben).await;
        let begin = talked(&mut early).await.place;
        say(&anna, pair, "one").await;
        assert_eq!(talked(&mut early).await.data["text"], "one");

        house.pass(Duration::from_hours(8 * 24)).await;
        let (anna, ben) = (house.login(&anna.email).await, house.login(&ben.email).await);
        let db = house.databases().next().unwrap().clone();
        let stream = Stream::new(db, Arc::new(house.clock.clone()));
        let mut late = eventually("what was said is not told any more", async || {
            stream.sweep().await.unwrap();
            let mut late = ben.talk(&format!("{LIVE}?since={begin}")).await.unwrap();
            assert_eq!(talked(&mut late).await.name, "ready");
            (talked(&mut late).await.name == "reset").then_some(late)
        })
        .await;
        let reset = late.place.clone();
        assert!(reset > begin);
        say(&anna, pair, "two").await;
        assert_eq!(talked(&mut late).await.data["text"], "two", "it goes on from there");
        let mut listening = ben.with("last-event-id", &begin).listen(EVENTS).await;
        assert_eq!(next(&mut listening).await.name, "ready");
        assert_eq!(next(&mut listening).await.name, "reset");
        let mut again = ben.talk(&format!("{LIVE}?since={reset}")).await.unwrap();
        assert_eq!(talked(&mut again).await.name, "ready");
        assert_eq!(talked(&mut again).await.data["text"], "two");
    }
}

/// A client that is gone without a word answers no ping.
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_on_which_nothing_is_heard_is_cut_and_one_that_answers_is_not() {
    let settings = [("DAYBOOK_LIMITS_SILENCE", "3s"), ("DAYBOOK_LIMITS_STREAMS", "1")];
    let house = House::with(Engine::Memory, &settings).await;
    let (anna, ben) = (house.user("anna").await, house.user("ben").await);
    let pair = chat(&anna, &ben).await;
    let mut hers = anna.talk(LIVE).await.unwrap();
    assert_eq!(talked(&mut hers).await.name, "ready");
    let hearing = tokio::spawn(async move { talked(&mut hers).await });
    // Nobody looks at it, and so nothing answers.
    let mut gone = ben.talk(LIVE).await.unwrap();
    assert_eq!(ben.talk(LIVE).await.err(), Some(429));
    let _back = eventually("his place is free", async || ben.talk(LIVE).await.ok()).await;
    assert_eq!(gone.end().await, 1006, "there was nobody to tell why");
    say(&ben, pair, "Still there?").await;
    assert_eq!(hearing.await.unwrap().data["text"], "Still there?");
}
