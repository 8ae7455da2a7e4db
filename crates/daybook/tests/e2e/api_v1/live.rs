//! What happens in chats, told as it happens.

use std::time::Duration;

use db::{Batch, sql};
use serde_json::{Value, json};
use testkit::Engine;

use crate::e2e::eventually::eventually;
use crate::e2e::house::{House, Person};
use crate::e2e::listening::{Event, Listening};
use crate::e2e::talking::Talking;

pub const EVENTS: &str = "/api/v1/chats/events";
pub const LIVE: &str = "/api/v1/chats/live";

/// The chat of these two.
pub async fn chat(one: &Person, other: &Person) -> u64 {
    let chat = one.post("/api/v1/chats", json!({"user_id": other.id})).await.is(200);
    chat["id"].as_u64().unwrap()
}

pub async fn say(of: &Person, chat: u64, text: &str) -> Value {
    of.post(&format!("/api/v1/chats/{chat}/messages"), json!({"text": text})).await.is(201)
}

/// The next event that is kept; comings and goings are not, and how far one is is said at any moment.
pub async fn next(listening: &mut Listening) -> Event {
    loop {
        let event = listening.next().await.expect("it goes on");
        if !event.place.is_empty() && event.name != "position" {
            return event;
        }
    }
}

pub async fn talked(talking: &mut Talking) -> Event {
    loop {
        let event = talking.next().await.expect("it goes on");
        if !event.place.is_empty() {
            return event;
        }
    }
}

async fn whispered(talking: &mut Talking, name: &str) -> Value {
    loop {
        let event = talking.next().await.expect("it goes on");
        if event.name == name {
            return event.data;
        }
    }
}

async fn two_people_hear_each_other(house: &House) {
    let (anna, ben, carl) = (house.user("anna").await, house.user("ben").await, house.user("carl").await);
    let (mut hers, mut his) = (anna.listen(EVENTS).await, ben.talk(LIVE).await.unwrap());
    let mut strangers = carl.talk(LIVE).await.unwrap();
    assert_eq!(next(&mut hers).await.name, "ready");
    assert_eq!(talked(&mut his).await.name, "ready");
    assert_eq!(talked(&mut strangers).await.name, "ready");

    let chat = chat(&anna, &ben).await;
    let new = json!({"chat_id": chat});
    let heard = next(&mut hers).await;
    assert_eq!((heard.name.as_str(), &heard.data), ("chat", &new));
    assert_eq!(talked(&mut his).await.data, new, "it is new for him too");

    for text in ["Hi", "How are you?"] {
        let sent = say(&anna, chat, text).await;
        let (one, other) = (next(&mut hers).await, talked(&mut his).await);
        assert_eq!((one.name.as_str(), &one.data), ("message", &sent));
        assert_eq!(one, other, "each of them hears the same");
    }
    his.say(json!({"type": "send", "chat_id": chat, "text": "Fine", "client_key": "a"})).await;
    let said = next(&mut hers).await;
    assert_eq!((&said.data["text"], &said.data["user_id"]), (&json!("Fine"), &json!(ben.id)));
    let both = [his.heard().await.unwrap(), his.heard().await.unwrap()];
    let sent = both.iter().find(|heard| heard["type"] == "sent").unwrap();
    assert_eq!((&sent["client_key"], &sent["data"]), (&json!("a"), &said.data));
    assert!(both.iter().any(|heard| heard["type"] == "message" && heard["data"] == said.data));

    // A retry is the same message, and what cannot be said is refused where it was said.
    his.say(json!({"type": "send", "chat_id": chat, "text": "Fine", "client_key": "a"})).await;
    assert_eq!(his.heard().await.unwrap()["data"], said.data);
    his.say(json!({"type": "send", "chat_id": chat, "text": "", "client_key": "b"})).await;
    let refused = his.heard().await.unwrap();
    assert_eq!((&refused["type"], &refused["client_key"]), (&json!("error"), &json!("b")));
    assert_eq!(refused["data"]["type"], "urn:daybook:problem:invalid");
    strangers.say(json!({"type": "send", "chat_id": chat, "text": "Hello?"})).await;
    let refused = strangers.heard().await.unwrap();
    assert_eq!(
        refused["data"]["type"], "urn:daybook:problem:chat_not_found",
        "and he has heard nothing before"
    );

    anna.post(&format!("/api/v1/chats/{chat}/typing"), json!({})).await.is(204);
    let typing = json!({"chat_id": chat, "user_id": anna.id});
    assert_eq!(whispered(&mut his, "typing").await, typing);
    carl.post(&format!("/api/v1/chats/{chat}/typing"), json!({})).await.problem(404, "chat_not_found");
}

