//! Two gateways over one Redis, which may be killed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cache::Cache;
use testkit::{RedisServer, StillClock};

use super::door::{Door, LIFETIME, until};
use super::service::Service;

/// Two gateways to one service.
fn two(server: &RedisServer) -> (Door, Door) {
    let (service, clock) = (Arc::<Service>::default(), StillClock::default());
    let cache = || Cache::redis(&format!("redis://127.0.0.1:{}/0", server.port()), "test:").unwrap();
    let door = || Door::with(service.clone(), clock.clone(), Some(cache()), 1 << 20);
    (door(), door())
}

/// What is put on a server is there a moment later.
async fn remembers(door: &Door, path: &str) {
    until("it is remembered", async || door.get(path).await.cache() == "hit").await;
}

#[test]
#[ignore = "needs Redis"]
fn what_one_gateway_remembers_the_other_knows_and_a_write_through_either_ends_it_for_both() {
    testkit::run(async {
        let server = RedisServer::start().await;
        let (here, there) = two(&server);
        for _ in 0..50 {
            remembers(&here, "/things").await;
            assert_eq!(there.get("/things").await.cache(), "hit");
            let written = there.post("/things").await.body;
            for door in [&here, &there] {
                assert_eq!(door.get("/things").await.body, written, "right after the answer");
            }
        }
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_read_joins_no_call_from_before_a_write_through_another_gateway() {
    testkit::run(async {
        let server = RedisServer::start().await;
        let (here, there) = two(&server);
        let slow = here.waits("GET", "/things");
        until("it is called", async || here.reads() == 1).await;
        let joined = here.waits("GET", "/things");
        there.post("/things").await;
        assert_eq!(here.get("/things").await.body, "1");
        here.service.gate.add_permits(2);
        assert_eq!(slow.await.unwrap().body, "0");
        drop(joined.await.unwrap());
        assert_eq!(here.get("/things").await.body, "1");
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_hundred_identical_misses_are_one_call() {
    testkit::run(async {
        let server = RedisServer::start().await;
        let (here, _) = two(&server);
        let all: Vec<_> = (0..100).map(|_| here.waits("GET", "/things")).collect();
        until("all wait", async || here.reads() == 1).await;
        here.service.gate.add_permits(100);
        for one in all {
            assert_eq!(one.await.unwrap().body, "0");
        }
        assert_eq!(here.reads(), 1);
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_dead_server_costs_memory_alone_and_one_that_is_back_knows_nothing_that_is_over() {
    testkit::run(async {
        let mut server = RedisServer::start().await;
        let (here, there) = two(&server);
        remembers(&here, "/things").await;
        server.kill();
        until("it is missed", async || here.get("/things").await.cache() == "fwd=bypass").await;
        let written = here.post("/things").await.body;
        assert_eq!(here.get("/things").await.body, written);
        server.start_again().await;
        for door in [&here, &there] {
            assert_eq!(door.get("/things").await.body, written);
        }
        assert_eq!(here.get("/things").await.cache(), "fwd=bypass", "somebody may remember what it ended");
        here.clock.advance(LIFETIME);
        remembers(&here, "/things").await;
        remembers(&there, "/things").await;
        assert_eq!(here.service.number.load(Ordering::SeqCst), 1);
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_flush_ends_everything_and_breaks_nothing() {
    testkit::run(async {
        let server = RedisServer::start().await;
        let (here, there) = two(&server);
        for _ in 0..10 {
            remembers(&here, "/things").await;
            assert_eq!(server.say("FLUSHALL"), "+OK");
            let written = there.post("/things").await.body;
            assert_eq!(here.get("/things").await.body, written);
        }
    });
}
