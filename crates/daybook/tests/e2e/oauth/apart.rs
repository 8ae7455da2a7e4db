//! The dance with the gateway in one process and identity in another: cookies, redirects and who asks go through both.

use serde_json::json;
use testkit::providers::{Brand, Person};

use super::Stage;
use super::browser::Browser;

on_every_engine! {
    async fn a_browser_signs_in_and_links_through_a_gateway(engine) {
        let stage = Stage::apart(engine, &[Brand::Google]).await;
        let mut browser = stage.browser();
        let page = browser.leaves("/auth/oauth/google?return_to=/app/tasks").await;
        assert_eq!(browser.jar.keys().collect::<Vec<_>>(), ["__Host-oauth"]);
        let back = browser.visits(&page).await;
        Browser::ends_at(&browser.get(&back).await, "/app/tasks");
        assert_eq!(browser.jar.keys().collect::<Vec<_>>(), ["refresh_token"]);
        let me = browser.me().await;
        assert_eq!(me["email"], "anna@example.org");
        Browser::ends_at(&browser.get(&back).await, "/app/?error=oauth_not_begun");

        // The gateway knows by the cookie who links, and tells the house by a token.
        let vira = stage.house.user("vira").await;
        stage.provider().has(Person::silent("77"));
        let mut viras = stage.browser();
        viras.sign_in(&vira.email).await;
        Browser::ends_at(&viras.dances("/auth/oauth/google?link=true").await, "/app/");
        assert_eq!(viras.logins().await, ["google"]);
        let refused = viras.get_with("/auth/oauth/google?link=true", &[("sec-fetch-site", "cross-site")]).await;
        Browser::ends_at(&refused, "/app/?error=link_from_elsewhere");
        Browser::ends_at(&stage.browser().get("/auth/oauth/google?link=true").await, "/app/?error=unauthenticated");
        stage.nothing_was_refused();

        // A program is answered in JSON, and from the door that it knocked at.
        let mut program = Browser::program(&stage.house);
        let left = program.get("/api/auth/oauth/google").await.is(200);
        let back = program.visits(left["authorization_url"].as_str().unwrap()).await;
        assert_eq!(program.get(&back).await.is(200)["id"], json!(vira.id));
    }
}
