//! Document 1, the calendar organizer: what of it there is.

use serde_json::json;

use crate::e2e::house::{House, PASSWORD};

on_every_engine! {
    async fn signing_up_and_in(engine) {
        let house = House::on(engine).await;
        let new = json!({"email": "Anna@Example.org", "password": PASSWORD, "timezone": "Europe/Kyiv"});
        let made = house.post("/signup", new).await;
        let account = made.is(201);
        let id = account["id"].as_u64().unwrap();
        assert_eq!(account, json!({"id": id, "email": "anna@example.org", "timezone": "Europe/Kyiv"}));
        let welcome = house.post("/login", json!({"email": "anna@example.org", "password": PASSWORD})).await.is(200);
        let token = welcome["access_token"].as_str().unwrap();
        assert_eq!(house.bearing(token).get("/api/v1/me").await.is(200)["id"], id);
    }
}

mod signup {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn is_in_utc_when_nobody_says() {
        let house = House::new().await;
        let made = house.post("/signup", json!({"email": "anna@example.org", "password": PASSWORD})).await;
        assert_eq!(made.is(201)["timezone"], "UTC");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn twice_is_a_conflict() {
        let house = House::new().await;
        let new = json!({"email": "anna@example.org", "password": PASSWORD});
        house.post("/signup", new.clone()).await.is(201);
        house.post("/signup", new).await.problem(409, "email_taken");
        house.total_becomes("users", 1).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn at_once_makes_one_account() {
        let house = House::new().await;
        let sign_up = || house.post("/signup", json!({"email": "anna@example.org", "password": PASSWORD}));
        let mut statuses: Vec<u16> = futures_util::future::join_all((0..6).map(|_| sign_up()))
            .await
            .iter()
            .map(|a| a.status)
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
        house.total_becomes("users", 1).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn names_every_field_that_will_not_do() {
        let house = House::new().await;
        let sign_up = |body| house.post("/signup", body);
        sign_up(json!({"email": "anna", "password": "short", "timezone": "Mars/Base"})).await.refuses(&[
            ("email", "bad_email"),
            ("password", "too_short"),
            ("timezone", "unknown_timezone"),
        ]);
        sign_up(json!({})).await.refuses(&[("email", "required"), ("password", "required")]);
        sign_up(json!({"email": "anna@example.org"})).await.refuses(&[("password", "required")]);
        sign_up(json!({"email": 1, "password": PASSWORD})).await.refuses(&[("email", "wrong_type")]);
        sign_up(json!({"email": "a\u{0}@example.org", "password": PASSWORD}))
            .await
            .refuses(&[("email", "bad_email")]);
        sign_up(json!({"email": format!("{}@example.org", "a".repeat(300)), "password": PASSWORD}))
            .await
            .refuses(&[("email", "too_long")]);
        sign_up(json!({"email": "anna@example.org", "password": "x".repeat(129)}))
            .await
            .refuses(&[("password", "too_long")]);
        assert_eq!(house.rows().await, 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_role_is_not_for_the_asking() {
        let house = House::new().await;
        let new = json!({"email": "anna@example.org", "password": PASSWORD, "role": "admin", "id": 1, "role_name": "admin"});
        house.post("/signup", new).await.is(201);
        let anna = house.login("anna@example.org").await;
        assert_eq!(anna.get("/api/v1/me").await.is(200)["role"], "user");
        assert_ne!(anna.id, 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_password_is_kept_as_a_hash() {
        let house = House::new().await;
        house.user("anna").await;
        let db = house.databases().next().unwrap();
        let kept: Option<String> = db.first(db::sql!("select password_hash from users")).await.unwrap();
        let kept = kept.unwrap();
        assert!(kept.starts_with("$argon2id$") && !kept.contains(PASSWORD), "{kept}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_bad_bearer_is_no_obstacle() {
        let house = House::new().await;
        let new = json!({"email": "anna@example.org", "password": PASSWORD});
        house.bearing("null").post("/signup", new.clone()).await.is(201);
        house.bearing("null").post("/login", new).await.is(200);
    }
}

mod login {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn tells_no_difference_between_a_wrong_password_and_nobody() {
        let house = House::new().await;
        house.user("anna").await;
        let try_it = async |email: &str, password: &str| {
            let refused = house.post("/login", json!({"email": email, "password": password})).await;
            refused.problem(401, "wrong_credentials")["title"].clone()
        };
        let known = try_it("anna@example.org", "wrong").await;
        assert_eq!(known, try_it("nobody@example.org", PASSWORD).await);
        assert_eq!(known, try_it("", "").await);
        assert_eq!(known, try_it("anna@example.org\u{0}", &"x".repeat(5_000)).await);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn twice_gives_two_sessions_that_both_work() {
        let house = House::new().await;
        let first = house.user("anna").await;
        let second = house.login(&first.email).await;
        assert_ne!(first.token, second.token);
        first.get("/api/v1/me").await.is(200);
        second.get("/api/v1/me").await.is(200);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_no_login_is_said_to_be_none() {
        let house = House::new().await;
        house.post("/login", json!({"email": "anna@example.org"})).await.refuses(&[("password", "required")]);
        house.post("/login", json!({"email": 1, "password": "x"})).await.refuses(&[("email", "wrong_type")]);
        house.post("/login", json!({"email": null, "password": "x"})).await.refuses(&[("email", "required")]);
        house.get("/login").await.problem(405, "method_not_allowed");
        assert_eq!(house.rows().await, 0);
    }
}
