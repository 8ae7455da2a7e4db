//! Id tokens that prove nothing, and those that do.

use std::time::Duration;

use testkit::providers::{Brand, Twist};

use super::Stage;
use super::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_that_proves_nothing_opens_nothing() {
    let stage = Stage::on(testkit::Engine::Memory, &[Brand::Google, Brand::Oidc]).await;
    for provider in &stage.providers {
        let path = format!("/auth/oauth/{}", provider.brand.name());
        for twist in [
            Twist::AlgNone,
            Twist::AlgHs256,
            Twist::OtherKey,
            Twist::UnknownKey,
            Twist::WrongAudience,
            Twist::TwoAudiences,
            Twist::WrongParty,
            Twist::WrongIssuer,
            Twist::Expired,
            Twist::FromTheFuture,
            Twist::NoNonce,
            Twist::WrongNonce,
            Twist::NoIdToken,
        ] {
            provider.does(&[twist]);
            let mut browser = stage.browser();
            let end = browser.dances(&path).await;
            assert_eq!(end.header("location"), "/app/?error=oauth_unproven", "{twist:?}");
            browser.is_nobody().await;
        }
        assert_eq!(provider.asked("profile"), 0, "nobody is asked about who was not proved");
    }
    assert_eq!(stage.house.rows().await, 0, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_key_that_is_taken_opens() {
    let stage = Stage::on(testkit::Engine::Memory, &[Brand::Google, Brand::Oidc]).await;
    for (at, twists) in [(0, &[][..]), (1, &[]), (1, &[Twist::SignsEd25519])] {
        let provider = &stage.providers[at];
        provider.does(twists);
        let end = stage.browser().dances(&format!("/auth/oauth/{}", provider.brand.name())).await;
        assert_eq!(
            end.header("location"),
            if at == 0 { "/app/" } else { "/app/?error=oauth_account_exists" }
        );
    }
}

/// Names of keys are anybody's to invent, and must not make the house ask again and again.
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_fetched_once_and_for_unknown_names_once_a_minute() {
    let stage = Stage::of(Brand::Google).await;
    let google = stage.provider();
    for _ in 0..3 {
        Browser::ends_at(&stage.browser().dances("/auth/oauth/google").await, "/app/");
    }
    assert_eq!((google.asked("keys"), google.asked("discovery")), (1, 1));
    google.does(&[Twist::UnknownKey]);
    for _ in 0..3 {
        stage.browser().dances("/auth/oauth/google").await;
    }
    assert_eq!(google.asked("keys"), 1);
    stage.house.clock.advance(Duration::from_secs(61));
    for _ in 0..3 {
        stage.browser().dances("/auth/oauth/google").await;
    }
    assert_eq!(google.asked("keys"), 2);
    google.does(&[]);
    stage.house.clock.advance(Duration::from_secs(3_601));
    stage.browser().dances("/auth/oauth/google").await;
    assert_eq!(google.asked("discovery"), 2);
}
