//! Whoever wants to get in by way of somebody else's dance.

use std::time::Duration;

use testkit::Engine;
use testkit::providers::{Brand, Person, Twist};

use super::Stage;
use super::browser::Browser;

const COOKIE: &str = "__Host-oauth";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_another_house() {
    let stage = Stage::of(Brand::Google).await;
    for place in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "%5C%5Cevil.example",
        "/app/%2F..//evil.example",
        "/app/../../evil",
        "/app/%252e%252e/x",
        "javascript:alert(1)",
        "/app/%0d%0aset-cookie:a=b",
        "/app.evil.example",
        "/logout",
    ] {
        for room in ["/auth", "/api/auth"] {
            let path = format!("{room}/oauth/google?return_to={place}");
            stage.house.get(&path).await.refuses(&[("return_to", "bad_return_path")]);
            Browser::ends_at(&stage.browser().get(&path).await, "/app/?error=invalid");
        }
    }
    // What the browser says on its way back changes nothing.
    let mut browser = stage.browser();
    let page = browser.leaves("/auth/oauth/google?return_to=/app/tasks").await;
    let back = browser.visits(&page).await;
    Browser::ends_at(&browser.get(&format!("{back}&return_to=https://evil.example/")).await, "/app/tasks");
}

/// The host that a client names decides nothing: redirect URIs are what is configured.
#[tokio::test(flavor = "multi_thread")]
async fn the_redirect_uri_is_ours_whatever_host_is_named() {
    let stage = Stage::of(Brand::Google).await;
    for header in ["x-forwarded-host", "forwarded", "x-forwarded-proto", "origin", "x-original-url"] {
        let answer = stage.browser().get_with("/auth/oauth/google", &[(header, "evil.example")]).await;
        let page = answer.header("location");
        let ours = "redirect_uri=https%3A%2F%2Fdaybook.test%2Fauth%2Foauth%2Fgoogle%2Fcallback&";
        assert!(page.contains(ours) && !page.contains("evil"), "{page}");
    }
}

