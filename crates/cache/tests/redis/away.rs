//! A server that is dead, hangs, forgets, and comes back.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cache::Cache;
use rustix::process::Signal;
use testkit::free_port;
use testkit::run;
use tokio::task::JoinSet;
use types::Error;

use super::server::{Server, until};

const LONG: Duration = Duration::from_mins(10);
/// Half a second, and what a busy machine adds.
const DEADLINE: Duration = Duration::from_millis(1_500);
/// What needs no answer from anybody, on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(100);

/// Asks for a value, and gives what came of it and how long it took.
async fn timed(cache: &Cache) -> (Result<Option<String>, Error>, Duration) {
    let since = Instant::now();
    let value = cache.get("k").await;
    (value.map(|value| value.map(|value| String::from_utf8(value.to_vec()).unwrap())), since.elapsed())
}

/// Waits until the server is known to be away: then nobody waits for it any more.
async fn fails_at_once(cache: &Cache) {
    until("a quick refusal", async || {
        let (value, time) = timed(cache).await;
        assert!(matches!(value, Err(Error::Unavailable { .. })), "{value:?}");
        assert!(time < DEADLINE, "{time:?}");
        (time < AT_ONCE).then_some(())
    })
    .await;
    let since = Instant::now();
    for _ in 0..1_000 {
        cache.get("k").await.unwrap_err();
    }
    assert!(since.elapsed() < DEADLINE, "a thousand refusals took {:?}", since.elapsed());
}

async fn works(cache: &Cache) {
    until("an answer", async || cache.put("k", b"one", LONG).await.ok()).await;
    assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"one"[..]));
}

#[test]
fn a_server_that_was_never_there_holds_nobody_up() {
    run(async {
        let cache = Cache::redis(&format!("redis://127.0.0.1:{}", free_port()), "test:").unwrap();
        fails_at_once(&cache).await;
        assert!(matches!(cache.ping().await, Err(Error::Unavailable { .. })));
        assert!(matches!(cache.publish("t", b"one").await, Err(Error::Unavailable { .. })));
    });
}

#[test]
fn a_server_that_takes_connections_and_says_nothing_holds_nobody_up() {
    run(async {
        let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
        let cache = Cache::redis(&format!("redis://{}", deaf.local_addr().unwrap()), "test:").unwrap();
        fails_at_once(&cache).await;
    });
}

#[test]
#[ignore = "needs Redis"]
fn commands_fail_while_the_server_is_dead_and_work_when_it_is_back() {
    run(async {
        let mut server = Server::start().await;
        let cache = server.cache();
        works(&cache).await;
        let is_over = Arc::new(AtomicBool::new(false));
        let mut workers = JoinSet::new();
        for worker in 0..8 {
            let (cache, is_over) = (cache.clone(), is_over.clone());
            workers.spawn(async move {
                let (key, mut slowest, mut failed) = (format!("n:{worker}"), Duration::ZERO, 0);
                while !is_over.load(Ordering::Relaxed) {
                    let since = Instant::now();
                    failed += u32::from(cache.add(&key, 1, LONG).await.is_err());
                    slowest = slowest.max(since.elapsed());
                    tokio::task::yield_now().await;
                }
                (slowest, failed)
            });
        }
        for _ in 0..3 {
            server.kill();
            fails_at_once(&cache).await;
            server.start_again().await;
            works(&cache).await;
        }
        is_over.store(true, Ordering::Relaxed);
        for (slowest, failed) in workers.join_all().await {
            assert!(slowest < DEADLINE, "one command took {slowest:?}");
            assert!(failed > 0, "a dead server answered");
        }
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_server_that_hangs_is_given_up_and_taken_back() {
    run(async {
        let server = Server::start().await;
        let cache = server.cache();
        works(&cache).await;
        server.signal(Signal::STOP);
        fails_at_once(&cache).await;
        server.signal(Signal::CONT);
        works(&cache).await;
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_flush_takes_what_is_kept_and_breaks_nothing() {
    run(async {
        let server = Server::start().await;
        let cache = server.cache();
        let mut hears = cache.subscribe("t").await.unwrap();
        for round in 0..20 {
            assert!(cache.put_new("k", b"one", LONG).await.unwrap(), "round {round}");
            assert_eq!(cache.add("n", 5, LONG).await.unwrap(), 5, "round {round}");
            server.say::<()>(&["FLUSHDB"]).await;
            assert_eq!(cache.get("k").await.unwrap(), None);
            assert_eq!(cache.take("k").await.unwrap(), None);
        }
        cache.publish("t", b"one").await.unwrap();
        assert_eq!(hears.next().await, Some(cache::News::Message(b"one"[..].into())));
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_server_that_became_a_copy_of_another_is_away_until_it_is_none() {
    run(async {
        let server = Server::start().await;
        let cache = server.cache();
        works(&cache).await;
        server.say::<()>(&["REPLICAOF", "127.0.0.1", &free_port().to_string()]).await;
        let refused = cache.put("k", b"two", LONG).await;
        assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
        server.say::<()>(&["REPLICAOF", "NO", "ONE"]).await;
        works(&cache).await;
    });
}

#[test]
#[ignore = "needs Redis"]
fn the_connection_ends_with_the_last_handle() {
    run(async {
        let server = Server::start().await;
        let cache = server.cache();
        works(&cache).await;
        let clients = async || server.say::<String>(&["CLIENT", "LIST"]).await.lines().count();
        assert_eq!(clients().await, 2, "one asks now, and one is the cache's");
        drop(cache);
        until("the end of the connection", async || (clients().await == 1).then_some(())).await;
    });
}
