//! The link by which the first administrator of a house comes in.

use serde_json::json;

use super::process::{Folder, Serving};
use crate::e2e::house::PASSWORD;

/// The link that is shown at start.
fn link(serving: &Serving) -> String {
    let line = serving.says("message: nobody runs this house yet");
    line.split('\t')
        .find_map(|field| field.strip_prefix("link: "))
        .unwrap_or_else(|| panic!("{line}"))
        .to_owned()
}

#[test]
fn an_empty_house_shows_one_link_at_each_start_until_somebody_runs_it() {
    testkit::run(async {
        let folder = Folder::new();
        let first = folder.serve();
        let shown = link(&first);
        let (page, secret) = shown.split_once("/#administrator=").unwrap();
        assert!(page.starts_with("http://127.0.0.1:") && secret.len() == 43, "{shown}");
        first.stop();
        // Another address, the same secret: nobody has to look for the first log.
        let again = folder.serve_with(&[("DAYBOOK_OAUTH_PUBLIC_URL", "https://daybook.test")]);
        assert_eq!(link(&again), format!("https://daybook.test/#administrator={secret}"));
        let anna = json!({"token": secret, "email": "anna@example.org", "password": PASSWORD});
        again.client.post("/api/v1/first-administrator", anna).await.is(201);
        assert_eq!(again.login("anna").await.get("/api/v1/me").await.is(200)["role"], "admin");
        again.stop();
        shows_none(&folder);
    });
}

#[test]
fn a_house_whose_administrator_a_command_made_shows_none() {
    let folder = Folder::new();
    let args = ["user", "create", "anna@example.org", "--role", "admin"];
    folder.run_with(&[], &args, &format!("{PASSWORD}\n")).works();
    shows_none(&folder);
}

fn shows_none(folder: &Folder) {
    let serving = folder.serve();
    serving.terminate();
    let (code, log) = serving.ended();
    assert!(code == Some(0) && !log.iter().any(|line| line.contains("administrator")), "{log:?}");
}
