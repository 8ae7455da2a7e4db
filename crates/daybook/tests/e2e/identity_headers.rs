//! `X-User-ID`: worth nothing from a client, and no more than its token at a service.

use serde_json::json;
use testkit::Engine;

use super::house::House;

const ME: &str = "/api/v1/me";
/// Everything that something behind us could take for the header.
const SPELLINGS: [&str; 6] = ["X-User-ID", "X_User_ID", "x.user.id", "x-user_id", "X-USER-ID", "X-User-Role"];

#[tokio::test(flavor = "multi_thread")]
async fn a_client_cannot_say_who_it_is() {
    for house in [House::new().await, House::apart(Engine::Embedded).await] {
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let task = boris.post("/api/v1/tasks", json!({"title": "Boris's"})).await.is(201);
        let his = format!("/api/v1/tasks/{}", task["id"]);
        for spelling in SPELLINGS {
            let claim = boris.id.to_string();
            let nobody = house.with(spelling, &claim);
            nobody.get(ME).await.problem(401, "unauthenticated");
            nobody.get("/api/v1/tasks").await.problem(401, "unauthenticated");
            for liar in [anna.with(spelling, &claim), anna.with(spelling, "1").with(spelling, &claim)] {
                assert_eq!(liar.get(ME).await.is(200)["id"], anna.id, "{spelling}");
                assert_eq!(liar.get("/api/v1/tasks").await.is(200)["items"], json!([]), "{spelling}");
                liar.get(&his).await.problem(404, "task_not_found");
            }
        }
        boris.delete(&his).await.is(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_believes_the_header_only_with_the_users_own_token() {
    let house = House::of(Engine::Embedded, &["identity", "tasks"]).await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    for path in [ME, "/api/v1/tasks"] {
        anna.get(path).await.is(200);
        anna.with("x-user-id", &anna.id.to_string()).get(path).await.is(200);
        anna.with("x-user-id", &boris.id.to_string()).get(path).await.problem(401, "wrong_user");
        house.with("x-user-id", &anna.id.to_string()).get(path).await.problem(401, "wrong_user");
        house
            .bearing("null")
            .with("x-user-id", &anna.id.to_string())
            .get(path)
            .await
            .problem(401, "wrong_user");
        for nonsense in ["", "0", "-1", "x", "18446744073709551616"] {
            anna.with("x-user-id", nonsense).get(path).await.problem(401, "wrong_user");
        }
    }
    // A second one is a lie whichever is true.
    let both = anna.with("x-user-id", &anna.id.to_string()).with("x-user-id", &boris.id.to_string());
    both.get(ME).await.problem(401, "wrong_user");
}

/// What comes behind a body is read after everything was decided.
#[tokio::test(flavor = "multi_thread")]
async fn a_trailer_says_nothing_about_anybody() {
    for house in [House::new().await, House::apart(Engine::Embedded).await] {
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let request = format!(
            "POST /api/v1/tasks HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ntrailer: x-user-id\r\nte: trailers\r\n\
             transfer-encoding: chunked\r\nconnection: close\r\n\r\n\
             11\r\n{{\"title\": \"Milk\"}}\r\n0\r\nx-user-id: {}\r\nauthorization: Bearer {}\r\n\r\n",
            anna.token, boris.id, boris.token
        );
        let answer = house.raw(request).await;
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert_eq!(anna.get("/api/v1/tasks").await.is(200)["items"].as_array().unwrap().len(), 1);
        assert_eq!(boris.get("/api/v1/tasks").await.is(200)["items"], json!([]));
    }
}
