//! The largest group there can be.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::json;

use super::CHATS;
use crate::e2e::api_v1::live::{EVENTS, LIVE, next, talked};
use crate::e2e::client::Client;
use crate::e2e::house::{House, PASSWORD, Person};

/// Members of a group.
const MOST: usize = 2_000;
/// People who can be named when it is made.
const AT_ONCE: usize = 1_000;
/// People who sign up at once.
const TOGETHER: usize = 32;
/// Many times as long as it takes, also beside other tests.
const LONGEST: Duration = Duration::from_mins(1);

/// So many who sign up; their ids.
async fn guests(house: &House, count: usize) -> Vec<u64> {
    let signing_up = stream::iter(0..count).map(|number| async move {
        let new = json!({"user": format!("guest{number}"), "pass": PASSWORD});
        house.post("/register", new).await.is(201)["id"].as_u64().unwrap()
    });
    signing_up.buffered(TOGETHER).collect().await
}

/// The guest with this number.
async fn guest(house: &House, number: usize) -> Client {
    let known = json!({"user": format!("guest{number}"), "pass": PASSWORD});
    house.bearing(house.post("/auth", known).await.is(200)["access_token"].as_str().unwrap())
}

/// All who are in it, a page at a time, and how many pages that are.
async fn members(of: &Person, group: &str) -> (Vec<u64>, usize) {
    let (mut ids, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = of.get(&format!("{group}/members?limit=200{cursor}")).await.is(200);
        let items = page["items"].as_array().unwrap().iter();
        ids.extend(items.map(|member| member["user_id"].as_u64().unwrap()));
        pages += 1;
        let Some(next) = page["next"].as_str() else { return (ids, pages) };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_talk_in_one_group() {
    let house = House::new().await;
    let (began, anna) = (Instant::now(), house.user("anna").await);
    let others = guests(&house, MOST).await;
    let group = json!({"title": "Everybody", "members": others[..AT_ONCE]});
    let group = format!("{CHATS}/{}", anna.post(CHATS, group).await.is(201)["id"]);
    let put = async |user: u64| anna.put(&format!("{group}/members/{user}"), json!({})).await;
    let (last, more) = others[AT_ONCE..].split_last().unwrap();
    for user in more {
        put(*user).await.is(201);
    }
    put(*last).await.problem(409, "group_full");
    let mut everybody = [&[anna.id], &others[..MOST - 1]].concat();
    everybody.sort_unstable();
    assert_eq!(members(&anna, &group).await, (everybody, MOST / 200));

    let [one, two, three] = [0, 1, 2].map(|number| guest(&house, number));
    let (one, two, three) = (one.await, two.await, three.await);
    let (mut stream, mut socket) = (one.listen(EVENTS).await, two.talk(LIVE).await.unwrap());
    assert_eq!(next(&mut stream).await.name, "ready");
    assert_eq!(talked(&mut socket).await.name, "ready");
    let messages = format!("{group}/messages");
    for (who, text) in [(&*anna, "All here?"), (&three, "Yes")] {
        let said = who.post(&messages, json!({"text": text})).await.is(201);
        assert_eq!(next(&mut stream).await.data, said);
        assert_eq!(talked(&mut socket).await.data, said);
    }
    assert_eq!(two.get(&group).await.is(200)["unread"], 2);

    three.delete(&format!("{group}/members/{}", others[2])).await.is(204);
    three.get(&group).await.problem(404, "chat_not_found");
    assert_eq!(next(&mut stream).await.name, "chat");
    put(*last).await.is(201);
    put(others[2]).await.problem(409, "group_full");
    assert!(began.elapsed() < LONGEST, "it took {:?}", began.elapsed());
}
