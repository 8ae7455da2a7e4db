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
    use super::{Engine, Folder, House};

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
}
