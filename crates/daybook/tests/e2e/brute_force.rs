//! Guessing passwords, as the house answers it.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::Engine;

use super::client::{Answer, Client};
use super::house::{House, PASSWORD};

const FEW: [(&str, &str); 2] =
    [("DAYBOOK_LOGINS_PER_ACCOUNT_AND_SUBNET", "3"), ("DAYBOOK_LOGINS_WINDOW", "10s")];

fn credentials(name: &str, password: &str) -> Value {
    json!({"email": format!("{name}@example.org"), "password": password})
}

async fn login(client: &Client, name: &str, password: &str) -> Answer {
    client.post("/login", credentials(name, password)).await
}

#[track_caller]
fn is_too_often(answer: &Answer) {
    let problem = answer.problem(429, "too_many_requests");
    assert!(!problem["title"].as_str().unwrap().is_empty());
    let rest: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&rest), "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_failed_too_often_waits_also_with_the_right_password() {
    let house = House::with(Engine::Embedded, &FEW).await;
    house.post("/signup", credentials("anna", PASSWORD)).await.is(201);
    for _ in 0..3 {
        login(&house, "anna", "wrong").await.problem(401, "wrong_credentials");
    }
    for path in ["/login", "/auth/login", "/api/auth/login", "/auth/auth", "/auth"] {
        let answer = house.post(path, credentials("anna", PASSWORD)).await;
        if answer.status != 404 {
            is_too_often(&answer);
        }
    }
    login(&house, "boris", PASSWORD).await.problem(401, "wrong_credentials");
    house.clock.advance(Duration::from_secs(10));
    login(&house, "anna", PASSWORD).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_there_is_an_account_cannot_be_told() {
    let house = House::with(Engine::Embedded, &FEW).await;
    house.post("/signup", credentials("anna", PASSWORD)).await.is(201);
    let mut heard = Vec::new();
    for name in ["anna", "nobody"] {
        let mut answers = Vec::new();
        for _ in 0..6 {
            let answer = login(&house, name, "wrong").await;
            let mut problem = answer.json();
            problem.as_object_mut().unwrap().remove("request_id");
            answers.push((answer.status, problem, answer.header("retry-after").to_owned()));
        }
        heard.push(answers);
    }
    assert_eq!(heard[0], heard[1]);
    assert_eq!(
        heard[0].iter().map(|(status, ..)| *status).collect::<Vec<_>>(),
        [401, 401, 401, 429, 429, 429]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gets_in_while_their_account_is_attacked() {
    let house = House::with(Engine::Embedded, &FEW).await;
    house.post("/signup", credentials("anna", PASSWORD)).await.is(201);
    // A session of hers, opened here: this is where she is at home.
    login(&house, "anna", PASSWORD).await.is(200);
    for _ in 0..3 {
        login(&house, "anna", "wrong").await.problem(401, "wrong_credentials");
    }
    login(&house, "anna", PASSWORD).await.is(200);
    // With another person's name the same address has to wait.
    for _ in 0..3 {
        login(&house, "boris", "wrong").await.problem(401, "wrong_credentials");
    }
    is_too_often(&login(&house, "boris", "wrong").await);
}

/// Her browser and the attacker share an address, and she has failed there as often as one may.
#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_of_a_session_opens_the_door_that_others_have_shut() {
    let house = House::with(Engine::Embedded, &FEW).await;
    house.post("/signup", credentials("anna", PASSWORD)).await.is(201);
    let welcome = login(&house, "anna", PASSWORD).await.is(200);
    let cookie = format!("refresh_token={}", welcome["refresh_token"].as_str().unwrap());
    while login(&house, "anna", "wrong").await.status == 401 {}
    is_too_often(&login(&house, "anna", PASSWORD).await);
    is_too_often(&login(&house.with("cookie", "refresh_token=nonsense"), "anna", PASSWORD).await);
    login(&house.with("cookie", &cookie), "anna", PASSWORD).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_hash_is_computed_for_whoever_has_to_wait() {
    // One hash at a time, and none may wait: who came as far as that would hear 503.
    let settings = [
        ("DAYBOOK_LOGINS_PER_ADDRESS", "2"),
        ("DAYBOOK_PASSWORDS_THREADS", "1"),
        ("DAYBOOK_PASSWORDS_QUEUE", "1"),
        ("DAYBOOK_PASSWORDS_MEMORY", "64MiB"),
        ("DAYBOOK_PASSWORDS_PASSES", "3"),
    ];
    let house = House::with(Engine::Memory, &settings).await;
    for _ in 0..2 {
        login(&house, "anna", "wrong").await.problem(401, "wrong_credentials");
    }
    let names: Vec<String> = (0..32).map(|n| format!("somebody-{n}")).collect();
    let asked = names.iter().map(|name| login(&house, name, "wrong"));
    for answer in futures_util::future::join_all(asked).await {
        is_too_often(&answer);
    }
}
