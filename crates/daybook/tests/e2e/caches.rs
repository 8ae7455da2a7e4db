//! The cache on a server: what the house and the program say of it, when it answers and when it does not.

use std::net::TcpListener;

use serde_json::json;
use testkit::Engine;

use super::house::House;
use super::program::process::Folder;

/// Where nobody listens.
fn nowhere() -> String {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("redis://:secret@127.0.0.1:{port}/0")
}

#[test]
fn a_house_whose_cache_is_away_serves_and_says_so() {
    testkit::run(async {
        let house = House::with(Engine::Memory, &[("DAYBOOK_CACHE_URL", &nowhere())]).await;
        let verdict = house.system.get("/health/ready").await.is(200);
        assert_eq!(verdict["status"], "degraded");
        assert_eq!(verdict["checks"]["database"], "ok");
        let told = verdict["checks"]["cache"].as_str().unwrap();
        assert!(told.starts_with("Redis is not there: ") && !told.contains("secret"), "{told}");
        let anna = house.user("anna").await;
        anna.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
    });
}

#[test]
fn check_complains_of_a_cache_that_is_away() {
    let done = Folder::new().run(&[("DAYBOOK_CACHE_URL", &nowhere())], &["check"]);
    assert!(done.out.starts_with("settings: ok\n"), "{}", done.out);
    done.is_refused(&["redis://:***@127.0.0.1:", "Redis is not there: "]);
}

mod redis {
    use std::time::Duration;

    use serde_json::{Value, json};
    use testkit::RedisServer;

    use super::{Engine, Folder, House};
    use crate::e2e::house::PASSWORD;

    /// What an end must be felt within, whatever is dead.
    const A_SECOND: Duration = Duration::from_secs(1);

    fn server() -> String {
        std::env::var("DAYBOOK_TEST_REDIS").expect("DAYBOOK_TEST_REDIS must name a server")
    }

    #[test]
    #[ignore = "needs Redis"]
    fn a_house_whose_cache_answers_is_well() {
        testkit::run(async {
            let house = House::with(Engine::Memory, &[("DAYBOOK_CACHE_URL", &server())]).await;
            let verdict = house.system.get("/health/ready").await.is(200);
            assert_eq!(verdict["status"], "ok", "{verdict}");
            assert_eq!(verdict["checks"]["cache"], "ok");
        });
    }

    #[test]
    #[ignore = "needs Redis"]
    fn check_finds_a_cache_that_answers() {
        let done = Folder::new().run(&[("DAYBOOK_CACHE_URL", &server())], &["check"]);
        assert!(done.works().lines().last().unwrap().ends_with(": ok, it answers"), "{}", done.out);
        assert!(!done.out.contains(":test@"), "the password is nobody's business: {}", done.out);
    }

    /// A pair of tokens for Anna, who is signed in now.
    async fn sign_in(house: &House) -> (String, String) {
        let welcome = house.post("/login", json!({"email": "anna@example.org", "password": PASSWORD})).await;
        let welcome = welcome.is(200);
        let text = |name: &str| welcome[name].as_str().unwrap().to_owned();
        (text("access_token"), text("refresh_token"))
    }

    async fn refresh(house: &House, token: &str, status: u16) -> Value {
        house.post("/refresh", json!({ "refresh_token": token })).await.is(status)
    }

    /// What a session needs of Redis: nothing.
    async fn signing_in_going_on_and_ending_works(house: &House, gateway: &House) {
        let (access, token) = sign_in(house).await;
        gateway.bearing(&access).get("/api/v1/me").await.is(200);
        let next = refresh(house, &token, 200).await;
        let token = next["refresh_token"].as_str().unwrap();
        house.post("/logout", json!({ "refresh_token": token })).await.is(200);
        tokio::time::sleep(A_SECOND).await;
        for house in [house, gateway] {
            house.bearing(&access).get("/api/v1/me").await.problem(401, "session_ended");
        }
        refresh(house, token, 401).await;
    }

    #[test]
    #[ignore = "needs Redis"]
    fn sessions_go_on_while_redis_is_dead_and_a_flush_revives_none_and_ends_none() {
        testkit::run(async {
            let mut server = RedisServer::start().await;
            let url = format!("redis://127.0.0.1:{}/0", server.port());
            let house = House::with(Engine::Embedded, &[("DAYBOOK_CACHE_URL", &url)]).await;
            let gateway = house.another_gateway().await;
            house.user("anna").await;
            let (ended, _) = sign_in(&house).await;
            house.bearing(&ended).post("/logout", json!({})).await.is(200);
            let (lasting, token) = sign_in(&house).await;
            signing_in_going_on_and_ending_works(&house, &gateway).await;

            assert_eq!(server.say("FLUSHALL"), "+OK");
            let revives_none_and_ends_none = async || {
                for house in [&house, &gateway] {
                    house.bearing(&ended).get("/api/v1/me").await.problem(401, "session_ended");
                    house.bearing(&lasting).get("/api/v1/me").await.is(200);
                }
            };
            revives_none_and_ends_none().await;
            signing_in_going_on_and_ending_works(&house, &gateway).await;

            server.kill();
            revives_none_and_ends_none().await;
            signing_in_going_on_and_ending_works(&house, &gateway).await;
            let late = house.another_gateway().await;
            late.bearing(&ended).get("/api/v1/me").await.problem(401, "session_ended");

            server.start_again().await;
            assert_eq!(server.say("FLUSHALL"), "+OK");
            revives_none_and_ends_none().await;
            signing_in_going_on_and_ending_works(&house, &gateway).await;
            refresh(&house, &token, 200).await;
        });
    }
}
