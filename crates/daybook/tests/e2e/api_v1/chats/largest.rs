//! The largest group there can be.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::json;

use super::CHATS;
use crate::e2e::api_v1::live::{EVENTS, LIVE, next, talked};
use crate::e2e::house::{House, PASSWORD};

/// Members of a group.
const MOST: usize = 2_000;
/// People who sign up at once.
const TOGETHER: usize = 32;

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_talk_in_one_group() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let began = Instant::now();
    let house_ref = &house;
    let others: Vec<u64> = stream::iter(0..MOST)
        .map(|number| async move {
            let new = json!({"user": format!("guest{number}"), "pass": PASSWORD});
            house_ref.post("/register", new).await.is(201)["id"].as_u64().unwrap()
        })
        .buffer_unordered(TOGETHER)
        .collect()
        .await;
    let signed_up = began.elapsed();
    let guest = |at: usize| async move {
        let known = json!({"user": format!("guest{at}"), "pass": PASSWORD});
        let token = house_ref.post("/auth", known).await.is(200)["access_token"].as_str().unwrap().to_owned();
        (**house_ref).bearing(&token)
    };

    let group = json!({"title": "Everybody", "members": others[..1_000]});
    let group = format!("{CHATS}/{}", anna.post(CHATS, group).await.is(201)["id"]);
    let put = async |user: u64| anna.put(&format!("{group}/members/{user}"), json!({})).await;
    for user in &others[1_000..MOST - 1] {
        put(*user).await.is(201);
    }
    put(others[MOST - 1]).await.problem(409, "group_full");
    let filled = began.elapsed();

    let (ids, mut cursor, mut pages) = (&mut Vec::new(), String::new(), 0);
    loop {
        let page = anna.get(&format!("{group}/members?limit=200{cursor}")).await.is(200);
        ids.extend(
            page["items"].as_array().unwrap().iter().map(|member| member["user_id"].as_u64().unwrap()),
        );
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let mut wanted = [&[anna.id], &others[..MOST - 1]].concat();
    wanted.sort_unstable();
    assert_eq!((&*ids, pages), (&wanted, MOST / 200));

    let by_name: Vec<_> = stream::iter(0..3).then(guest).collect().await;
    let (mut stream, mut socket) = (by_name[0].listen(EVENTS).await, by_name[1].talk(LIVE).await.unwrap());
    assert_eq!(next(&mut stream).await.name, "ready");
    assert_eq!(talked(&mut socket).await.name, "ready");
    let said = anna.post(&format!("{group}/messages"), json!({"text": "All here?"})).await.is(201);
    assert_eq!(next(&mut stream).await.data, said);
    assert_eq!(talked(&mut socket).await.data, said);
    let answer = by_name[2].post(&format!("{group}/messages"), json!({"text": "Yes"})).await.is(201);
    assert_eq!(next(&mut stream).await.data, answer);
    assert_eq!(talked(&mut socket).await.data, answer);
    assert_eq!(by_name[1].get(&group).await.is(200)["unread"], 2);

    let whose = by_name[2].get("/api/v1/me").await.is(200)["id"].as_u64().unwrap();
    by_name[2].delete(&format!("{group}/members/{whose}")).await.is(204);
    by_name[2].get(&group).await.problem(404, "chat_not_found");
    assert_eq!(next(&mut stream).await.name, "chat");
    put(others[MOST - 1]).await.is(201);
    put(whose).await.problem(409, "group_full");
    eprintln!("signed up after {signed_up:?}, all in after {filled:?}, done after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_mins(1), "it took {:?}", began.elapsed());
}
