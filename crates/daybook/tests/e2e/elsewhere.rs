//! Roles in processes of their own, what they stand on, and what is left of the house when one of these is gone.

mod line;
mod pipeline;
mod role;
mod table;

use std::time::{Duration, Instant};

use serde_json::json;

use self::role::Role;
use super::client::Client;
use super::eventually::eventually;
use super::house::PASSWORD;

/// How soon a service that is back is used again.
const BACK: Duration = Duration::from_secs(2);
/// How soon the answer is there when nobody listens.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Gateway, identity and tasks, each in a process of its own.
struct Apart {
    gateway: Role,
    identity: Role,
    tasks: Role,
}

impl Apart {
    /// With these settings for identity and for tasks.
    async fn with(settings: &[(&str, &str)]) -> Self {
        let identity = Role::start("identity", settings);
        let at_identity = ("DAYBOOK_IDENTITY_URL", identity.url());
        let beside = [settings, &[(at_identity.0, &at_identity.1)]].concat();
        let tasks = Role::start("tasks", &beside);
        let cache = settings.iter().copied().filter(|(name, _)| *name == "DAYBOOK_CACHE_URL");
        let (at_tasks, at_identity) = (tasks.url(), at_identity.1);
        let before = [("DAYBOOK_TASKS_URL", &*at_tasks), ("DAYBOOK_IDENTITY_URL", &*at_identity)];
        let gateway = Role::start("gateway", &before.into_iter().chain(cache).collect::<Vec<_>>());
        let apart = Self { gateway, identity, tasks };
        apart.is_well().await;
        apart
    }

    /// Starts the gateway anew with this setting.
    async fn gateway_has(&mut self, name: &str, value: &str) {
        self.gateway.kill();
        self.gateway.set(name, value);
        self.gateway.start_again();
        self.is_well().await;
    }

    /// Waits until every process says that it and what it needs is well.
    async fn is_well(&self) {
        for role in [&self.identity, &self.tasks, &self.gateway] {
            eventually("a process is well", async || {
                (role.system().get("/health/ready").await.json()["status"] == "ok").then_some(())
            })
            .await;
        }
    }

    /// Somebody who signs up and in, and whom every process knows.
    async fn anna(&self) -> Client {
        let nobody = self.gateway.client();
        let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
        nobody.post("/signup", credentials.clone()).await.is(201);
        let welcome = nobody.post("/login", credentials).await.is(200);
        let anna = nobody.bearing(welcome["token"].as_str().unwrap());
        eventually("tasks knows her", async || (anna.get("/api/v1/tasks").await.status == 200).then_some(()))
            .await;
        anna
    }
}

#[test]
fn a_killed_service_is_answered_for_at_once_and_used_again_as_soon_as_it_is_back() {
    testkit::run(async {
        let mut apart = Apart::with(&[]).await;
        let anna = apart.anna().await;
        let task = anna.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
        apart.tasks.kill();
        for _ in 0..20 {
            let began = Instant::now();
            let refused = anna.get("/api/v1/tasks").await;
            assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
            refused.problem(503, "unavailable");
            assert_eq!(refused.header("retry-after"), "1");
            anna.post("/api/v1/tasks", json!({"title": "Bread"})).await.problem(503, "unavailable");
            anna.get("/api/v1/me").await.is(200);
        }
        let operators = apart.gateway.system();
        let state = r#"breaker_state{service="tasks"}"#;
        assert_eq!(operators.get("/system").await.is(200)["gauges"][state], 2);
        let metrics = operators.get("/metrics").await.text();
        for line in [
            r#"daybook_breaker_state{service="tasks"} 2"#,
            r#"daybook_breaker_state{service="identity"} 0"#,
            r#"daybook_breaker_transitions_total{service="tasks",to="open"} 1"#,
        ] {
            assert!(metrics.lines().any(|found| found == line), "{line} is not in\n{metrics}");
        }
        let verdict = operators.get("/health/ready").await.is(200);
        assert_eq!(verdict["status"], "degraded", "{verdict}");
        assert_eq!(verdict["checks"]["tasks"], "tasks does not answer");

        apart.tasks.start_again();
        let back = Instant::now();
        let listed = eventually("tasks is used again", async || {
            let answer = anna.get("/api/v1/tasks").await;
            (answer.status == 200).then(|| answer.json())
        })
        .await;
        assert!(back.elapsed() < BACK, "{:?}", back.elapsed());
        assert_eq!(listed["items"], json!([task]), "nothing more and nothing less");
        assert_eq!(operators.get("/system").await.is(200)["gauges"][state], 0);
        apart.is_well().await;
    });
}

/// A client that gives a service no time must not make the gateway leave it alone for everybody. What it began is done.
#[test]
fn impatient_clients_close_nothing_for_others() {
    testkit::run(async {
        let apart = Apart::with(&[]).await;
        let anna = apart.anna().await;
        let hurried = anna.with("x-request-timeout", "20");
        apart.tasks.hang();
        for _ in 0..50 {
            hurried.get("/api/v1/tasks").await.problem(504, "service_unavailable");
        }
        hurried.post("/api/v1/tasks", json!({"title": "Milk"})).await.problem(504, "service_unavailable");
        apart.tasks.go_on();
        anna.get("/api/v1/tasks").await.is(200);
        eventually("her task is there", async || {
            let listed = anna.get("/api/v1/tasks").await.is(200);
            (listed["items"][0]["title"] == "Milk").then_some(())
        })
        .await;
    });
}

/// Even where few ask, nobody waits any longer for what will not come.
#[test]
fn a_service_that_hangs_is_left_alone_and_used_again_when_it_goes_on() {
    testkit::run(async {
        let mut apart = Apart::with(&[]).await;
        apart.gateway_has("DAYBOOK_GATEWAY_SLOW", "200ms").await;
        let anna = apart.anna().await;
        apart.tasks.hang();
        let waiting = ["/tasks", "/api/v1/tasks", "/api/v1/tasks/1"].map(|path| {
            let anna = anna.clone();
            tokio::spawn(async move { anna.get(path).await.status })
        });
        eventually("it is left alone", async || {
            let began = Instant::now();
            let status = anna.with("x-request-timeout", "1000").get("/api/v1/tasks").await.status;
            (status == 503 && began.elapsed() < AT_ONCE).then_some(())
        })
        .await;
        apart.tasks.go_on();
        let back = Instant::now();
        eventually("tasks is used again", async || {
            (anna.get("/api/v1/tasks").await.status == 200).then_some(())
        })
        .await;
        assert!(back.elapsed() < BACK, "{:?}", back.elapsed());
        for (waited, wanted) in waiting.into_iter().zip([200, 200, 404]) {
            assert_eq!(waited.await.unwrap(), wanted, "it was sent, and is answered late");
        }
    });
}

/// The same house over HTTP/2, for everything that is asked of it elsewhere.
#[test]
fn services_are_spoken_to_over_http2_where_that_is_set() {
    testkit::run(async {
        let mut apart = Apart::with(&[]).await;
        apart.gateway_has("DAYBOOK_GATEWAY_HTTP2", "yes").await;
        let anna = apart.anna().await;
        let task = anna.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
        let path = format!("/api/v1/tasks/{}", task["id"]);
        assert_eq!(anna.get(&path).await.is(200), task);
        anna.delete(&path).await.is(204);
        anna.get(&path).await.problem(404, "task_not_found");
        apart.tasks.kill();
        anna.get(&path).await.problem(503, "unavailable");
        apart.tasks.start_again();
        eventually("tasks is used again", async || {
            (anna.get("/api/v1/tasks").await.status == 200).then_some(())
        })
        .await;
    });
}
