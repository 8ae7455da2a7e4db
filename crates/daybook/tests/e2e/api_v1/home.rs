//! `/api/v1/home`: sections of several services in one answer, whatever becomes of a service.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use api::stop::Stop;
use axum::Router;
use serde_json::{Value, json};
use testkit::Engine;
use tokio::net::TcpListener;

use crate::e2e::client::{Answer, Client};
use crate::e2e::house::House;

const HOME: &str = "/api/v1/home";

/// The sections of an answer, which is 200 whatever became of them.
#[track_caller]
fn sections(answer: &Answer) -> Value {
    let home = answer.is(200);
    // Whatever is not as it should be is asked for again, and remembered by nobody.
    let well = home["sections"].as_object().unwrap().values().all(|section| section["status"] == "ok");
    let kept = if well { "private, no-cache" } else { "no-store" };
    assert_eq!(answer.header("cache-control"), kept, "{home}");
    assert_eq!(home.as_object().unwrap().len(), 1, "{home}");
    home["sections"].clone()
}

async fn tasks(of: &Client, titles: impl IntoIterator<Item = String>) {
    for title in titles {
        of.post("/api/v1/tasks", json!({ "title": title })).await.is(201);
    }
}

on_every_engine! {
    async fn everybody_sees_what_is_theirs(engine) {
        for house in [House::on(engine).await, House::apart(engine).await] {
            let (anna, boris) = (house.user("anna").await, house.user("boris").await);
            tasks(&anna, ["Milk".to_owned(), "Їжак \"і\" \u{1F994}".to_owned()]).await;
            let done = anna.post("/api/v1/tasks", json!({"title": "Done"})).await.is(201)["id"].to_string();
            anna.patch(&format!("/api/v1/tasks/{done}"), json!({"completed": true})).await.is(200);

            let hers = sections(&anna.get(HOME).await);
            let me = anna.get("/api/v1/me").await.is(200);
            assert_eq!(hers["profile"], json!({"status": "ok", "age_ms": 0, "data": me}));
            let tasks = &hers["tasks"];
            assert_eq!((&tasks["status"], &tasks["age_ms"]), (&json!("ok"), &json!(0)));
            assert_eq!((&tasks["data"]["open"], &tasks["data"]["more"]), (&json!(2), &json!(false)));
            let mut open = anna.get("/api/v1/tasks?completed=false").await.is(200)["items"].clone();
            for task in open.as_array_mut().unwrap() {
                task.as_object_mut().unwrap().retain(|name, _| name != "note" && name != "completed");
            }
            assert_eq!(tasks["data"]["newest"], open);

            let his = sections(&boris.get(HOME).await);
            assert_eq!(his["profile"]["data"]["id"], boris.id);
            assert_eq!(his["tasks"]["data"], json!({"open": 0, "more": false, "newest": []}));
        }
    }

    async fn a_hundred_are_counted_and_ten_are_shown(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let glance = async || {
            let tasks = sections(&anna.get(HOME).await)["tasks"]["data"].clone();
            let first = tasks["newest"][0]["title"].clone();
            (tasks["open"].clone(), tasks["more"].clone(), tasks["newest"].as_array().unwrap().len(), first)
        };
        tasks(&anna, (1..=10).map(|number| number.to_string())).await;
        assert_eq!(glance().await, (json!(10), json!(false), 10, json!("10")));
        tasks(&anna, (11..=100).map(|number| number.to_string())).await;
        assert_eq!(glance().await, (json!(100), json!(false), 10, json!("100")));
        tasks(&anna, ["101".to_owned()]).await;
        assert_eq!(glance().await, (json!(100), json!(true), 10, json!("101")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_sections_that_are_named_are_there() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    for (include, wanted) in [
        ("?include=profile", vec!["profile"]),
        ("?include=tasks", vec!["tasks"]),
        ("?include=tasks,profile", vec!["profile", "tasks"]),
        ("?include=tasks,tasks", vec!["tasks"]),
        ("?include=profile%2Ctasks", vec!["profile", "tasks"]),
        ("", vec!["jobs", "messenger", "profile", "tasks"]),
        ("?", vec!["jobs", "messenger", "profile", "tasks"]),
    ] {
        let shown = sections(&anna.get(&format!("{HOME}{include}")).await);
        let mut names: Vec<&String> = shown.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, wanted, "{include}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_that_is_not_there_is_refused_and_the_others_are_named() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    for (language, message) in [
        ("en", "there is no section orders; there are profile, tasks, messenger, jobs"),
        ("uk", "розділу orders немає; є profile, tasks, messenger, jobs"),
        ("ru", "раздела orders нет; есть profile, tasks, messenger, jobs"),
    ] {
        let refused =
            anna.with("accept-language", language).get(&format!("{HOME}?include=tasks,orders")).await;
        refused.refuses(&[("include", "unknown_section")]);
        assert_eq!(refused.json()["errors"][0]["message"], message);
    }
    for nonsense in ["?include=", "?include=,", "?include=Tasks", "?include=tasks,", "?include=%00"] {
        anna.get(&format!("{HOME}{nonsense}")).await.refuses(&[("include", "unknown_section")]);
    }
    for nonsense in ["?exclude=tasks", "?include=tasks&include=profile", "?include[]=tasks"] {
        anna.get(&format!("{HOME}{nonsense}")).await.problem(400, "bad_query");
    }
    anna.post(HOME, json!({})).await.problem(405, "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_login_nothing_is_shown() {
    let house = House::new().await;
    house.get(HOME).await.problem(401, "unauthenticated");
    house.get(&format!("{HOME}?include=nothing")).await.problem(401, "unauthenticated");
    house.bearing("null").get(HOME).await.problem(401, "invalid_token");
    let anna = house.user("anna").await;
    anna.post("/logout", json!({})).await.is(200);
    anna.get(HOME).await.problem(401, "session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_service_leaves_what_it_said_for_half_a_minute_and_then_a_problem() {
    let mut house = House::apart(Engine::Embedded).await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    tasks(&anna, ["Milk".to_owned()]).await;
    let before = sections(&anna.get(HOME).await);
    house.end_last().await;
    house.clock.advance(Duration::from_secs(10));

    let stale = sections(&anna.get(HOME).await);
    assert_eq!(stale["profile"], before["profile"]);
    let tasks = &stale["tasks"];
    assert_eq!((&tasks["status"], &tasks["age_ms"]), (&json!("stale"), &json!(10_000)));
    assert_eq!(tasks["data"], before["tasks"]["data"]);
    assert_eq!(tasks["problem"]["status"], 503);

    let his = sections(&boris.get(HOME).await);
    assert_eq!(his["profile"]["status"], "ok");
    assert_eq!(his["tasks"]["status"], "error", "it never was his: {his}");
    assert!(his["tasks"].get("data").is_none() && his["tasks"].get("age_ms").is_none(), "{his}");

    house.clock.advance(Duration::from_secs(21));
    let mut titles = Vec::new();
    for language in ["en", "uk", "ru"] {
        let answer = anna.with("accept-language", language).get(HOME).await;
        let gone = sections(&answer);
        assert_eq!(gone["profile"]["status"], "ok");
        let problem = &gone["tasks"]["problem"];
        assert_eq!((&gone["tasks"]["status"], &problem["status"]), (&json!("error"), &json!(503)));
        assert_eq!(problem["type"], "urn:daybook:problem:unavailable");
        assert_eq!(problem["request_id"], answer.header("x-request-id"));
        titles.push(problem["title"].as_str().unwrap().to_owned());
    }
    assert!(titles[1].starts_with("Зараз") && titles[2].starts_with("Сейчас"), "{titles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_every_service_is_dead_the_token_still_says_who_you_are() {
    let mut house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let gateway = house.another_gateway().await;
    let (anna, boris) = (gateway.bearing(&anna.token), (gateway.bearing(&boris.token), boris.id));
    let before = sections(&anna.get(HOME).await);
    assert_eq!((&before["profile"]["status"], &before["tasks"]["status"]), (&json!("ok"), &json!("ok")));
    house.end_last().await;

    let hers = sections(&anna.get(HOME).await);
    for section in ["profile", "tasks"] {
        assert_eq!(hers[section]["status"], "stale");
        assert_eq!(hers[section]["data"], before[section]["data"]);
    }
    let his = sections(&boris.0.get(HOME).await);
    assert_eq!((&his["profile"]["status"], &his["tasks"]["status"]), (&json!("degraded"), &json!("error")));
    assert_eq!(his["profile"]["data"], json!({"id": boris.1, "role": "user"}));
    assert_eq!(his["profile"]["problem"]["status"], 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_hangs_holds_nobody_up_beyond_the_deadline() {
    // Connections to it are made and never taken up.
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let house = House::before(hanging.local_addr().unwrap()).await;
    let anna = house.user("anna").await;
    let timed = async |client: &Client| {
        let began = Instant::now();
        let shown = sections(&client.get(HOME).await);
        assert_eq!((&shown["profile"]["status"], &shown["tasks"]["status"]), (&json!("ok"), &json!("error")));
        let problem = &shown["tasks"]["problem"];
        assert_eq!(
            (&problem["status"], problem["type"].as_str()),
            (&json!(504), Some("urn:daybook:problem:service_unavailable"))
        );
        began.elapsed()
    };
    let usual = timed(&anna).await;
    assert!(usual >= Duration::from_secs(2) && usual < Duration::from_secs(10), "{usual:?}");
    let hurried = timed(&anna.with("x-request-timeout", "500")).await;
    assert!(hurried >= Duration::from_millis(400) && hurried < Duration::from_secs(2), "{hurried:?}");
    let patient = timed(&anna.with("x-request-timeout", "60000")).await;
    assert!(patient < Duration::from_secs(10), "{patient:?}");
    let shown = sections(&anna.get(&format!("{HOME}?include=profile")).await);
    assert_eq!(shown["profile"]["status"], "ok");
}

/// A service in the place of tasks that answers everything with this.
async fn answering(answer: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap().into_std().unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stop, _trigger) = Stop::manual();
        let limits = api::serve::Limits::default();
        api::serve::run([listener], answer, limits, stop, None).await.unwrap();
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_says_nonsense_spoils_its_own_section_alone() {
    let broken = [("content-type", "application/grpc"), ("grpc-status", "0")];
    for nonsense in [
        Router::new().fallback(|| async { "nonsense" }),
        Router::new().fallback(move || async move { (broken, "nonsense") }),
        Router::new().fallback(|| async { [("content-type", "application/grpc"), ("grpc-status", "x")] }),
        Router::new().fallback(|| async { [("content-type", "application/grpc"), ("grpc-status", "12")] }),
    ] {
        let house = House::before(answering(nonsense).await).await;
        let anna = house.user("anna").await;
        let shown = sections(&anna.get(HOME).await);
        assert_eq!((&shown["profile"]["status"], &shown["tasks"]["status"]), (&json!("ok"), &json!("error")));
        assert_eq!(shown["tasks"]["problem"]["status"], 503, "{shown}");
    }
}