async fn comings_and_goings(house: &House) {
    let (anna, ben, carl) = (house.user("anna").await, house.user("ben").await, house.user("carl").await);
    chat(&anna, &ben).await;
    let presence = format!("/api/v1/presence?users={},{}", ben.id, carl.id);
    let is_there = async |there: bool| {
        eventually("it is known whether he is there", async || {
            let found = anna.get(&presence).await.is(200);
            assert_eq!(found["items"][1], json!({"user_id": carl.id, "online": false}), "no friend of hers");
            (found["items"][0]["online"] == there).then_some(())
        })
        .await;
    };
    is_there(false).await;
    let mut hers = anna.talk(LIVE).await.unwrap();
    let _strangers = carl.talk(LIVE).await.unwrap();
    let his = ben.talk(LIVE).await.unwrap();
    assert_eq!(whispered(&mut hers, "presence").await, json!({"user_id": ben.id, "online": true}));
    is_there(true).await;
    drop(his);
    assert_eq!(whispered(&mut hers, "presence").await, json!({"user_id": ben.id, "online": false}));
    is_there(false).await;

    let block = sql!(
        "insert into blocks (user_id, blocked_id, created_at) values (?, ?, 0)",
        i64::try_from(ben.id).unwrap(),
        i64::try_from(anna.id).unwrap()
    );
    for db in house.databases() {
        db.write(Batch::of_one(block.clone())).await.unwrap();
    }
    let _his = ben.talk(LIVE).await.unwrap();
    let chat = chat_of(&anna, &ben).await;
    anna.post(&format!("/api/v1/chats/{chat}/typing"), json!({})).await.problem(403, "blocked");
    is_there(false).await;
}

/// A chat that is there already: making it is refused once one blocks the other.
async fn chat_of(one: &Person, other: &Person) -> u64 {
    let chats = one.get("/api/v1/chats").await.is(200);
    let mut chats = chats["items"].as_array().unwrap().iter();
    chats.find(|chat| chat["pal_id"] == json!(other.id)).unwrap()["id"].as_u64().unwrap()
}

