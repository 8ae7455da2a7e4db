//! `daybook user role`, `reset` and `sessions`, with a house that runs and without.

use serde_json::{Value, json};

use super::process::{Done, Folder, Serving};
use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;
use crate::e2e::house::PASSWORD;

const ANNA: &str = "anna@example.org";
const ME: &str = "/api/v1/me";

/// A folder whose house runs while orders are given, or does not.
struct Place {
    folder: Folder,
    serving: Option<Serving>,
    runs: bool,
}

impl Place {
    /// Both kinds of place, with Anna's account.
    async fn both() -> [Self; 2] {
        let place = async |runs| {
            let folder = Folder::new();
            let serving = folder.serve();
            serving.user("anna").await;
            Self { folder, serving: Some(serving), runs }
        };
        [place(true).await, place(false).await]
    }

    /// Gives an order, between two runs of the house if it shall not run meanwhile.
    fn order(&mut self, args: &[&str], input: &str) -> Done {
        if !self.runs {
            self.serving.take().unwrap().stop();
        }
        let done = self.folder.run_with(&[], &[&["user"], args].concat(), input);
        if !self.runs {
            self.serving = Some(self.folder.serve());
        }
        done
    }

    fn client(&self) -> &Client {
        &self.serving.as_ref().unwrap().client
    }

    async fn login(&self, password: &str) -> Value {
        self.client().post("/login", json!({"email": ANNA, "password": password})).await.is(200)
    }

    async fn refresh(&self, welcome: &Value) -> crate::e2e::client::Answer {
        self.client().post("/refresh", json!({"refresh_token": welcome["refresh_token"]})).await
    }

    /// Where the house has just started it reads what ended before, and so it may take a moment.
    async fn is_ended(&self, welcome: &Value) {
        let client = self.client().bearing(welcome["token"].as_str().unwrap());
        eventually("the token has ended", async || {
            let answer = client.get(ME).await;
            (answer.status != 200).then(|| answer.problem(401, "session_ended"))
        })
        .await;
    }

    fn end(self) {
        self.serving.unwrap().stop();
    }
}

#[test]
fn a_role_is_changed_and_sessions_go_on_with_it() {
    testkit::run(async {
        for mut place in Place::both().await {
            let before = place.login(PASSWORD).await;
            assert_eq!(before["role_name"], "user");
            let done = place.order(&["role", " Anna@Example.org ", "manager"], "");
            assert_eq!(done.works(), format!("account {} has the role manager now\n", before["id"]));
            place.is_ended(&before).await;
            let after = place.refresh(&before).await.is(200);
            let anna = place.client().bearing(after["token"].as_str().unwrap());
            assert_eq!(anna.get(ME).await.is(200)["role"], "manager");
            assert_eq!(place.login(PASSWORD).await["role_name"], "manager");
            place.end();
        }
    });
}

#[test]
fn a_new_password_ends_all_sessions() {
    testkit::run(async {
        for mut place in Place::both().await {
            let (one, other) = (place.login(PASSWORD).await, place.login(PASSWORD).await);
            let done = place.order(&["reset", ANNA], "another good one\n");
            assert!(
                done.works().ends_with("has a new password, and its sessions have ended\n"),
                "{}",
                done.out
            );
            for welcome in [&one, &other] {
                place.is_ended(welcome).await;
                place.refresh(welcome).await.problem(401, "invalid_refresh_token");
            }
            let old = json!({"email": ANNA, "password": PASSWORD});
            place.client().post("/login", old).await.problem(401, "wrong_credentials");
            place.login("another good one").await;
            place.end();
        }
    });
}