/// Login CSRF: a victim's browser is made to end the attacker's dance, and would sign in as the attacker.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_ends_only_the_dance_that_it_began() {
    let stage = Stage::of(Brand::Google).await;
    let (mut attacker, mut victim) = (stage.browser(), stage.browser());
    let page = attacker.leaves("/auth/oauth/google").await;
    let stolen = attacker.visits(&page).await;
    Browser::ends_at(&victim.get(&stolen).await, "/app/?error=oauth_not_begun");
    // Nor when the victim has a dance of its own on the way.
    victim.leaves("/auth/oauth/google").await;
    Browser::ends_at(&victim.get(&stolen).await, "/app/?error=oauth_not_begun");
    victim.is_nobody().await;
    assert_eq!(stage.provider().asked("token"), 0, "no code was shown to anybody");
    Browser::ends_at(&attacker.get(&stolen).await, "/app/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dance_ends_once() {
    let stage = Stage::of(Brand::Google).await;
    let mut browser = stage.browser();
    let page = browser.leaves("/auth/oauth/google").await;
    let carried = browser.jar[COOKIE].clone();
    let back = browser.visits(&page).await;
    Browser::ends_at(&browser.get(&back).await, "/app/");
    Browser::ends_at(&browser.get(&back).await, "/app/?error=oauth_not_begun");
    // Also for who kept the cookie, and with a fresh code for the same state.
    let mut thief = stage.browser();
    let fresh = thief.visits(&page).await;
    for again in [&back, &fresh] {
        thief.jar.insert(COOKIE.to_owned(), carried.clone());
        Browser::ends_at(&thief.get(again).await, "/app/?error=oauth_not_begun");
    }
    thief.is_nobody().await;
    assert_eq!(stage.provider().asked("token"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_come_back_with_one_dance_at_once_are_one() {
    let stage = Stage::of(Brand::Google).await;
    let mut browser = stage.browser();
    let page = browser.leaves("/auth/oauth/google").await;
    let back = browser.visits(&page).await;
    let mut other = stage.browser();
    other.jar.clone_from(&browser.jar);
    let (one, two) = tokio::join!(browser.get(&back), other.get(&back));
    let mut ends = [one.header("location"), two.header("location")];
    ends.sort_unstable();
    assert_eq!(ends, ["/app/", "/app/?error=oauth_not_begun"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_another_dance_is_refused_by_the_provider() {
    let stage = Stage::of(Brand::Google).await;
    let (mut attacker, mut victim) = (stage.browser(), stage.browser());
    let page = victim.leaves("/auth/oauth/google").await;
    let stolen = victim.visits(&page).await;
    let code = stolen.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let page = attacker.leaves("/auth/oauth/google").await;
    let own = attacker.visits(&page).await;
    let own_state = own.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let mixed = format!("/auth/oauth/google/callback?code={code}&state={own_state}");
    Browser::ends_at(&attacker.get(&mixed).await, "/app/?error=oauth_unproven");
    attacker.is_nobody().await;
    assert_eq!(stage.provider().refused(), ["code_verifier does not fit code_challenge"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_one_provider_is_none_of_another() {
    let stage = Stage::on(Engine::Memory, &[Brand::Google, Brand::Yandex, Brand::Oidc]).await;
    for other in ["yandex", "work"] {
        let mut browser = stage.browser();
        let page = browser.leaves("/auth/oauth/google").await;
        let back = browser.visits(&page).await.replace("/oauth/google/", &format!("/oauth/{other}/"));
        Browser::ends_at(&browser.get(&back).await, "/app/?error=oauth_not_begun");
    }
    for provider in &stage.providers {
        assert_eq!(provider.asked("token"), 0);
    }
    // A provider that names itself has to name itself right, and may not forget to.
    for twist in [Twist::ForeignReturn, Twist::NamelessReturn] {
        stage.providers[2].does(&[twist]);
        Browser::ends_at(&stage.browser().dances("/auth/oauth/work").await, "/app/?error=oauth_unproven");
    }
    assert_eq!(stage.providers[2].asked("token"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_worth_nothing_changed_or_late_or_under_another_name() {
    let stage = Stage::of(Brand::Google).await;
    let mut browser = stage.browser();
    let page = browser.leaves("/auth/oauth/google").await;
    let back = browser.visits(&page).await;
    let carried = browser.jar[COOKIE].clone();
    let (said, seal) = carried.split_once('.').unwrap();
    for (name, value) in [
        (COOKIE, format!("{said}.")),
        (COOKIE, said.to_owned()),
        (COOKIE, format!("{seal}.{seal}")),
        (COOKIE, format!("{carried}A")),
        // A neighbour under the same domain could set a cookie with a plain name.
        ("oauth", carried.clone()),
    ] {
        let mut other = stage.browser();
        other.jar.insert(name.to_owned(), value);
        Browser::ends_at(&other.get(&back).await, "/app/?error=oauth_not_begun");
    }
    for (changed, code) in
        [("state=x&code=y", "oauth_not_begun"), ("code=y", "oauth_not_begun"), ("", "oauth_not_begun")]
    {
        let mut other = stage.browser();
        other.jar.insert(COOKIE.to_owned(), carried.clone());
        let end = other.get(&format!("/auth/oauth/google/callback?{changed}")).await;
        Browser::ends_at(&end, &format!("/app/?error={code}"));
    }
    stage.house.clock.advance(Duration::from_mins(10));
    Browser::ends_at(&browser.get(&back).await, "/app/?error=oauth_not_begun");
    assert_eq!(stage.provider().asked("token"), 0);
}

/// Session fixation: whoever was signed in before, a new session begins, and the old one is not given to the newcomer.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_opens_a_session_of_its_own() {
    let stage = Stage::of(Brand::Google).await;
    stage.provider().has(Person::proved("77", "boris@example.org"));
    let anna = stage.house.user("anna").await;
    let mut browser = stage.browser();
    browser.sign_in(&anna.email).await;
    let before = browser.jar["refresh_token"].clone();
    Browser::ends_at(&browser.dances("/auth/oauth/google").await, "/app/");
    assert_ne!(browser.jar["refresh_token"], before);
    assert_ne!(browser.me().await["id"], anna.id);
    assert_eq!(anna.get("/api/v1/me/logins").await.is(200)["items"], serde_json::json!([]));
}