on_every_engine! {
    async fn what_is_said_is_told_to_whom_it_concerns(engine) {
        two_people_hear_each_other(&House::on(engine).await).await;
    }

    async fn and_through_a_gateway_to_a_messenger_elsewhere(engine) {
        two_people_hear_each_other(&House::apart(engine).await).await;
    }

    async fn who_is_there_is_known_to_those_they_talk_with(engine) {
        comings_and_goings(&House::on(engine).await).await;
    }

    async fn whoever_comes_back_hears_what_they_missed_in_all_their_chats(engine) {
        let house = House::on(engine).await;
        let (anna, ben, carl) = (house.user("anna").await, house.user("ben").await, house.user("carl").await);
        let first = chat(&anna, &ben).await;
        let mut his = ben.listen(EVENTS).await;
        let start = next(&mut his).await.place;
        drop(his);
        say(&anna, first, "one").await;
        let second = chat(&carl, &ben).await;
        say(&carl, second, "two").await;
        say(&anna, first, "three").await;
        let between_others = chat(&anna, &carl).await;
        say(&anna, between_others, "secret").await;

        let mut his = ben.with("last-event-id", &start).listen(EVENTS).await;
        assert_eq!(next(&mut his).await.name, "ready");
        let (mut heard, mut chats) = (Vec::new(), Vec::new());
        while heard.len() < 3 {
            let event = next(&mut his).await;
            if event.name == "chat" { chats.push(event.data["chat_id"].clone()) } else { heard.push(event) }
        }
        let texts: Vec<_> = heard.iter().map(|event| event.data["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["one", "two", "three"]);
        // Where facts are numbered after their commit, the first chat may be news still.
        assert_eq!(chats.last(), Some(&json!(second)));
        let mut his = ben.talk(&format!("{LIVE}?since={}", heard[1].place)).await.unwrap();
        assert_eq!(talked(&mut his).await.name, "ready");
        assert_eq!(talked(&mut his).await.data["text"], "three");
        say(&carl, second, "four").await;
        assert_eq!(talked(&mut his).await.data["text"], "four");
        let mut his = ben.talk(&format!("{LIVE}?since={}", his.place)).await.unwrap();
        assert_eq!(talked(&mut his).await.name, "ready");
        say(&carl, second, "five").await;
        assert_eq!(talked(&mut his).await.data["text"], "five");
    }

    async fn what_came_to_a_device_is_noted(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let chat = chat(&anna, &ben).await;
        say(&anna, chat, "one").await;
        let noted = async |wanted: i64| {
            let upto = || sql!("select max(upto_seq) from receipts where user_id = ? and stage = 0", i64::try_from(ben.id).unwrap());
            eventually("it is noted that it came", async || {
                let upto: Option<Option<i64>> = house.databases().next().unwrap().first(upto()).await.unwrap();
                (upto.flatten() == Some(wanted)).then_some(())
            })
            .await;
        };
        let mut his = ben.talk(LIVE).await.unwrap();
        his.say(json!({"type": "received", "chat_id": chat, "seq": 99})).await;
        noted(1).await;
        say(&anna, chat, "two").await;
        noted(2).await;
    }
}

on_every_server! {
    async fn what_another_process_does_is_heard_at_once(engine) {
        let server = testkit::RedisServer::start().await;
        let url = format!("redis://127.0.0.1:{}/0", server.port());
        let settings = [("DAYBOOK_CACHE_URL", url.as_str())];
        let here = House::with(engine, &settings).await;
        let there = here.beside_with(&settings).await;
        let (anna, ben) = (here.user("anna").await, here.user("ben").await);
        let anna_there = there.login(&anna.email).await;
        let chat = chat(&anna, &ben).await;
        say(&anna, chat, "first").await;
        let mut his = ben.talk(&format!("{LIVE}?since=0")).await.unwrap();
        while talked(&mut his).await.data["text"] != "first" {}
        let mut longest = Duration::ZERO;
        for number in 0..20 {
            say(&anna_there, chat, &format!("{number}")).await;
            let began = std::time::Instant::now();
            assert_eq!(talked(&mut his).await.data["text"], format!("{number}"));
            longest = longest.max(began.elapsed());
        }
        eprintln!("the longest that news took: {longest:?}");
        anna_there.post(&format!("/api/v1/chats/{chat}/typing"), json!({})).await.is(204);
        assert_eq!(whispered(&mut his, "typing").await, json!({"chat_id": chat, "user_id": anna.id}));
        let coming = anna_there.talk(LIVE).await.unwrap();
        assert_eq!(whispered(&mut his, "presence").await, json!({"user_id": anna.id, "online": true}));

        // A place of one process serves the other.
        let mut his_there = there.login(&ben.email).await.talk(&format!("{LIVE}?since={}", his.place)).await.unwrap();
        assert_eq!(talked(&mut his_there).await.name, "ready");
        say(&anna, chat, "end").await;
        assert_eq!(talked(&mut his_there).await.data["text"], "end");
        drop(coming);
        assert_eq!(whispered(&mut his, "presence").await, json!({"user_id": anna.id, "online": false}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_ends_with_its_session_and_lives_on_by_a_new_token() {
    for house in [House::new().await, House::apart(Engine::Embedded).await] {
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let chat = chat(&anna, &ben).await;
        let other = house.login(&anna.email).await;
        let (mut hers, mut spared) = (anna.talk(LIVE).await.unwrap(), other.talk(LIVE).await.unwrap());
        let mut left = house.login(&anna.email).await.talk(LIVE).await.unwrap();
        anna.post("/auth/logout", json!({})).await.is(200);
        assert_eq!(hers.end().await, 4401);
        let mut streams = other.listen(EVENTS).await;
        next(&mut streams).await;

        house.pass(Duration::from_secs(200)).await;
        let fresh = house.login(&anna.email).await;
        spared.say(json!({"type": "token", "token": fresh.token})).await;
        while spared.heard().await.unwrap()["type"] != "renewed" {}
        house.pass(Duration::from_secs(200)).await;
        assert_eq!(left.end().await, 4401, "nobody renewed it");
        let ben = house.login(&ben.email).await;
        say(&ben, chat, "Still there?").await;
        assert_eq!(talked(&mut spared).await.data["text"], "Still there?");
        spared.say(json!({"type": "token", "token": ben.token})).await;
        assert_eq!(spared.end().await, 4401, "another's token is none of hers");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_opened_or_said() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    house.get(EVENTS).await.problem(401, "unauthenticated");
    house.get(LIVE).await.problem(401, "unauthenticated");
    assert_eq!(house.talk(LIVE).await.err(), Some(401));
    anna.get(LIVE).await.problem(400, "not_a_socket");
    for bad in ["", "x", "7-", "1-2", "99999999999999999999"] {
        anna.get(&format!("{EVENTS}?since={bad}")).await.problem(400, "bad_query");
        assert_eq!(anna.talk(&format!("{LIVE}?since={bad}")).await.err(), Some(400));
    }
    anna.with("last-event-id", "x").get(EVENTS).await.problem(400, "bad_query");
    anna.get("/api/v1/presence?users=").await.problem(400, "bad_query");
    let many: Vec<String> = (1..=101).map(|id| id.to_string()).collect();
    anna.get(&format!("/api/v1/presence?users={}", many.join(","))).await.problem(400, "bad_query");

    for said in ["", "x", "{}", r#"{"type":"dance"}"#, r#"{"type":"typing"}"#, "[]"] {
        let mut hers = anna.talk(LIVE).await.unwrap();
        hers.say_text(said).await;
        assert_eq!(hers.end().await, 4000, "{said:?}");
    }
    let mut hers = anna.talk(LIVE).await.unwrap();
    hers.say_bytes(vec![1]).await;
    assert_eq!(hers.end().await, 4000);
    let mut hers = anna.talk(LIVE).await.unwrap();
    hers.say_text(&" ".repeat(70 << 10)).await;
    assert_ne!(hers.end().await, 4000, "more than is read at all");

    let mut late = anna.talk(&format!("{LIVE}?since=999999")).await.unwrap();
    assert_eq!(talked(&mut late).await.name, "ready");
    assert_eq!(talked(&mut late).await.name, "reset", "no place of this house");
}

/// Browsers send cookies along with a web socket to anywhere, and ask nobody before.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_from_elsewhere_opens_no_socket_by_cookie() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let nobody = &*house;
    let cookie = nobody.with("cookie", &format!("sso-token={}", anna.token));
    let own = format!("http://{}", house.address);
    assert!(cookie.with("origin", &own).talk(LIVE).await.is_ok());
    assert!(cookie.with("origin", "http://localhost:3000").talk(LIVE).await.is_ok());
    assert_eq!(cookie.with("origin", "https://evil.example").talk(LIVE).await.err(), Some(403));
    assert!(anna.with("origin", "https://evil.example").talk(LIVE).await.is_ok(), "a token of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_all_the_connections_there_are() {
    let house = House::with(Engine::Memory, &[("DAYBOOK_LIMITS_STREAMS", "2")]).await;
    let (anna, ben) = (house.user("anna").await, house.user("ben").await);
    let one = anna.talk(LIVE).await.unwrap();
    let _two = anna.listen(EVENTS).await;
    assert_eq!(anna.talk(LIVE).await.err(), Some(429));
    assert!(ben.talk(LIVE).await.is_ok());
    drop(one);
    eventually("a seat is given back", async || anna.talk(LIVE).await.is_ok().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_stops_says_goodbye() {
    let house = House::with(Engine::Embedded, &[("DAYBOOK_LIMITS_STOP_GRACE", "1h")]).await;
    let anna = house.user("anna").await;
    let (mut socket, mut stream) = (anna.talk(LIVE).await.unwrap(), anna.listen(EVENTS).await);
    next(&mut stream).await;
    let hearing = tokio::spawn(async move { socket.end().await });
    drop(house);
    assert_eq!(hearing.await.unwrap(), 1001);
    while stream.next().await.is_some() {}
}
