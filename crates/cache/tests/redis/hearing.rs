//! Subscribers, when the connection or the server goes.

use std::time::{Duration, Instant};

use cache::{Cache, News, Subscription};
use rustix::process::Signal;
use testkit::run;
use tokio::time::timeout;

use super::server::{Server, until};

fn message(text: &str) -> News {
    News::Message(text.as_bytes().to_vec().into())
}

/// The next news, which must be there soon.
async fn heard(subscription: &mut Subscription) -> News {
    timeout(Duration::from_secs(20), subscription.next()).await.expect("news").expect("a cache")
}

/// Publishes as soon as the server takes it.
async fn publish(cache: &Cache, text: &str) {
    until("publishing", async || cache.publish("t", text.as_bytes()).await.ok()).await;
}

/// It hears of the gap, and from then on everything.
async fn hears_of_the_gap(subscription: &mut Subscription, other: &Cache) {
    assert_eq!(heard(subscription).await, News::Missed);
    for text in ["one", "two", "three"] {
        publish(other, text).await;
        assert_eq!(heard(subscription).await, message(text));
    }
}

#[test]
#[ignore = "needs Redis"]
fn what_one_process_publishes_another_hears() {
    run(async {
        let server = Server::start().await;
        let (one, other) = (server.cache(), server.cache());
        let mut hears = other.subscribe("t").await.unwrap();
        for number in 0..100 {
            one.publish("t", number.to_string().as_bytes()).await.unwrap();
        }
        for number in 0..100 {
            assert_eq!(heard(&mut hears).await, message(&number.to_string()));
        }
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_subscriber_over_a_restart_of_the_server_learns_that_it_missed_something() {
    run(async {
        let mut server = Server::start().await;
        let (cache, other) = (server.cache(), server.cache());
        let mut hears = cache.subscribe("t").await.unwrap();
        publish(&other, "before").await;
        assert_eq!(heard(&mut hears).await, message("before"));
        for _ in 0..2 {
            server.kill();
            server.start_again().await;
            hears_of_the_gap(&mut hears, &other).await;
        }
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_subscriber_whose_connection_is_cut_learns_that_it_missed_something() {
    run(async {
        let server = Server::start().await;
        let (cache, other) = (server.cache(), server.cache());
        let mut hears = cache.subscribe("t").await.unwrap();
        server.say::<()>(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
        hears_of_the_gap(&mut hears, &other).await;
    });
}

#[test]
#[ignore = "needs Redis"]
fn one_who_subscribes_while_the_server_is_away_hears_of_the_gap_when_it_is_back() {
    run(async {
        let mut server = Server::start().await;
        let (cache, other) = (server.cache(), server.cache());
        cache.ping().await.unwrap();
        server.kill();
        until("the end", async || cache.ping().await.err()).await;
        let mut hears = cache.subscribe("t").await.unwrap();
        server.start_again().await;
        hears_of_the_gap(&mut hears, &other).await;
    });
}

#[test]
#[ignore = "needs Redis"]
fn one_who_subscribes_while_the_server_hangs_is_not_held_up_and_hears_of_the_gap() {
    run(async {
        let server = Server::start().await;
        let (cache, other) = (server.cache(), server.cache());
        cache.ping().await.unwrap();
        server.signal(Signal::STOP);
        let since = Instant::now();
        let mut hears = cache.subscribe("t").await.unwrap();
        assert!(since.elapsed() < Duration::from_millis(1_500), "{:?}", since.elapsed());
        server.signal(Signal::CONT);
        hears_of_the_gap(&mut hears, &other).await;
    });
}

/// It takes a heartbeat, since nobody asks anything.
#[test]
#[ignore = "needs Redis"]
fn a_subscriber_whose_connection_dies_without_a_sound_learns_that_it_missed_something() {
    run(async {
        let server = Server::start().await;
        let (way, dies) = server.by_way().await;
        let cache = Cache::redis(&format!("redis://127.0.0.1:{way}/3"), "test:").unwrap();
        let other = server.cache();
        let mut hears = cache.subscribe("t").await.unwrap();
        dies.send(()).unwrap();
        hears_of_the_gap(&mut hears, &other).await;
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_topic_that_all_have_left_costs_the_server_nothing() {
    run(async {
        let server = Server::start().await;
        let cache = server.cache();
        let (one, other) = (cache.subscribe("t").await.unwrap(), cache.subscribe("t").await.unwrap());
        let topics = async || server.say::<Vec<String>>(&["PUBSUB", "CHANNELS"]).await.len();
        assert_eq!(topics().await, 1);
        drop(one);
        assert_eq!(topics().await, 1);
        drop(other);
        until("no topic", async || (topics().await == 0).then_some(())).await;
    });
}

#[test]
#[ignore = "needs Redis"]
fn one_who_comes_when_the_last_leaves_hears_everything() {
    run(async {
        let server = Server::start().await;
        let (cache, other) = (server.cache(), server.cache());
        let mut hears = cache.subscribe("t").await.unwrap();
        for number in 0..500 {
            drop(hears);
            hears = cache.subscribe("t").await.unwrap();
            other.publish("t", number.to_string().as_bytes()).await.unwrap();
            assert_eq!(heard(&mut hears).await, message(&number.to_string()));
        }
    });
}

#[test]
#[ignore = "needs Redis"]
fn many_topics_come_back_after_a_restart() {
    run(async {
        let mut server = Server::start().await;
        let (cache, other) = (server.cache(), server.cache());
        let mut all = Vec::new();
        for number in 0..1_000 {
            all.push(cache.subscribe(&number.to_string()).await.unwrap());
        }
        server.kill();
        server.start_again().await;
        for (number, hears) in all.iter_mut().enumerate() {
            assert_eq!(heard(hears).await, News::Missed);
            until("publishing", async || other.publish(&number.to_string(), b"one").await.ok()).await;
            assert_eq!(heard(hears).await, message("one"));
        }
    });
}

#[test]
#[ignore = "needs Redis"]
fn those_who_share_a_server_do_not_meet() {
    run(async {
        let server = Server::start().await;
        let long = Duration::from_mins(10);
        let (ours, theirs) = (server.cache(), Cache::redis(&server.url(""), "theirs:").unwrap());
        let elsewhere = Cache::redis(&server.url("").replace("/3", "/4"), "test:").unwrap();
        let mut hears = ours.subscribe("t").await.unwrap();
        for other in [&theirs, &elsewhere] {
            other.put("k", b"theirs", long).await.unwrap();
            other.publish("t", b"theirs").await.unwrap();
        }
        assert_eq!(ours.get("k").await.unwrap(), None);
        ours.publish("t", b"ours").await.unwrap();
        assert_eq!(heard(&mut hears).await, message("ours"));
    });
}
