//! A house in one process and the same house in several answer alike: every route, byte for byte.

mod script;

use std::collections::BTreeSet;
use std::time::Duration;

use testkit::Engine;

use super::client::Client;
use super::every_endpoint::operations;
use super::house::House;
use super::normal::Normal;
use script::{Who, script};

/// A house, somebody in it, and what is made there.
struct Visit {
    house: House,
    anna: Client,
    me: String,
    ben: String,
    /// The id of what was made last.
    made: String,
    asked: usize,
    normal: Normal,
}

impl Visit {
    async fn to(house: House) -> Self {
        let (anna, ben) = (house.user("anna").await, house.user("ben").await.id.to_string());
        let (me, anna) = (anna.id.to_string(), (*anna).clone());
        Self { house, anna, me, ben, made: "17".to_owned(), asked: 0, normal: Normal::default() }
    }

    /// Somebody may have ended her session.
    async fn sign_in_again(&mut self) {
        self.anna = (*self.house.login("anna@example.org").await).clone();
    }

    /// Asks, with a request id of its own, and says what came back.
    async fn ask(
        &mut self,
        who: Who,
        with: &[(&str, &str)],
        method: &str,
        path: &str,
        body: (&str, &[u8]),
    ) -> String {
        self.asked += 1;
        let client = match who {
            Who::Nobody => &*self.house,
            Who::Anna => &self.anna,
        };
        let client = client.with("x-request-id", &format!("request-{}", self.asked));
        let client = with.iter().fold(client, |client, (name, value)| client.with(name, value));
        let path = path.replace("{id}", &self.made).replace("{me}", &self.me).replace("{user_id}", &self.ben);
        let path = path.replace("{provider}", "google");
        // What is no text is sent as it is.
        let named = |text: &str| text.replace("\"{me}\"", &self.me).replace("\"{user_id}\"", &self.ben);
        let said =
            std::str::from_utf8(body.1).map_or_else(|_| body.1.to_vec(), |text| named(text).into_bytes());
        let answer = client.send(method, &path, body.0, said).await;
        let makes = ["/api/v1/chats", "/api/v1/tasks", "/api/v1/jobs", "/jobs"].contains(&&*path)
            || path.ends_with("/messages");
        if method == "POST" && makes && [200, 201, 202].contains(&answer.status) {
            let made = answer.json()["id"].clone();
            self.made = if made.is_null() { self.made.clone() } else { made.to_string() };
        }
        self.normal.of(&answer)
    }
}

async fn visits(engine: Engine) -> [Visit; 2] {
    [Visit::to(House::on(engine).await).await, Visit::to(House::apart(engine).await).await]
}

/// Asks both the same and compares.
async fn both(
    visits: &mut [Visit; 2],
    who: Who,
    with: &[(&str, &str)],
    method: &str,
    path: &str,
    body: (&str, &[u8]),
) {
    let [together, apart] = visits;
    let (one, other) =
        (together.ask(who, with, method, path, body).await, apart.ask(who, with, method, path, body).await);
    assert_eq!(
        one,
        other,
        "{method} {path} {with:?} {}: together and apart",
        String::from_utf8_lossy(&body.1[..body.1.len().min(80)])
    );
}

on_every_engine! {
    async fn every_operation_answers_alike(engine) {
        let mut visits = visits(engine).await;
        let script = script();
        let tried: BTreeSet<_> = script
            .iter()
            .map(|call| (call.method.to_owned(), call.path.split('?').next().unwrap().to_owned()))
            .collect();
        let promised: BTreeSet<_> = operations().into_iter().collect();
        assert_eq!(promised.difference(&tried).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not in the script");
        for call in script {
            // An id says when it was made. At one moment two processes with a database each may make the same one.
            for visit in &visits {
                visit.house.clock.advance(Duration::from_millis(1));
            }
            let body = if call.body.is_null() { String::new() } else { call.body.to_string() };
            let content_type = if call.body.is_null() { "" } else { "application/json" };
            both(&mut visits, call.who, call.with, call.method, call.path, (content_type, body.as_bytes())).await;
        }
    }

    async fn every_operation_refuses_alike(engine) {
        let mut visits = visits(engine).await;
        let nowhere = ["/none", "/api/v1", "/api/v1/tasks/", "/api/v1/tasks/1/2", "/signup/", "//login"];
        for path in nowhere {
            both(&mut visits, Who::Anna, &[], "GET", path, ("", b"")).await;
            both(&mut visits, Who::Nobody, &[], "POST", path, ("application/json", b"{}")).await;
        }
        for (method, path) in operations() {
            for visit in &mut visits {
                visit.sign_in_again().await;
            }
            let bodies: [(&str, &[u8]); 6] = [
                ("", b""),
                ("application/json", b"{"),
                ("application/json", b"[]"),
                ("application/json", b"{\"title\": \"\xff\"}"),
                ("application/json", &[b'['; 5_000]),
                ("text/plain", b"{}"),
            ];
            for body in bodies {
                for language in ["en", "uk", "ru"] {
                    both(&mut visits, Who::Anna, &[("accept-language", language)], &method, &path, body).await;
                }
                both(&mut visits, Who::Nobody, &[], &method, &path, body).await;
            }
            let large = vec![b'x'; 2 << 20];
            both(&mut visits, Who::Anna, &[], &method, &path, ("application/json", &large)).await;
            for odd in ["TRACE", "OPTIONS", "BREW", "HEAD"] {
                both(&mut visits, Who::Anna, &[], odd, &path, ("", b"")).await;
                both(&mut visits, Who::Nobody, &[], odd, &path, ("", b"")).await;
            }
            for id in ["0", "-1", "18446744073709551616", "%00", "%ff", "%zz", "x"] {
                both(&mut visits, Who::Anna, &[], &method, &path.replace("{id}", id), ("", b"")).await;
            }
            both(&mut visits, Who::Anna, &[("x-user-id", "1")], &method, &path, ("", b"")).await;
            both(&mut visits, Who::Nobody, &[("authorization", "Bearer null")], &method, &path, ("", b"")).await;
            both(&mut visits, Who::Nobody, &[("origin", "http://localhost:3000")], &method, &path, ("", b"")).await;
            both(&mut visits, Who::Anna, &[("x-long", &"v".repeat(40 << 10))], &method, &path, ("", b"")).await;
            both(&mut visits, Who::Anna, &[], &method, &format!("{path}?nonsense=1"), ("", b"")).await;
            both(&mut visits, Who::Anna, &[], &method, &format!("{path}?{}", "x".repeat(9_000)), ("", b"")).await;
        }
    }
}

/// The gateway answers by itself for a service that is away, and the rest of the house goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_service_is_503_and_the_rest_goes_on() {
    let mut house = House::apart(Engine::Embedded).await;
    let anna = house.user("anna").await;
    anna.get("/api/v1/tasks").await.is(200);
    house.end_last().await;
    for language in ["en", "uk", "ru"] {
        let refused = anna.with("accept-language", language).get("/api/v1/tasks").await;
        refused.problem(503, "unavailable");
        assert_eq!(refused.header("retry-after"), "1");
    }
    anna.get("/api/v1/me").await.is(200);
    house.get("/health").await.is(200);
}
