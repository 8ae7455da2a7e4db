//! `/auth/login-code`: signing in by a code instead of a password.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::Engine;

use super::client::Answer;
use super::codes::{self, ask, code, house, letters_to};
use super::house::{House, PASSWORD};

const PATH: &str = "/auth/login-code";
/// What a code is not, but once in a million.
const WRONG: &str = "000000";

/// Asks for a code to this address; the digits, when so many letters have come there.
async fn code_to(house: &House, data: &TempDir, whom: &str, many: usize) -> String {
    ask(house, whom, "login").await.is(200);
    code(letters_to(data, whom, many).await.last().unwrap()).unwrap().to_owned()
}

async fn enter(house: &House, whom: &str, code: &str) -> Answer {
    house.post(PATH, json!({"email": whom, "code": code})).await
}

/// What a refusal says, but for what is never twice the same.
fn said(answer: &Answer) -> (u16, Value) {
    let mut problem = answer.json();
    problem.as_object_mut().unwrap().remove("request_id");
    (answer.status, problem)
}

on_every_engine! {
    async fn a_code_signs_in_once_and_proves_the_address(engine) {
        let (data, house) = house(engine).await;
        let anna = house.user("anna").await;
        let code = code_to(&house, &data, &anna.email, 1).await;
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        let answer = enter(&house, " Anna@Example.org", &spaced).await;
        let welcome = answer.is(200);
        assert_eq!((&welcome["id"], &welcome["user"]["email"]), (&json!(anna.id), &json!(anna.email)));
        assert_eq!(welcome["token"], welcome["access_token"]);
        assert!(welcome["refresh_token"].is_string() && answer.header("set-cookie").starts_with("refresh_token="));
        let me = house.bearing(welcome["token"].as_str().unwrap()).get("/api/v1/me").await.is(200);
        assert!(me["email_verified_at"].is_string(), "{me}");
        enter(&house, &anna.email, &code).await.refuses(&[("code", "wrong_code")]);
        // Nobody had proved the address before: whoever made the account is out, and its owner is told.
        anna.get("/api/v1/me").await.problem(401, "session_ended");
        house.post("/login", json!({"email": anna.email, "password": PASSWORD})).await.problem(401, "wrong_credentials");
        let letters = letters_to(&data, &anna.email, 2).await;
        assert!(letters[1].contains("proved that this address is theirs"), "{letters:?}");

        house.clock.advance(Duration::from_secs(30));
        ask(&house, &anna.email, "login").await.is(200);
        let letters = letters_to(&data, &anna.email, 3).await;
        let again = json!({"type": "email", "address": anna.email, "code": codes::code(&letters[2])});
        house.with("origin", "http://localhost:3000").post("/api/auth/login-code", again).await.is(200);
    }

    async fn five_wrong_tries_burn_a_code(engine) {
        let (data, house) = house(engine).await;
        let anna = house.user("anna").await;
        let code = code_to(&house, &data, &anna.email, 1).await;
        let wrong = if code == WRONG { "000001" } else { WRONG };
        for _ in 0..5 {
            enter(&house, &anna.email, wrong).await.refuses(&[("code", "wrong_code")]);
        }
        enter(&house, &anna.email, &code).await.refuses(&[("code", "wrong_code")]);
        anna.get("/api/v1/me").await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_by_codes_who_has_an_account() {
    let (_data, house) = house(Engine::Embedded).await;
    let anna = house.user("anna").await;
    for asked in [false, true] {
        if asked {
            assert_eq!(
                ask(&house, &anna.email, "login").await.is(200),
                ask(&house, "eve@example.org", "login").await.is(200)
            );
        }
        let (known, unknown) =
            (enter(&house, &anna.email, WRONG).await, enter(&house, "eve@example.org", WRONG).await);
        known.refuses(&[("code", "wrong_code")]);
        assert_eq!(said(&known), said(&unknown));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_count_as_wrong_passwords_do() {
    let settings = [("DAYBOOK_LOGINS_PER_ACCOUNT_AND_SUBNET", "3")];
    let house = House::with(Engine::Memory, &settings).await;
    let credentials = json!({"email": "anna@example.org", "password": "wrong"});
    house.post("/login", credentials.clone()).await.problem(401, "wrong_credentials");
    for _ in 0..2 {
        enter(&house, "anna@example.org", WRONG).await.refuses(&[("code", "wrong_code")]);
    }
    enter(&house, "anna@example.org", WRONG).await.problem(429, "too_many_requests");
    house.post("/login", credentials).await.problem(429, "too_many_requests");
    enter(&house, "boris@example.org", WRONG).await.refuses(&[("code", "wrong_code")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_comes_back_by_a_code() {
    let (data, house) = house(Engine::Embedded).await;
    let anna = house.user("anna").await;
    let leave = json!({"password": PASSWORD}).to_string();
    anna.send("DELETE", "/api/v1/me", "application/json", leave).await.is(200);
    letters_to(&data, &anna.email, 1).await;
    let code = code_to(&house, &data, &anna.email, 2).await;
    let welcome = enter(&house, &anna.email, &code).await.is(200);
    house.bearing(welcome["token"].as_str().unwrap()).get("/api/v1/me").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_code_or_no_address_is_refused_field_by_field() {
    let (_data, house) = house(Engine::Memory).await;
    house.post(PATH, json!({})).await.refuses(&[("email", "required"), ("code", "required")]);
    house
        .post(PATH, json!({"email": "anna", "code": " "}))
        .await
        .refuses(&[("email", "no_address"), ("code", "required")]);
    let (pigeon, many) =
        (json!({"type": "pigeon", "address": "a@example.org", "code": WRONG}), "1".repeat(1_000));
    house.post(PATH, pigeon).await.refuses(&[("type", "no_address")]);
    for odd in ["12345", "١٢٣٤٥٦", "none", &many] {
        enter(&house, "anna@example.org", odd).await.refuses(&[("code", "wrong_code")]);
    }
    house.post(PATH, json!({"email": "anna@example.org", "code": 123_456})).await.is(422);
    house.post_text(PATH, "{").await.is(400);
    house.get(PATH).await.is(405);
    house.bearing("null").post(PATH, json!({"email": "anna@example.org", "code": WRONG})).await.is(422);
}
