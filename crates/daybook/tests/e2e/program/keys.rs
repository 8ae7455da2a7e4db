//! `daybook keys`, with a house that runs and without, and as a second process sees it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::process::{Folder, Serving};
use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;
use crate::e2e::house::PASSWORD;

const ME: &str = "/api/v1/me";
const TASKS: &str = "/api/v1/tasks";

/// Makes a new key; its name.
fn rotate(folder: &Folder) -> String {
    let done = folder.run(&[], &["keys", "rotate"]);
    let kid = done.works().strip_suffix(" signs from now on\n");
    kid.unwrap_or_else(|| panic!("{}", done.out)).to_owned()
}

/// What logging in is answered with.
async fn login(client: &Client) -> Value {
    let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
    client.post("/login", credentials).await.is(200)
}

fn token(welcome: &Value) -> &str {
    welcome["token"].as_str().unwrap()
}

/// The key that signed this token.
fn kid(token: &str) -> String {
    let header = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

async fn published(serving: &Serving) -> Vec<String> {
    let keys = serving.client.get("/.well-known/jwks.json").await.is(200);
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_new_key_signs_at_once_and_nobody_is_logged_out() {
    testkit::run(async {
        let folder = Folder::new();
        let serving = folder.serve();
        serving.user("anna").await;
        let old = login(&serving.client).await;
        let first = kid(token(&old));
        let mark = serving.client.get("/.well-known/jwks.json").await.header("etag").to_owned();

        let second = rotate(&folder);
        assert!(first.starts_with("1-") && second.starts_with("2-"), "{first} {second}");
        assert_eq!(published(&serving).await, [first.clone(), second.clone()]);
        let fresh = serving.client.with("if-none-match", &mark).get("/.well-known/jwks.json").await;
        assert_eq!(fresh.status, 200, "what others keep is not what there is");
        let new = login(&serving.client).await;
        assert_eq!(kid(token(&new)), second);
        for token in [token(&old), token(&new)] {
            serving.client.bearing(token).get(ME).await.is(200);
        }
        let refresh = json!({"refresh_token": old["refresh_token"]});
        let renewed = serving.client.post("/refresh", refresh).await.is(200);
        assert_eq!(kid(token(&renewed)), second);

        let listed = folder.run(&[], &["keys", "list"]);
        let lines: Vec<&str> = listed.works().lines().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[0], format!("{second}\tsigns"));
        assert!(lines[1].starts_with(&format!("{first}\tverifies until 20")), "{lines:?}");
        serving.stop();
    });
}

#[test]
fn a_key_made_while_no_house_runs_is_the_next_houses() {
    testkit::run(async {
        let folder = Folder::new();
        let serving = folder.serve();
        serving.user("anna").await;
        let old = login(&serving.client).await;
        serving.stop();
        let second = rotate(&folder);
        assert!(folder.run(&[], &["keys", "list"]).works().starts_with(&format!("{second}\tsigns\n1-")));
        let serving = folder.serve();
        serving.client.bearing(token(&old)).get(ME).await.is(200);
        assert_eq!(kid(token(&login(&serving.client).await)), second);
        serving.stop();
    });
}

#[test]
fn a_second_process_takes_tokens_of_a_new_key_without_an_error() {
    testkit::run(async {
        let (folder, other) = (Folder::new(), Folder::new());
        let serving = folder.serve();
        serving.user("anna").await;
        let old = login(&serving.client).await;
        let identity = format!("http://{}", serving.client.address);
        let apart = other.serve_as(&["gateway", "tasks"], &[("DAYBOOK_IDENTITY_URL", &identity)]);
        eventually("the second process has keys", async || {
            (apart.client.bearing(token(&old)).get(TASKS).await.status == 200).then_some(())
        })
        .await;

        for round in 2..4 {
            let kid_now = rotate(&folder);
            assert!(kid_now.starts_with(&format!("{round}-")));
            let new = login(&serving.client).await;
            assert_eq!(kid(token(&new)), kid_now);
            let (fresh, stale) = (apart.client.bearing(token(&new)), apart.client.bearing(token(&old)));
            for answer in join_all((0..20).map(|_| fresh.get(TASKS))).await {
                answer.is(200);
            }
            stale.get(TASKS).await.is(200);
        }

        // A browser has nothing but cookies: one is renewed in passing, the other may be of a key that is new.
        let welcome = login(&serving.client).await;
        let refresh = format!("refresh_token={}", welcome["refresh_token"].as_str().unwrap());
        rotate(&folder);
        let page = apart.client.with("cookie", &refresh);
        for answer in join_all((0..5).map(|_| page.get(TASKS))).await {
            answer.is(200);
            assert!(kid(answer.header("new-access-token")).starts_with("4-"));
        }
        rotate(&folder);
        let welcome = login(&apart.client).await;
        assert!(kid(token(&welcome)).starts_with("5-"));
        apart.client.with("cookie", &format!("sso-token={}", token(&welcome))).get(TASKS).await.is(200);
        apart.stop();
        serving.stop();
    });
}

#[test]
fn keys_that_nobody_keeps_are_not_made() {
    for command in [["keys", "rotate"], ["keys", "list"]] {
        let memory = [("DAYBOOK_DATABASE_URL", "memory")];
        Folder::new().run(&memory, &command).is_refused(&["database_url is memory"]);
    }
}

#[test]
fn a_folder_that_another_process_owns_is_left_alone() {
    testkit::run(async {
        let folder = Folder::new();
        let serving = folder.serve();
        std::fs::remove_file(folder.data().join("daybook.sock")).unwrap();
        folder.run(&[], &["keys", "rotate"]).is_refused(&["in use by another Daybook"]);
        assert_eq!(published(&serving).await.len(), 1);
        serving.stop();
    });
}