#[test]
fn sessions_are_listed_and_ended_one_by_one_or_all() {
    testkit::run(async {
        for mut place in Place::both().await {
            let agent = place.client().with("user-agent", "Firefox\ton Linux");
            let credentials = json!({"email": ANNA, "password": PASSWORD});
            let one = agent.post("/login", credentials).await.is(200);
            let other = place.login(PASSWORD).await;
            let listed = place.order(&["sessions", ANNA], "");
            let lines: Vec<&str> = listed.works().lines().collect();
            assert_eq!(lines[0], format!("account {}, user", one["id"]));
            // The first was opened when the account was made.
            assert_eq!(lines.len(), 4, "{lines:?}");
            let firefox: Vec<&str> = lines.iter().filter(|line| line.contains("Firefox")).copied().collect();
            assert_eq!(firefox.len(), 1, "{lines:?}");
            assert!(firefox[0].contains("\t127.0.0.1\tFirefoxon Linux"), "{lines:?}");
            let id = firefox[0].strip_prefix("session ").unwrap().split('\t').next().unwrap().to_owned();

            let ended = place.order(&["sessions", ANNA, "--end", &id], "");
            assert_eq!(ended.works(), format!("session {id} has ended\n"));
            place.is_ended(&one).await;
            place.refresh(&other).await.is(200);
            place.order(&["sessions", ANNA, "--end", &id], "").is_refused(&["Session not found"]);

            place.order(&["sessions", ANNA, "--end-all"], "").works();
            place.is_ended(&other).await;
            assert_eq!(place.order(&["sessions", ANNA], "").works().lines().count(), 1);
            place.end();
        }
    });
}

#[test]
fn what_cannot_be_done_is_refused_alike() {
    testkit::run(async {
        for mut place in Place::both().await {
            place.serving.as_ref().unwrap().user("boris").await;
            let listed = place.order(&["sessions", "boris@example.org"], "");
            let line = listed.works().lines().nth(1).unwrap().to_owned();
            let boris = line.strip_prefix("session ").unwrap().split('\t').next().unwrap();
            for (args, input, words) in [
                (&["role", "nobody@example.org", "admin"][..], "", &["Account not found"][..]),
                (&["role", "no\tname", "admin"], "", &["Account not found"]),
                (&["role", ANNA, "boss"], "", &["\"boss\"", "user, manager or admin"]),
                (&["reset", "nobody@example.org"], "a good password", &["Account not found"]),
                (&["reset", ANNA], "short\n", &["password: this needs at least 8 characters"]),
                (&["reset", ANNA], "", &["password: this is required"]),
                (&["sessions", "nobody@example.org"], "", &["Account not found"]),
                (&["sessions", ANNA, "--end", "17"], "", &["Session not found"]),
                (&["sessions", ANNA, "--end", boris], "", &["Session not found"]),
                (&["sessions", ANNA, "--end", "x"], "", &["\"x\" is no session"]),
            ] {
                place.order(args, input).is_refused(words);
            }
            assert_eq!(place.order(&["sessions", ANNA, "--end", "1", "--end-all"], "").code, 2);
            // Nothing of all that has changed anything.
            assert_eq!(place.login(PASSWORD).await["role_name"], "user");
            place.end();
        }
    });
}

on_every_server! {
    async fn orders_are_carried_out_on_a_servers_database(engine) {
        let (folder, test) = (Folder::new(), testkit::TestDb::empty(engine).await);
        let env = [("DAYBOOK_DATABASE_URL", test.url.as_str())];
        let user = |args: &[&str], input: &str| folder.run_with(&env, &[&["user"], args].concat(), input);
        folder.run(&env, &["migrate"]).works();
        user(&["create", ANNA], PASSWORD).works();
        user(&["role", ANNA, "admin"], "").works();
        user(&["reset", ANNA], "another good one\n").works();
        let serving = folder.serve_with(&env);
        let credentials = json!({"email": ANNA, "password": "another good one"});
        let welcome = serving.client.post("/login", credentials).await.is(200);
        assert_eq!(welcome["role_name"], "admin");
        assert_eq!(user(&["sessions", ANNA], "").works().lines().count(), 2);
        user(&["sessions", ANNA, "--end-all"], "").works();
        assert_eq!(user(&["sessions", ANNA], "").works().lines().count(), 1);
        serving.stop();
    }
}
