//! What is left of the house when something it stands on is gone: a table, asserted and printed.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use testkit::{RedisServer, TestDb};

use super::line::Line;
use super::{AT_ONCE, Apart};
use crate::e2e::client::{Answer, Client};
use crate::e2e::house::PASSWORD;

/// How long a client waits where nothing answers.
const PATIENCE: Duration = Duration::from_millis(600);
/// A busy machine may take so much longer to say so.
const SLACK: Duration = Duration::from_secs(1);
/// How often each is asked while something is gone.
const TIMES: usize = 3;

const ASKED: [&str; 7] = ["sign-in", "profile", "tasks read", "tasks write", "pages", "health", "jwks"];

/// What each is answered with, whoever is gone, by what is gone.
type Row = (&'static str, [u16; 7]);

const DEAD_SERVICES: [Row; 2] =
    [("tasks", [200, 200, 503, 503, 200, 200, 200]), ("identity", [503, 503, 200, 201, 200, 200, 503])];
const DEAD_SERVERS: [Row; 2] =
    [("Redis", [200, 200, 200, 201, 200, 200, 200]), ("database", [503, 503, 503, 503, 200, 200, 200])];
const HANGING_SERVICES: [Row; 2] =
    [("tasks", [200, 200, 504, 504, 200, 200, 200]), ("identity", [504, 504, 200, 201, 200, 200, 504])];
const HANGING_SERVERS: [Row; 2] =
    [("Redis", [200, 200, 200, 201, 200, 200, 200]), ("database", [504, 504, 504, 504, 200, 200, 200])];

/// What the house stands on.
struct Ground {
    apart: Apart,
    redis: Option<RedisServer>,
    line: Option<Line>,
}

impl Ground {
    async fn dies(&mut self, what: &str) {
        match what {
            "tasks" => self.apart.tasks.kill(),
            "identity" => self.apart.identity.kill(),
            "Redis" => self.redis.as_mut().unwrap().kill(),
            _ => self.line.as_mut().unwrap().cut().await,
        }
    }

    async fn lives(&mut self, what: &str) {
        match what {
            "tasks" => self.apart.tasks.start_again(),
            "identity" => self.apart.identity.start_again(),
            "Redis" => self.redis.as_mut().unwrap().start_again().await,
            _ => self.line.as_mut().unwrap().mend().await,
        }
        self.apart.is_well().await;
    }

    fn hangs(&self, what: &str) {
        match what {
            "tasks" => self.apart.tasks.hang(),
            "identity" => self.apart.identity.hang(),
            "Redis" => self.redis_hears(Signal::STOP),
            _ => self.line.as_ref().unwrap().fall_silent(),
        }
    }

    async fn goes_on(&mut self, what: &str) {
        match what {
            "tasks" => self.apart.tasks.go_on(),
            "identity" => self.apart.identity.go_on(),
            "Redis" => self.redis_hears(Signal::CONT),
            _ => self.line.as_mut().unwrap().mend().await,
        }
        self.apart.is_well().await;
    }

    fn redis_hears(&self, signal: Signal) {
        let process = self.redis.as_ref().unwrap().process();
        kill_process(Pid::from_raw(process.cast_signed()).unwrap(), signal).unwrap();
    }
}

/// Asks for one of `ASKED`.
async fn ask(anna: &Client, what: &str) -> Answer {
    match what {
        "sign-in" => anna.post("/login", json!({"email": "anna@example.org", "password": PASSWORD})).await,
        "profile" => anna.get("/api/v1/me").await,
        "tasks read" => anna.get("/api/v1/tasks").await,
        "tasks write" => anna.post("/api/v1/tasks", json!({"title": "Milk"})).await,
        "pages" => anna.get("/").await,
        "health" => anna.get("/health").await,
        _ => anna.get("/.well-known/jwks.json").await,
    }
}

/// Asks for all of it, a few times, and writes what came and the longest it took; what was not as expected.
async fn fill(
    table: &mut String,
    row: String,
    anna: &Client,
    wanted: [u16; 7],
    most: Duration,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let hurried = anna.with("x-request-timeout", &PATIENCE.as_millis().to_string());
    write!(table, "\n{row:<17}").unwrap();
    for (what, wanted) in ASKED.into_iter().zip(wanted) {
        let (mut longest, mut status) = (Duration::ZERO, wanted);
        let anna = if wanted == 504 { &hurried } else { anna };
        for _ in 0..TIMES {
            let began = Instant::now();
            let came = ask(anna, what).await;
            longest = longest.max(began.elapsed());
            if came.status != wanted {
                status = came.status;
                wrong.push(format!("{row}: {what} is {status} instead of {wanted}: {}", came.text()));
            }
        }
        write!(table, "│ {status} {:>6} ", format!("{} ms", longest.as_millis())).unwrap();
        if longest > most {
            wrong.push(format!("{row}: {what} took {longest:?}, which is more than {most:?}"));
        }
    }
    wrong
}

async fn try_all(mut ground: Ground, dead: &[Row], hanging: &[Row]) {
    // What hangs is not to be left alone meanwhile: here it is the deadline that ends the waiting.
    ground.apart.gateway_has("DAYBOOK_GATEWAY_SLOW", "25s").await;
    let anna = ground.apart.anna().await;
    let mut table = format!("{:<17}", "");
    for what in ASKED {
        write!(table, "│ {what:<11}").unwrap();
    }
    let all_well = [200, 200, 200, 201, 200, 200, 200];
    let mut wrong = fill(&mut table, "all is well".into(), &anna, all_well, AT_ONCE).await;
    for (what, wanted) in dead {
        ground.dies(what).await;
        wrong.extend(fill(&mut table, format!("{what} dead"), &anna, *wanted, AT_ONCE).await);
        ground.lives(what).await;
    }
    for (what, wanted) in hanging {
        ground.hangs(what);
        let most = PATIENCE + SLACK;
        wrong.extend(fill(&mut table, format!("{what} hangs"), &anna, *wanted, most).await);
        ground.goes_on(what).await;
    }
    wrong.extend(fill(&mut table, "all is well again".into(), &anna, all_well, AT_ONCE).await);
    println!("{table}");
    assert!(wrong.is_empty(), "{table}\n{}", wrong.join("\n"));
}

#[test]
fn what_is_left_when_a_service_is_gone() {
    testkit::run(async {
        let ground = Ground { apart: Apart::with(&[]).await, redis: None, line: None };
        try_all(ground, &DEAD_SERVICES, &HANGING_SERVICES).await;
    });
}

on_every_server! {
    async fn what_is_left_when_anything_is_gone(engine) {
        let TestDb { db, url, .. } = TestDb::empty(engine).await;
        db.migrate(&daybook::domains::migrations(daybook::domains::ALL), types::Timestamp::default()).await.unwrap();
        db.close().await;
        let server = address_in(&url);
        let (line, redis) = (Line::to(server).await, RedisServer::start().await);
        let url = url.replace(&server.to_string(), &line.address.to_string());
        let cache = format!("redis://127.0.0.1:{}/0", redis.port());
        let settings = [("DAYBOOK_DATABASE_URL", &*url), ("DAYBOOK_CACHE_URL", &cache)];
        let ground = Ground { apart: Apart::with(&settings).await, redis: Some(redis), line: Some(line) };
        let dead = [DEAD_SERVICES, DEAD_SERVERS].concat();
        let hanging = [HANGING_SERVICES, HANGING_SERVERS].concat();
        try_all(ground, &dead, &hanging).await;
    }
}

/// Where the server of a database's URL is.
fn address_in(url: &str) -> SocketAddr {
    let (_, rest) = url.rsplit_once('@').unwrap();
    rest.split('/').next().unwrap().parse().unwrap()
}
