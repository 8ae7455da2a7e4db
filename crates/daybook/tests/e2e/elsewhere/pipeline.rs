//! The pipeline of document 2 as `scripts/pipeline` starts it: MariaDB, Redis, and three steps of the program.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::{Engine, RedisServer, TestDb};

use super::{AT_ONCE, BACK};
use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;
use crate::e2e::house::PASSWORD;

/// How long the script may take for a step.
const LONGEST: Duration = Duration::from_mins(2);

/// The script, until it is dropped.
struct Pipeline {
    script: Child,
    commands: Option<ChildStdin>,
    said: Receiver<String>,
    addresses: BTreeMap<String, String>,
}

impl Pipeline {
    fn start(database: &str, cache: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/pipeline");
        let mut script = Command::new(script)
            .arg(env!("CARGO_BIN_EXE_daybook"))
            .env("DAYBOOK_DATABASE_URL", database)
            .env("DAYBOOK_CACHE_URL", cache)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (say, said) = channel();
        let out = BufReader::new(script.stdout.take().unwrap());
        thread::spawn(move || out.lines().map_while(Result::ok).all(|line| say.send(line).is_ok()));
        let commands = script.stdin.take();
        let mut pipeline = Self { script, commands, said, addresses: BTreeMap::new() };
        let told = pipeline.until("pipeline: ready");
        let addresses = told.iter().filter_map(|line| line.split_once("=http://"));
        pipeline.addresses = addresses.map(|(name, at)| (name.to_owned(), at.to_owned())).collect();
        let steps: Vec<&String> = told.iter().filter(|line| line.ends_with(": ready")).collect();
        assert_eq!(steps, ["tasks: ready", "gateway: ready", "pipeline: ready"]);
        pipeline
    }

    fn at(&self, name: &str) -> Client {
        Client::new(self.addresses[name].parse().unwrap())
    }

    fn command(&mut self, line: &str) {
        writeln!(self.commands.as_mut().unwrap(), "{line}").unwrap();
    }

    /// What it says, as far as this line.
    fn until(&self, last: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line| line != last) {
            let line = self.said.recv_timeout(LONGEST);
            lines.push(line.unwrap_or_else(|why| panic!("it never says {last:?}: {why}: {lines:?}")));
        }
        lines
    }

    /// Ends with its input, and takes everything along.
    fn ends(mut self) {
        drop(self.commands.take());
        assert!(self.script.wait().unwrap().success());
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.script.wait();
    }
}

/// Everything that document 2 does with tasks.
async fn all_of_the_document(anna: &Client) {
    let titles = async || {
        let all = anna.get("/tasks").await.is(200);
        let titles = all.as_array().unwrap().iter().map(|task| task["title"].clone());
        titles.collect::<Vec<Value>>()
    };
    let milk = anna.post("/tasks", json!({"title": "Milk"})).await.is(201);
    anna.post("/tasks", json!({"title": "Bread"})).await.is(201);
    assert_eq!(titles().await, ["Milk", "Bread"]);
    let path = format!("/tasks/{}", milk["id"]);
    let done = anna.send("PUT", &path, "application/json", r#"{"completed": true}"#).await.is(200);
    assert_eq!(anna.get(&path).await.is(200), done);
    assert_eq!(done["completed"], true);
    anna.delete(&path).await.is(204);
    let gone = anna.with("accept-language", "ru").get(&path).await.problem(404, "task_not_found");
    assert_eq!(gone["error"], "Задача не найдена");
    anna.delete("/tasks").await.is(204);
    assert_eq!(titles().await, [] as [Value; 0]);
}

async fn the_tasks_die_and_come_back(pipeline: &mut Pipeline, anna: &Client, credentials: &Value) {
    let operators = pipeline.at("GATEWAY_SYSTEM");
    let state = async || {
        operators.get("/system").await.is(200)["gauges"][r#"breaker_state{service="tasks"}"#].clone()
    };
    assert_eq!(state().await, 0);
    pipeline.command("kill tasks");
    pipeline.until("tasks: killed");
    let forgotten = async || (anna.get("/tasks").await.status == 503).then_some(());
    eventually("what was remembered is forgotten", forgotten).await;
    for _ in 0..20 {
        let began = Instant::now();
        anna.get("/tasks").await.problem(503, "unavailable");
        anna.post("/tasks", json!({"title": "Milk"})).await.problem(503, "unavailable");
        assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    }
    assert_eq!(state().await, 2);
    assert_eq!(operators.get("/health/ready").await.is(200)["status"], "degraded");
    anna.post("/auth/login", credentials.clone()).await.is(200);
    anna.get("/api/v1/me").await.is(200);
    anna.get("/health").await.is(200);

    pipeline.command("start tasks");
    pipeline.until("tasks: ready");
    let began = Instant::now();
    eventually("tasks is used again", async || (anna.get("/tasks").await.status == 200).then_some(())).await;
    assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
    assert_eq!(state().await, 0);
}

mod mariadb {
    use super::*;

    #[test]
    #[ignore = "needs MariaDB and Redis"]
    fn document_2_in_three_processes() {
        testkit::run(async {
            let TestDb { db, url, .. } = TestDb::empty(Engine::Mariadb).await;
            db.close().await;
            let redis = RedisServer::start().await;
            let mut pipeline = Pipeline::start(&url, &format!("redis://127.0.0.1:{}/0", redis.port()));
            let gateway = pipeline.at("GATEWAY");
            let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
            gateway.post("/auth/register", credentials.clone()).await.is(201);
            let welcome = gateway.post("/auth/login", credentials.clone()).await.is(200);
            let anna = gateway.bearing(welcome["token"].as_str().unwrap());

            all_of_the_document(&anna).await;
            the_tasks_die_and_come_back(&mut pipeline, &anna, &credentials).await;
            all_of_the_document(&anna).await;
            anna.post("/auth/logout", json!({})).await.is(200);
            let refused = eventually("her token is refused", async || {
                let answer = anna.get("/tasks").await;
                (answer.status != 200).then_some(answer)
            });
            refused.await.problem(401, "session_ended");
            pipeline.ends();
        });
    }
}
