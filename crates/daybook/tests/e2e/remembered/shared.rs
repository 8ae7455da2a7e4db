//! Several gateways over one Redis, which may be killed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use api::stop::Stop;
use axum::Router;
use axum::routing::get;
use serde_json::json;
use testkit::{Engine, RedisServer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::{House, PATHS, cache};
use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;

fn url(server: &RedisServer) -> String {
    format!("redis://127.0.0.1:{}/0", server.port())
}

/// What is put on a server is there a moment later.
async fn remember(client: &Client, path: &str) {
    eventually("it is remembered", async || (cache(&client.get(path).await) == "hit").then_some(())).await;
}

#[test]
#[ignore = "needs Redis"]
fn a_write_through_one_gateway_is_seen_at_once_through_another_and_redis_may_die() {
    testkit::run(async {
        let mut server = RedisServer::start().await;
        let url = url(&server);
        let settings = [("DAYBOOK_CACHE_URL", url.as_str())];
        let services = House::of(Engine::Embedded, &["identity", "tasks"]).await;
        let here = services.another_gateway_with(&settings).await;
        let there = services.another_gateway_with(&settings).await;
        let token = services.user("anna").await.token;
        let (anna, anna_there) = (here.bearing(&token), there.bearing(&token));

        let mut wanted = 0;
        for _ in 0..20 {
            for path in PATHS {
                remember(&anna, path).await;
                let hit = anna_there.get(path).await;
                assert_eq!(cache(&hit), "hit", "{path}: it is one memory");
                anna_there.with("if-none-match", hit.header("etag")).get(path).await.is(304);
            }
            anna_there.post("/tasks", json!({"title": "Milk"})).await.is(201);
            wanted += 1;
            for client in [&anna, &anna_there] {
                assert_eq!(client.get("/tasks").await.is(200).as_array().unwrap().len(), wanted);
            }
        }

        server.kill();
        for client in [&anna, &anna_there] {
            let bypassed = || async { (cache(&client.get("/tasks").await) == "fwd=bypass").then_some(()) };
            eventually("it is missed", bypassed).await;
            client.post("/tasks", json!({"title": "Milk"})).await.is(201);
            wanted += 1;
            assert_eq!(client.get("/tasks").await.is(200).as_array().unwrap().len(), wanted);
        }
        server.start_again().await;
        here.clock.advance(std::time::Duration::from_secs(30));
        remember(&anna, "/tasks").await;
        assert_eq!(anna_there.get("/tasks").await.is(200).as_array().unwrap().len(), wanted);
    });
}

/// A service in the place of tasks that answers when the gate is open.
async fn service(calls: Arc<AtomicUsize>, gate: Arc<Semaphore>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap().into_std().unwrap();
    let address = listener.local_addr().unwrap();
    let answer = async move || {
        calls.fetch_add(1, Ordering::SeqCst);
        gate.acquire().await.unwrap().forget();
        axum::Json(json!({"items": []}))
    };
    let routes = Router::new().route("/api/v1/tasks", get(answer));
    tokio::spawn(async move {
        let (stop, _trigger) = Stop::manual();
        api::serve::run([listener], routes, api::serve::Limits::default(), stop, None).await.unwrap();
    });
    address
}

/// Waits until so many requests are worked on.
async fn in_the_house(house: &House, wanted: u64) {
    eventually("so many are in the house", async || {
        (house.system.get("/system").await.is(200)["requests_in_flight"] == wanted).then_some(())
    })
    .await;
}

#[test]
#[ignore = "needs Redis"]
fn a_hundred_who_ask_the_same_are_one_call_which_the_first_may_leave() {
    testkit::run(async {
        let server = RedisServer::start().await;
        let (calls, gate) = (Arc::<AtomicUsize>::default(), Arc::new(Semaphore::new(0)));
        let service = service(calls.clone(), gate.clone()).await;
        let house = House::before_with(service, &[("DAYBOOK_CACHE_URL", &url(&server))]).await;
        let anna = house.user("anna").await;
        let ask = || {
            let client = Client::clone(&anna);
            tokio::spawn(async move { client.get("/api/v1/tasks").await })
        };
        let first = ask();
        eventually("it is called", async || (calls.load(Ordering::SeqCst) == 1).then_some(())).await;
        let others: Vec<_> = (0..100).map(|_| ask()).collect();
        in_the_house(&house, 101).await;
        first.abort();
        in_the_house(&house, 100).await;
        gate.add_permits(100);
        for other in others {
            let answer = other.await.unwrap();
            answer.is(200);
            // One that is slower than all the rest finds what the call brought.
            assert!(["fwd=miss; collapsed", "hit"].contains(&cache(&answer)), "{answer:?}");
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    });
}
