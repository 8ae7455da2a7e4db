//! What goes wrong at a provider: said in a sentence, in the person's language, and nothing is written.

use std::time::Duration;

use testkit::providers::{Brand, Twist};
use tokio::time::timeout;

use super::Stage;
use super::browser::Browser;

/// What comes of each, as the problem's status and name.
const FAILURES: [(Twist, u16, &str); 10] = [
    (Twist::Denies, 403, "oauth_denied"),
    (Twist::IsBusy, 503, "unavailable"),
    (Twist::TokenDown, 503, "unavailable"),
    (Twist::TokenHuge, 503, "unavailable"),
    (Twist::TokenPage, 503, "unavailable"),
    (Twist::TokenMoved, 503, "unavailable"),
    (Twist::TokenSlow, 503, "unavailable"),
    (Twist::ProfileDown, 503, "unavailable"),
    (Twist::ProfilePage, 503, "unavailable"),
    (Twist::NoIdToken, 401, "oauth_unproven"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_program_hears_a_problem_and_a_browser_is_sent_to_our_pages() {
    let stage = Stage::of(Brand::Google).await;
    for (twist, status, code) in FAILURES {
        stage.provider().does(&[twist]);
        let mut browser = stage.browser();
        let end = timeout(Duration::from_secs(20), browser.dances("/auth/oauth/google")).await.unwrap();
        Browser::ends_at(&end, &format!("/app/?error={code}"));
        browser.is_nobody().await;
        assert!(browser.jar.is_empty(), "{twist:?}");
        if twist == Twist::TokenSlow {
            continue;
        }
        let mut titles = Vec::new();
        for language in ["en", "uk", "ru"] {
            let mut program = Browser::program(&stage.house);
            let left = program.get("/auth/oauth/google").await.is(200);
            let back = program.visits(left["authorization_url"].as_str().unwrap()).await;
            let refused = program.get_with(&back, &[("accept-language", language)]).await;
            titles.push(refused.problem(status, code)["title"].as_str().unwrap().to_owned());
            assert!(!refused.text().contains("127.0.0.1") && program.jar.is_empty());
        }
        titles.dedup();
        assert_eq!(titles.len(), 3, "{titles:?}");
    }
    assert_eq!(stage.house.rows().await, 0, "nothing was written");
    assert_eq!(stage.provider().asked("moved"), 0);
    stage.provider().does(&[]);
    Browser::ends_at(&stage.browser().dances("/auth/oauth/google").await, "/app/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_speaks_for_another_issuer_is_not_asked_further() {
    let stage = Stage::of(Brand::Oidc).await;
    stage.provider().does(&[Twist::ForeignDiscovery]);
    stage.house.get("/auth/oauth/work").await.problem(503, "unavailable");
    Browser::ends_at(&stage.browser().get("/auth/oauth/work").await, "/app/?error=unavailable");
    assert_eq!(stage.provider().asked("authorize"), 0);
    stage.provider().does(&[]);
    Browser::ends_at(&stage.browser().dances("/auth/oauth/work").await, "/app/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_gone_is_unavailable() {
    let mut stage = Stage::on(testkit::Engine::Memory, &[Brand::Google, Brand::Yandex]).await;
    let mut browser = stage.browser();
    let page = browser.leaves("/auth/oauth/yandex").await;
    let back = browser.visits(&page).await;
    stage.providers.clear();
    stage.house.get("/auth/oauth/google").await.problem(503, "unavailable");
    Browser::ends_at(&browser.get(&back).await, "/app/?error=unavailable");
    browser.is_nobody().await;
}
