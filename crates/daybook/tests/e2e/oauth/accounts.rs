//! Whose account a login opens: linking, unlinking, and addresses that somebody else holds.

use db::{Batch, sql};
use serde_json::json;
use testkit::Engine;
use testkit::providers::{Brand, Person};

use super::super::house::{House, PASSWORD};
use super::Stage;
use super::browser::Browser;

/// As if they had proved their address to us.
async fn proves_address(house: &House, email: &str) {
    let db = house.databases().next().unwrap();
    let prove = sql!("update users set email_verified_at = 1 where email = ?", email);
    db.write(Batch::of_one(prove)).await.unwrap();
}

/// How many notices of this kind were told.
async fn notices(house: &House, what: &str) -> i64 {
    let db = house.databases().next().unwrap();
    let like = format!("%\"what\":\"{what}\"%");
    db.first::<i64>(sql!("select count(*) from facts where kind = 'notice' and body like ?", like.as_str()))
        .await
        .unwrap()
        .unwrap()
}

on_every_engine! {
    async fn linking_needs_proof_of_both_sides(engine) {
        let stage = Stage::on(engine, &[Brand::Google]).await;
        let anna = stage.house.user("anna").await;
        proves_address(&stage.house, &anna.email).await;
        // The provider's word alone does not open an account that was there before.
        let mut browser = stage.browser();
        let end = browser.dances("/auth/oauth/google").await;
        Browser::ends_at(&end, "/app/?error=oauth_account_exists");
        browser.is_nobody().await;
        // With both it is linked, its owner hears of it, and from then on it opens the account.
        browser.sign_in(&anna.email).await;
        let end = browser.dances("/auth/oauth/google?link=true&return_to=/app/settings").await;
        Browser::ends_at(&end, "/app/settings");
        assert_eq!(browser.logins().await, ["google"]);
        assert_eq!(notices(&stage.house, "login_linked").await, 1);
        let mut elsewhere = stage.browser();
        Browser::ends_at(&elsewhere.dances("/auth/oauth/google").await, "/app/");
        assert_eq!(elsewhere.me().await["id"], anna.id);
        // Linking it once more changes nothing.
        Browser::ends_at(&browser.dances("/auth/oauth/google?link=true").await, "/app/");
        assert_eq!((browser.logins().await.len(), notices(&stage.house, "login_linked").await), (1, 1));
    }

    async fn whoever_proves_an_address_gets_it_and_a_squatter_loses_it(engine) {
        let stage = Stage::on(engine, &[Brand::Google]).await;
        let squatter = stage.house.user("anna").await;
        squatter.post("/api/v1/tasks", json!({"title": "the squatter's"})).await.is(201);
        let mut browser = stage.browser();
        Browser::ends_at(&browser.dances("/auth/oauth/google").await, "/app/");
        let me = browser.me().await;
        assert_eq!(me["email"], squatter.email.as_str());
        assert_ne!(me["id"], squatter.id, "another account, not the squatter's");
        assert_eq!(browser.get("/api/v1/tasks").await.is(200)["items"], json!([]));
        // The squatter is out, and the password opens nothing any more.
        squatter.get("/api/v1/me").await.problem(401, "session_ended");
        let login = json!({"email": squatter.email, "password": PASSWORD});
        stage.house.post("/login", login).await.problem(401, "wrong_credentials");
        let db = stage.house.databases().next().unwrap();
        let gone = sql!("select count(*) from users where id = ? and deleted_at is not null and email is null", i64::try_from(squatter.id).unwrap());
        assert_eq!(db.first::<i64>(gone).await.unwrap(), Some(1));
        // From then on the address is proved, and no other word takes it.
        stage.provider().has(Person::proved("88", &squatter.email));
        let end = stage.browser().dances("/auth/oauth/google").await;
        Browser::ends_at(&end, "/app/?error=oauth_account_exists");
    }

    async fn the_last_way_in_stays(engine) {
        let stage = Stage::on(engine, &[Brand::Google, Brand::Facebook]).await;
        let mut browser = stage.browser();
        browser.dances("/auth/oauth/google").await;
        browser.delete("/api/v1/me/logins/google").await.problem(409, "last_login");
        browser.delete("/api/v1/me/logins/facebook").await.problem(404, "login_not_found");
        browser.dances("/auth/oauth/facebook?link=true").await;
        assert_eq!(browser.logins().await, ["facebook", "google"]);
        browser.delete("/api/v1/me/logins/gmail").await.is(204);
        browser.delete("/api/v1/me/logins/google").await.problem(404, "login_not_found");
        browser.delete("/api/v1/me/logins/facebook").await.problem(409, "last_login");
        // Whoever has a password has a way in.
        let anna = stage.house.user("vira").await;
        let mut vira = stage.browser();
        vira.sign_in(&anna.email).await;
        vira.dances("/auth/oauth/google?link=true").await;
        vira.delete("/api/v1/me/logins/google").await.is(204);
        assert_eq!(vira.logins().await, Vec::<String>::new());
    }
}

