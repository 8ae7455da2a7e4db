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

    async fn whoever_proves_an_address_takes_the_account_over_and_whoever_made_it_is_out(engine) {
        let stage = Stage::on(engine, &[Brand::Google, Brand::Facebook]).await;
        let (google, facebook) = (&stage.providers[0], &stage.providers[1]);
        let maker = stage.house.user("anna").await;
        maker.post("/api/v1/tasks", json!({"title": "buy milk"})).await.is(201);
        // Whoever made the account has linked what is theirs.
        let mut before = stage.browser();
        before.sign_in(&maker.email).await;
        google.has(Person::silent("66"));
        facebook.has(Person::silent("67"));
        for provider in ["google", "facebook"] {
            Browser::ends_at(&before.dances(&format!("/auth/oauth/{provider}?link=true")).await, "/app/");
        }
        assert_eq!(before.logins().await, ["facebook", "google"]);

        google.has(Person::proved("1001", &maker.email));
        let mut browser = stage.browser();
        Browser::ends_at(&browser.dances("/auth/oauth/google").await, "/app/");
        let me = browser.me().await;
        assert_eq!((&me["id"], &me["email"]), (&json!(maker.id), &json!(maker.email)));
        assert!(me["email_verified_at"].is_string(), "{me}");
        let tasks = browser.get("/api/v1/tasks").await.is(200);
        assert_eq!((tasks["items"].as_array().unwrap().len(), &tasks["items"][0]["title"]), (1, &json!("buy milk")));
        assert_eq!(browser.logins().await, ["google"]);
        assert_eq!(notices(&stage.house, "login_linked").await, 3, "two were linked, and one took over");
        // Neither token, nor cookie, nor password, nor another login lets in whoever made it.
        maker.get("/api/v1/me").await.problem(401, "session_ended");
        before.is_nobody().await;
        let login = json!({"email": maker.email, "password": PASSWORD});
        stage.house.post("/login", login).await.problem(401, "wrong_credentials");
        google.has(Person::silent("66"));
        for provider in ["google", "facebook"] {
            let mut elsewhere = stage.browser();
            Browser::ends_at(&elsewhere.dances(&format!("/auth/oauth/{provider}")).await, "/app/");
            assert_ne!(elsewhere.me().await["id"], maker.id, "{provider} opens an account of its own");
        }
        // From then on the address is proved: the same login opens the account, and no other word takes it.
        google.has(Person::proved("1001", &maker.email));
        let mut again = stage.browser();
        Browser::ends_at(&again.dances("/auth/oauth/google").await, "/app/");
        assert_eq!(again.me().await["id"], maker.id);
        google.has(Person::proved("88", &maker.email));
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

/// Whoever made an account that another took over does not come back by its other names.
#[tokio::test(flavor = "multi_thread")]
async fn another_name_of_an_account_that_was_taken_over_opens_nothing() {
    let stage = Stage::of(Brand::Google).await;
    let maker = stage.house.user("anna").await;
    let db = stage.house.databases().next().unwrap();
    db.write(Batch::of_one(sql!(
        "update users set username = 'maker', phone = '+380441234567' where email = ?",
        maker.email.as_str()
    )))
    .await
    .unwrap();
    let names = [
        json!({"username": "maker", "password": PASSWORD}),
        json!({"phone_number": "+380441234567", "password": PASSWORD}),
    ];
    for login in &names {
        assert_eq!(stage.house.post("/login", login.clone()).await.is(200)["id"], maker.id);
    }
    let mut browser = stage.browser();
    Browser::ends_at(&browser.dances("/auth/oauth/google").await, "/app/");
    for login in names {
        stage.house.post("/login", login).await.problem(401, "wrong_credentials");
    }
    // The name stays, but a number that nobody proved goes: a code that is sent there would open the account again.
    let me = browser.me().await;
    assert_eq!((&me["id"], &me["username"]), (&json!(maker.id), &json!("maker")));
    assert_eq!(me["phone_number"], json!(null));
    maker.get("/api/v1/me").await.problem(401, "session_ended");
}

/// An address that somebody mistyped does not open an account that is known to be theirs by their number.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_proved_number_is_not_taken_over() {
    let stage = Stage::of(Brand::Google).await;
    let anna = stage.house.user("anna").await;
    let db = stage.house.databases().next().unwrap();
    db.write(Batch::of_one(sql!(
        "update users set phone = '+380441234567', phone_verified_at = 1 where email = ?",
        anna.email.as_str()
    )))
    .await
    .unwrap();
    let end = stage.browser().dances("/auth/oauth/google").await;
    Browser::ends_at(&end, "/app/?error=oauth_account_exists");
    anna.get("/api/v1/me").await.is(200);
}

/// Of two dances at once one takes the account over, and the other finds its login there.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_taken_over_once() {
    let stage = Stage::on(Engine::Embedded, &[Brand::Google]).await;
    let anna = stage.house.user("anna").await;
    let (mut one, mut other) = (stage.browser(), stage.browser());
    let (a, b) = tokio::join!(one.dances("/auth/oauth/google"), other.dances("/auth/oauth/google"));
    for (end, browser) in [(a, &mut one), (b, &mut other)] {
        Browser::ends_at(&end, "/app/");
        assert_eq!(browser.me().await["id"], anna.id);
    }
    assert_eq!(notices(&stage.house, "login_linked").await, 1);
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
