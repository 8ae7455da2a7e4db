//! The dance with each provider, and its quirks.

use testkit::providers::{Brand, Person, Twist};

use super::Stage;
use super::browser::Browser;

const ALL: [Brand; 5] = [Brand::Google, Brand::Facebook, Brand::Vk, Brand::Yandex, Brand::Oidc];

on_every_engine! {
    async fn a_stranger_signs_up_and_signs_in_again(engine) {
        let stage = Stage::on(engine, &ALL).await;
        for (at, provider) in stage.providers.iter().enumerate() {
            let name = provider.brand.name();
            provider.has(Person::proved("77", &format!("anna{at}@yandex.ru")));
            let mut browser = stage.browser();
            let end = browser.dances(&format!("/auth/oauth/{name}?return_to=/app/tasks")).await;
            Browser::ends_at(&end, "/app/tasks");
            let me = browser.me().await;
            assert_eq!(me["name"], "Анна Ї");
            assert_eq!(browser.logins().await, [name]);
            assert!(!browser.jar.contains_key("__Host-oauth"), "the dance is over");

            let mut again = stage.browser();
            let end = again.dances(&format!("/api/auth/oauth/{name}")).await;
            Browser::ends_at(&end, "/app/");
            assert_eq!(again.me().await["id"], me["id"]);
            assert_eq!((provider.asked("authorize"), provider.asked("token"), provider.asked("profile")), (2, 2, 2));
        }
        stage.nothing_was_refused();
        stage.house.total_becomes("users", 5).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_json_at_both_ends() {
    let stage = Stage::of(Brand::Google).await;
    let mut program = Browser::program(&stage.house);
    let left = program.get("/auth/oauth/gmail").await.is(200);
    let back = program.visits(left["authorization_url"].as_str().unwrap()).await;
    assert!(back.starts_with("/auth/oauth/google/callback?"), "gmail is Google: {back}");
    let welcome = program.get(&back).await.is(200);
    assert_eq!(welcome["user"]["email"], "anna@example.org");
    assert_eq!((&welcome["token"], &welcome["role_name"]), (&welcome["access_token"], &"user".into()));
    let me = stage.house.bearing(welcome["access_token"].as_str().unwrap()).get("/api/v1/me").await.is(200);
    assert_eq!(me["id"], welcome["id"]);
    let renewed = stage
        .house
        .post("/auth/refresh", serde_json::json!({"refresh_token": welcome["refresh_token"]}))
        .await;
    renewed.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_kept_only_where_the_provider_stands_for_it() {
    let stage = Stage::on(testkit::Engine::Memory, &ALL).await;
    for provider in &stage.providers {
        let email = format!("{}@example.org", provider.brand.name());
        provider.has(Person::proved("77", &email));
        let mut browser = stage.browser();
        browser.dances(&format!("/auth/oauth/{}", provider.brand.name())).await;
        let proves = matches!(provider.brand, Brand::Google | Brand::Oidc);
        let kept = browser.me().await["email"].as_str().map(str::to_owned);
        assert_eq!(kept, proves.then(|| email.clone()), "{:?}", provider.brand);
        // What the provider said is shown, and opens nothing.
        let logins = browser.get("/api/v1/me/logins").await.is(200);
        assert_eq!(logins["items"][0]["email"], email);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn google_does_not_stand_for_an_unproved_address() {
    let stage = Stage::of(Brand::Google).await;
    let anna = stage.house.user("anna").await;
    stage.provider().has(Person::unproved("77", &anna.email));
    let mut browser = stage.browser();
    Browser::ends_at(&browser.dances("/auth/oauth/google").await, "/app/");
    let me = browser.me().await;
    assert_ne!(me["id"], anna.id);
    assert_eq!(me["email"], serde_json::Value::Null);
    stage.house.login(&anna.email).await;
    assert_eq!(stage.provider().asked("discovery"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn google_has_two_names_and_nobody_else_may_use_the_shorter() {
    let stage = Stage::on(testkit::Engine::Memory, &[Brand::Google, Brand::Oidc]).await;
    for (provider, end) in stage.providers.iter().zip(["/app/", "/app/?error=oauth_unproven"]) {
        provider.does(&[Twist::PlainIssuer]);
        let answer = stage.browser().dances(&format!("/auth/oauth/{}", provider.brand.name())).await;
        Browser::ends_at(&answer, end);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn vk_gets_its_device_back_however_it_wrapped_it() {
    let stage = Stage::of(Brand::Vk).await;
    for twists in [&[][..], &[Twist::Wraps], &[Twist::TokenIsOver], &[Twist::Wraps, Twist::TokenIsOver]] {
        stage.provider().does(twists);
        let mut browser = stage.browser();
        let page = browser.leaves("/auth/oauth/vk").await;
        assert!(!page.contains("client_secret"));
        let back = browser.visits(&page).await;
        assert_eq!(back.contains("?payload="), twists.contains(&Twist::Wraps), "{back}");
        Browser::ends_at(&browser.get(&back).await, "/app/");
        browser.me().await;
    }
    assert_eq!((stage.provider().asked("refresh"), stage.provider().asked("token")), (2, 6));
    let over = "the token is unknown or over".to_owned();
    assert_eq!(stage.provider().refused(), [over.clone(), over], "nothing but the tokens that were over");
}

#[tokio::test(flavor = "multi_thread")]
async fn vk_refuses_a_code_without_its_device() {
    let stage = Stage::of(Brand::Vk).await;
    let mut browser = stage.browser();
    let page = browser.leaves("/auth/oauth/vk").await;
    let back = browser.visits(&page).await;
    let without = back.split("&device_id=").next().unwrap();
    Browser::ends_at(&browser.get(without).await, "/app/?error=oauth_unproven");
    browser.is_nobody().await;
    assert_eq!(stage.provider().refused(), ["another device_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn facebook_may_say_no_address() {
    let stage = Stage::of(Brand::Facebook).await;
    stage.provider().has(Person::silent("77"));
    let mut browser = stage.browser();
    Browser::ends_at(&browser.dances("/auth/oauth/facebook").await, "/app/");
    assert_eq!(browser.me().await["email"], serde_json::Value::Null);
    stage.nothing_was_refused();
}

/// The house with the wrong secret: its codes are refused, and were they not, its proofs would be.
#[tokio::test(flavor = "multi_thread")]
async fn facebook_refuses_whoever_has_another_secret() {
    let clock = testkit::StillClock::default();
    let facebook = testkit::providers::Provider::start(Brand::Facebook, super::PUBLIC, &clock).await;
    let mut settings = facebook.settings();
    settings.push(("DAYBOOK_OAUTH_PUBLIC_URL".into(), super::PUBLIC.into()));
    settings.retain(|(name, _)| !name.ends_with("CLIENT_SECRET"));
    settings.push(("DAYBOOK_OAUTH_FACEBOOK_CLIENT_SECRET".into(), "another".into()));
    let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let house = super::House::with(testkit::Engine::Memory, &settings).await;
    let mut browser = Browser::new(&house);
    Browser::ends_at(&browser.dances("/auth/oauth/facebook").await, "/app/?error=oauth_unproven");
    assert_eq!(facebook.refused(), ["the client is not who it says"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_about_somebody_else_is_no_word() {
    let stage = Stage::on(testkit::Engine::Memory, &ALL).await;
    for (brand, twist) in [
        (Brand::Vk, Twist::OtherUser),
        (Brand::Vk, Twist::OtherState),
        (Brand::Yandex, Twist::OtherClient),
        (Brand::Google, Twist::OtherSubject),
        (Brand::Oidc, Twist::OtherSubject),
    ] {
        let provider = stage.providers.iter().find(|provider| provider.brand == brand).unwrap();
        provider.does(&[twist]);
        let mut browser = stage.browser();
        let end = browser.dances(&format!("/auth/oauth/{}", brand.name())).await;
        Browser::ends_at(&end, "/app/?error=oauth_unproven");
        browser.is_nobody().await;
    }
    assert_eq!(stage.house.rows().await, 0, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_set_up_is_not_found() {
    let stage = Stage::of(Brand::Google).await;
    for name in ["vk", "work", "nobody", "GOOGLE", "%00", "google%2f.."] {
        stage.house.get(&format!("/auth/oauth/{name}")).await.problem(404, "provider_not_found");
        stage
            .house
            .get(&format!("/auth/oauth/{name}/callback?code=a&state=b"))
            .await
            .problem(404, "provider_not_found");
    }
}