/// Two who unlink at once must not leave an account that nobody can enter.
#[tokio::test(flavor = "multi_thread")]
async fn two_removals_at_once_leave_a_way_in() {
    let stage = Stage::on(Engine::Embedded, &[Brand::Google, Brand::Facebook]).await;
    for subject in 0..10 {
        for provider in &stage.providers {
            provider.has(Person::silent(&format!("subject-{subject}")));
        }
        let (mut one, mut other) = (stage.browser(), stage.browser());
        one.dances("/auth/oauth/google").await;
        one.dances("/auth/oauth/facebook?link=true").await;
        other.jar.clone_from(&one.jar);
        let (a, b) =
            tokio::join!(one.delete("/api/v1/me/logins/google"), other.delete("/api/v1/me/logins/facebook"));
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        assert_eq!(one.logins().await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_strangers_with_one_login_at_once_are_one_account() {
    let stage = Stage::on(Engine::Embedded, &[Brand::Google]).await;
    let (mut one, mut other) = (stage.browser(), stage.browser());
    let (a, b) = tokio::join!(one.dances("/auth/oauth/google"), other.dances("/auth/oauth/google"));
    Browser::ends_at(&a, "/app/");
    Browser::ends_at(&b, "/app/");
    assert_eq!(one.me().await["id"], other.me().await["id"]);
    stage.house.total_becomes("users", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_one_persons_and_a_person_has_one_of_each_provider() {
    let stage = Stage::of(Brand::Google).await;
    stage.provider().has(Person::silent("77"));
    let (anna, boris) = (stage.house.user("anna").await, stage.house.user("boris").await);
    let (mut annas, mut boriss) = (stage.browser(), stage.browser());
    annas.sign_in(&anna.email).await;
    boriss.sign_in(&boris.email).await;
    Browser::ends_at(&annas.dances("/auth/oauth/google?link=true").await, "/app/");
    Browser::ends_at(&boriss.dances("/auth/oauth/google?link=true").await, "/app/?error=login_taken");
    stage.provider().has(Person::silent("88"));
    Browser::ends_at(&annas.dances("/auth/oauth/google?link=true").await, "/app/?error=provider_linked");
    assert_eq!((annas.logins().await.len(), boriss.logins().await.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn linking_is_begun_and_ended_by_the_same_person_from_our_own_pages() {
    let stage = Stage::of(Brand::Google).await;
    let (anna, boris) = (stage.house.user("anna").await, stage.house.user("boris").await);
    let link = "/auth/oauth/google?link=true";
    // Nobody cannot.
    stage.house.get(link).await.problem(401, "unauthenticated");
    Browser::ends_at(&stage.browser().get(link).await, "/app/?error=unauthenticated");
    // Somebody else's page cannot make Anna's browser begin it.
    let mut browser = stage.browser();
    browser.sign_in(&anna.email).await;
    for site in ["cross-site", "same-site"] {
        let refused = browser.get_with(link, &[("sec-fetch-site", site)]).await;
        Browser::ends_at(&refused, "/app/?error=link_from_elsewhere");
    }
    for site in ["same-origin", "none"] {
        assert_eq!(browser.get_with(link, &[("sec-fetch-site", site)]).await.status, 303);
    }
    // Whoever is signed in at the end has to be who began.
    let page = browser.leaves(link).await;
    let back = browser.visits(&page).await;
    browser.sign_in(&boris.email).await;
    Browser::ends_at(&browser.get(&back).await, "/app/?error=link_needs_sign_in");
    let page = browser.leaves(link).await;
    let back = browser.visits(&page).await;
    browser.jar.remove("refresh_token");
    Browser::ends_at(&browser.get(&back).await, "/app/?error=link_needs_sign_in");
    for person in [&anna, &boris] {
        assert_eq!(person.get("/api/v1/me/logins").await.is(200)["items"], json!([]));
    }
    // A program says who it is by its token.
    let left = anna.with("accept", "application/json").get(link).await.is(200);
    assert!(left["authorization_url"].as_str().unwrap().starts_with(&stage.provider().url));
}

/// Whom the house itself made an admin is no squatter, though no letter ever proved the address.
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_does_not_lose_an_address() {
    let stage = Stage::of(Brand::Google).await;
    let anna = stage.house.user("anna").await;
    let db = stage.house.databases().next().unwrap();
    db.write(Batch::of_one(sql!("update users set role = 'admin' where email = ?", anna.email.as_str())))
        .await
        .unwrap();
    let end = stage.browser().dances("/auth/oauth/google").await;
    Browser::ends_at(&end, "/app/?error=oauth_account_exists");
    anna.get("/api/v1/me").await.is(200);
}

/// A squatter who can also be found by a number keeps the account, without the address.
#[tokio::test(flavor = "multi_thread")]
async fn a_squatter_with_another_name_keeps_the_rest() {
    let stage = Stage::of(Brand::Google).await;
    let squatter = stage.house.user("anna").await;
    let db = stage.house.databases().next().unwrap();
    db.write(Batch::of_one(sql!(
        "update users set username = 'squatter' where email = ?",
        squatter.email.as_str()
    )))
    .await
    .unwrap();
    Browser::ends_at(&stage.browser().dances("/auth/oauth/google").await, "/app/");
    let login = json!({"username": "squatter", "password": PASSWORD});
    let welcome = stage.house.post("/login", login).await.is(200);
    assert_eq!((&welcome["id"], &welcome["user"]["email"]), (&json!(squatter.id), &json!(null)));
    squatter.get("/api/v1/me").await.problem(401, "session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_is_not_opened() {
    let stage = Stage::of(Brand::Google).await;
    let mut browser = stage.browser();
    browser.dances("/auth/oauth/google").await;
    let db = stage.house.databases().next().unwrap();
    db.write(Batch::of_one(sql!("update users set deleted_at = 1"))).await.unwrap();
    Browser::ends_at(&stage.browser().dances("/auth/oauth/google").await, "/app/?error=account_gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_are_their_owners_alone() {
    let stage = Stage::of(Brand::Google).await;
    let mut browser = stage.browser();
    browser.dances("/auth/oauth/google").await;
    let boris = stage.house.user("boris").await;
    assert_eq!(boris.get("/api/v1/me/logins").await.is(200)["items"], json!([]));
    boris.delete("/api/v1/me/logins/google").await.problem(404, "login_not_found");
    stage.house.get("/api/v1/me/logins").await.problem(401, "unauthenticated");
    stage.house.delete("/api/v1/me/logins/google").await.problem(401, "unauthenticated");
    assert_eq!(browser.logins().await, ["google"]);
}
