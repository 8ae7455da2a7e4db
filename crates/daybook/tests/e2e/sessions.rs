//! Where people are signed in: staying so, seeing it, and ending it.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::Engine;
use tokio::task::JoinSet;

use super::client::{Answer, Client};
use super::eventually::eventually;
use super::house::{House, PASSWORD};

/// What the house must have felt everywhere by then.
const A_SECOND: Duration = Duration::from_secs(1);

/// A pair of tokens, fresh from signing in.
async fn sign_in(house: &Client, email: &str) -> (String, String) {
    pair(&house.post("/login", json!({"email": email, "password": PASSWORD})).await.is(200))
}

fn pair(answer: &Value) -> (String, String) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    (text("access_token"), text("refresh_token"))
}

async fn refresh(house: &Client, token: &str) -> Answer {
    house.post("/refresh", json!({"refresh_token": format!("Bearer {token}")})).await
}

/// The cookie of this name that an answer sets.
pub fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    cookies.map(str::to_owned).find(|cookie| cookie.starts_with(&format!("{name}=")))
}

on_every_engine! {
    async fn each_use_of_a_refresh_token_replaces_it_and_a_repeated_one_hears_the_same(engine) {
        let house = House::on(engine).await;
        house.user("anna").await;
        let (_, first) = sign_in(&house, "anna@example.org").await;
        let (access, second) = pair(&refresh(&house, &first).await.is(200));
        assert_ne!(first, second);
        // The answer was lost, and the client tries again, a day later.
        house.pass(Duration::from_hours(24)).await;
        let (_, again) = pair(&refresh(&house, &first).await.is(200));
        assert_eq!(again, second);
        house.bearing(&access).get("/api/v1/me").await.problem(401, "expired_token");
        let (access, third) = pair(&refresh(&house, &second).await.is(200));
        house.bearing(&access).get("/api/v1/me").await.is(200);
        assert_ne!(second, third);
    }

    async fn a_thief_is_found_at_the_second_use_and_the_session_ends(engine) {
        let house = House::on(engine).await;
        house.user("anna").await;
        let (_, stolen) = sign_in(&house, "anna@example.org").await;
        let (_, second) = pair(&refresh(&house, &stolen).await.is(200));
        let (access, third) = pair(&refresh(&house, &second).await.is(200));
        house.bearing(&access).get("/api/v1/me").await.is(200);
        refresh(&house, &stolen).await.problem(401, "invalid_refresh_token");
        refresh(&house, &third).await.problem(401, "invalid_refresh_token");
        house.bearing(&access).get("/api/v1/me").await.problem(401, "session_ended");
        let db = house.databases().next().unwrap();
        let left: Option<i64> = db.first(db::sql!("select count(*) from sessions where rotation > 0")).await.unwrap();
        assert_eq!(left, Some(0), "it is gone from the store");
    }

    async fn a_replaced_token_dies_once_its_successor_was_used_half_a_minute_ago(engine) {
        let house = House::on(engine).await;
        house.user("anna").await;
        let (_, first) = sign_in(&house, "anna@example.org").await;
        let (access, second) = pair(&refresh(&house, &first).await.is(200));
        house.bearing(&access).get("/api/v1/me").await.is(200);
        refresh(&house, &first).await.is(200);
        eventually("the use is noted", async || {
            let db = house.databases().next().unwrap();
            let used = db.first::<i64>(db::sql!("select used from sessions where rotation = 1")).await.unwrap();
            (used == Some(1)).then_some(())
        })
        .await;
        house.pass(Duration::from_secs(31)).await;
        refresh(&house, &first).await.problem(401, "invalid_refresh_token");
        refresh(&house, &second).await.problem(401, "invalid_refresh_token");
    }

    async fn a_thousand_honest_tabs_at_once_stay_signed_in(engine) {
        let house = House::on(engine).await;
        house.user("anna").await;
        let (_, token) = sign_in(&house, "anna@example.org").await;
        let tabs = (0..1_000).map(|_| {
            let (house, token) = (Client::clone(&house), token.clone());
            async move { pair(&refresh(&house, &token).await.is(200)) }
        });
        let pairs = tabs.collect::<JoinSet<_>>().join_all().await;
        let (access, next) = pairs[0].clone();
        assert!(pairs.iter().all(|(_, token)| *token == next), "all hear of the same successor");
        house.bearing(&access).get("/api/v1/me").await.is(200);
        refresh(&house, &next).await.is(200);
        let db = house.databases().next().unwrap();
        let rows = db.all::<i64>(db::sql!("select rotation from sessions order by rotation")).await.unwrap();
        assert_eq!(rows, [0, 2], "one session beside the first sign-in, renewed twice");
    }

    async fn a_session_lasts_a_week_beyond_its_last_renewal(engine) {
        let house = House::on(engine).await;
        house.user("anna").await;
        let (_, token) = sign_in(&house, "anna@example.org").await;
        house.pass(Duration::from_hours(6 * 24)).await;
        let (_, token) = pair(&refresh(&house, &token).await.is(200));
        house.pass(Duration::from_hours(6 * 24)).await;
        let (_, token) = pair(&refresh(&house, &token).await.is(200));
        house.pass(Duration::from_hours(7 * 24)).await;
        refresh(&house, &token).await.problem(401, "invalid_refresh_token");
    }

    async fn i_see_my_sessions_and_end_any_of_them(engine) {
        let house = House::on(engine).await;
        let phone = house.with("user-agent", "Phone/1.0");
        let anna = house.user("anna").await;
        let (other, refresh_token) = sign_in(&phone, "anna@example.org").await;
        let list = anna.get("/api/v1/me/sessions").await.is(200);
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 2);
        assert_eq!((&items[0]["device"], &items[0]["current"]), (&json!("Phone/1.0"), &json!(false)));
        assert_eq!((&items[0]["address"], &items[1]["current"]), (&json!("127.0.0.1"), &json!(true)));
        assert_eq!(anna.get("/auth/sessions").await.is(200), list["items"]);
        let path = format!("/auth/sessions/{}", items[0]["jti"]);
        anna.delete(&path).await.is(200);
        house.bearing(&other).get("/api/v1/me").await.problem(401, "session_ended");
        refresh(&house, &refresh_token).await.problem(401, "invalid_refresh_token");
        anna.get("/api/v1/me").await.is(200);
        anna.delete(&path).await.problem(404, "session_not_found");
    }

    async fn all_others_end_and_then_all(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let (other, _) = sign_in(&house, "anna@example.org").await;
        anna.delete("/api/v1/me/sessions?others=true").await.is(204);
        house.bearing(&other).get("/api/v1/me").await.problem(401, "session_ended");
        anna.get("/api/v1/me").await.is(200);
        let (new, _) = sign_in(&house, "anna@example.org").await;
        house.bearing(&new).get("/api/v1/me").await.is(200);
        anna.delete("/api/v1/me/sessions").await.is(204);
        for token in [&anna.token, &new] {
            house.bearing(token).get("/api/v1/me").await.problem(401, "session_ended");
        }
        sign_in(&house, "anna@example.org").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_felt_at_every_gateway_within_a_second_also_at_one_started_after_it() {
    let house = House::new().await;
    let second = house.another_gateway().await;
    let anna = house.user("anna").await;
    second.bearing(&anna.token).get("/api/v1/me").await.is(200);
    anna.post("/logout", json!({})).await.is(200);
    tokio::time::sleep(A_SECOND).await;
    let third = house.another_gateway().await;
    for gateway in [&house, &second, &third] {
        gateway.bearing(&anna.token).get("/api/v1/me").await.problem(401, "session_ended");
        gateway.bearing(&anna.token).get("/api/v1/tasks").await.problem(401, "session_ended");
    }
}

/// A renewed token that was shown to another gateway counts as used.
#[tokio::test(flavor = "multi_thread")]
async fn a_use_is_noted_wherever_it_is_seen() {
    let house = House::new().await;
    let gateway = house.another_gateway().await;
    house.user("anna").await;
    let (_, first) = sign_in(&house, "anna@example.org").await;
    let (access, _) = pair(&refresh(&gateway, &first).await.is(200));
    gateway.bearing(&access).get("/api/v1/me").await.is(200);
    eventually("the use is noted", async || {
        let db = house.databases().next().unwrap();
        let used = db.first::<i64>(db::sql!("select used from sessions where rotation = 1")).await.unwrap();
        (used == Some(1)).then_some(())
    })
    .await;
}

/// Where tasks are another process, it hears of it too.
#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_felt_in_a_service_apart() {
    let house = House::apart(Engine::Embedded).await;
    let anna = house.user("anna").await;
    anna.get("/api/v1/tasks").await.is(200);
    anna.post("/auth/logout", json!({})).await.is(200);
    tokio::time::sleep(A_SECOND).await;
    anna.get("/api/v1/tasks").await.problem(401, "session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_or_ends_a_strangers_session() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let list = anna.get("/auth/sessions").await.is(200);
    let path = format!("/auth/sessions/{}", list[0]["id"]);
    boris.delete(&path).await.problem(404, "session_not_found");
    boris.delete(&format!("/api/v1/me/sessions/{}", list[0]["id"])).await.problem(404, "session_not_found");
    boris.get(&format!("/auth/sessions/{}", anna.id)).await.problem(403, "forbidden");
    anna.get(&format!("/auth/sessions/{}", anna.id)).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_a_refresh_token_ends_nothing() {
    let house = House::new().await;
    house.user("anna").await;
    let (access, token) = sign_in(&house, "anna@example.org").await;
    for wrong in ["", "Bearer", "null", &access, &token[1..], &format!("{token}A"), &"x".repeat(9_000)] {
        refresh(&house, wrong).await.problem(401, "invalid_refresh_token");
    }
    house.post("/refresh", json!({})).await.problem(401, "invalid_refresh_token");
    house.post("/refresh", json!({"refresh_token": 1})).await.refuses(&[("refresh_token", "wrong_type")]);
    refresh(&house, &token).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_by_refresh_token_alone_ends_the_session() {
    let house = House::new().await;
    house.user("anna").await;
    for way in ["body", "bearer", "cookie"] {
        let (access, token) = sign_in(&house, "anna@example.org").await;
        let out = match way {
            "body" => house.post("/logout", json!({"refresh_token": format!("Bearer {token}")})).await,
            "bearer" => house.bearing(&token).send("POST", "/logout", "", "").await,
            _ => {
                house
                    .with("cookie", &format!("refresh_token={token}"))
                    .send("POST", "/auth/logout", "", "")
                    .await
            }
        };
        out.is(200);
        assert!(cookie(&out, "refresh_token").is_some_and(|cookie| cookie.contains("Max-Age=0")), "{way}");
        house.bearing(&access).get("/api/v1/me").await.problem(401, "session_ended");
        refresh(&house, &token).await.problem(401, "invalid_refresh_token");
    }
    let (first, _) = sign_in(&house, "anna@example.org").await;
    let (second, _) = sign_in(&house, "anna@example.org").await;
    house.bearing(&first).send("POST", "/logout?all=true", "", "").await.is(200);
    house.bearing(&second).get("/api/v1/me").await.problem(401, "session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sees_and_ends_anybodys_sessions_and_a_manager_does_not() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let (manager, admin) = (house.with_role("olha", "manager").await, house.with_role("ivan", "admin").await);
    let path = format!("/auth/sessions/{}", anna.id);
    manager.get(&path).await.problem(403, "forbidden");
    let list = admin.get(&path).await.is(200);
    let session = format!("/auth/sessions/{}", list[0]["jti"]);
    manager.delete(&session).await.problem(404, "session_not_found");
    admin.delete(&session).await.is(200);
    anna.get("/api/v1/me").await.problem(401, "session_ended");
    assert_eq!(admin.get(&path).await.is(200), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_role_is_felt_at_every_gateway_within_a_second_and_the_session_goes_on() {
    let house = House::new().await;
    let gateway = house.another_gateway().await;
    let admin = house.with_role("ivan", "admin").await;
    house.user("anna").await;
    let (access, token) = sign_in(&house, "anna@example.org").await;
    let id = house.bearing(&access).get("/api/v1/me").await.is(200)["id"].as_u64().unwrap();
    gateway.bearing(&access).get("/api/v1/me").await.is(200);
    let role = json!({"role": "manager"}).to_string();
    admin.send("PUT", &format!("/api/v1/accounts/{id}/role"), "application/json", role).await.is(200);
    tokio::time::sleep(A_SECOND).await;
    for house in [&house, &gateway] {
        house.bearing(&access).get("/api/v1/me").await.problem(401, "session_ended");
    }
    let (access, _) = pair(&refresh(&gateway, &token).await.is(200));
    assert_eq!(gateway.bearing(&access).get("/api/v1/me").await.is(200)["role"], "manager");
}
