//! `daybook user create`, with a house that runs and without.

use serde_json::json;

use super::process::Folder;
use crate::e2e::house::PASSWORD;

/// Makes `NAME@example.org`.
fn create(folder: &Folder, name: &str, more: &[&str]) -> super::process::Done {
    let email = format!("{name}@example.org");
    let args = [&["user", "create", &email], more].concat();
    folder.run_with(&[], &args, &format!("{PASSWORD}\n"))
}

#[test]
fn an_account_is_made_whether_a_house_runs_or_not() {
    testkit::run(async {
        let folder = Folder::new();
        assert!(create(&folder, "before", &[]).works().starts_with("made account "));
        let serving = folder.serve();
        let made = create(&folder, "meanwhile", &["--role", "admin", "--name", "Анна"]);
        let id: u64 = made.works().trim_end().rsplit(' ').next().unwrap().parse().unwrap();
        let welcome = serving
            .client
            .post("/login", json!({"email": "meanwhile@example.org", "password": PASSWORD}))
            .await
            .is(200);
        assert_eq!(
            (&welcome["id"], &welcome["name"], &welcome["role_name"]),
            (&json!(id), &json!("Анна"), &json!("admin"))
        );
        serving.login("before").await.get("/api/v1/me").await.is(200);
        serving.stop();
        create(&folder, "after", &["--role", "manager"]).works();
        let serving = folder.serve();
        let after = serving.login("after").await;
        assert_eq!(after.get("/api/v1/me").await.is(200)["role"], "manager");
        serving.stop();
    });
}

#[test]
fn what_cannot_be_an_account_is_refused_alike() {
    testkit::run(async {
        let folder = Folder::new();
        create(&folder, "anna", &[]).works();
        let refusals = |folder: &Folder| {
            create(folder, "anna", &[]).is_refused(&["This e-mail address is taken"]);
            create(folder, "boris", &["--role", "boss"]).is_refused(&["\"boss\"", "user, manager or admin"]);
            let short = folder.run_with(&[], &["user", "create", "boris@example.org"], "short\n");
            short.is_refused(&["password: this needs at least 8 characters"]);
            let empty = folder.run_with(&[], &["user", "create", "boris"], "");
            empty.is_refused(&["email: this is not an e-mail address; password: this is required"]);
        };
        refusals(&folder);
        let serving = folder.serve();
        refusals(&folder);
        serving.stop();
    });
}

/// Whoever may open the socket may do everything.
#[test]
fn the_socket_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let serving = folder.serve();
    let mode = |name: &str| std::fs::metadata(folder.data().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("."), mode("daybook.sock"), mode("keys")), (0o700, 0o600, 0o700));
    serving.stop();
}
