use super::*;
use std::time::Instant;

use cache::DEFAULT_LIMIT_BYTES;
use testkit::{RedisServer, StillClock, run};
use types::SystemClock;

const LIMITS: Limits = Limits {
    window: Duration::from_mins(1),
    read_per_address: 100,
    read_per_user: 60,
    write_per_address: 40,
    write_per_user: 20,
    door_per_address: 5,
};

fn alone(clock: Arc<dyn Clock>) -> Rates {
    let cache = Cache::in_memory(DEFAULT_LIMIT_BYTES, clock.clone());
    Rates::new(LIMITS, &cache, clock)
}

fn key(rates: &Rates, user: i64) -> (Key, Rate) {
    let plan = &rates.inner.plans.read[0];
    (Key { limit: plan.name, who: Who::User(user) }, plan.rate)
}

async fn takes(rates: &Rates, user: i64) -> bool {
    let (key, rate) = key(rates, user);
    matches!(rates.take(key, rate).await, Taken::Yes { .. })
}

async fn drained(rates: &Rates, user: i64, tries: usize) -> usize {
    let mut taken = 0;
    for _ in 0..tries {
        taken += usize::from(takes(rates, user).await);
    }
    taken
}

#[test]
fn a_request_costs_little() {
    run(async {
        let rates = alone(Arc::new(SystemClock));
        let began = Instant::now();
        for user in 0..200_000 {
            takes(&rates, user % 1_000).await;
        }
        let each = began.elapsed() / 200_000;
        println!("{each:?} a request");
        // Unoptimised, and beside other tests.
        assert!(each < Duration::from_micros(20), "{each:?} a request");
    });
}

#[test]
#[ignore = "needs Redis"]
fn processes_that_share_a_cache_let_through_what_one_may_and_little_more() {
    run(async {
        let server = RedisServer::start().await;
        let url = format!("redis://127.0.0.1:{}/0", server.port());
        let process = || {
            let cache = Cache::redis(&url, "test:").unwrap();
            Rates::new(LIMITS, &cache, Arc::new(StillClock::default()))
        };
        for (user, clients) in [(1, 1), (2, 8), (3, 64)] {
            let processes = [process(), process()];
            let mut tasks = tokio::task::JoinSet::new();
            for rates in processes {
                for _ in 0..clients {
                    let rates = rates.clone();
                    tasks.spawn(async move { drained(&rates, user, 400 / clients).await });
                }
            }
            let taken: usize = tasks.join_all().await.into_iter().sum();
            assert!((100..=120).contains(&taken), "{clients} clients of each: {taken} of 100");
        }
        // Whoever comes to a third process is known there after a few.
        assert!(drained(&process(), 1, 100).await <= 6);
    });
}

#[test]
#[ignore = "needs Redis"]
fn without_the_shared_cache_each_process_limits_alone() {
    run(async {
        let mut server = RedisServer::start().await;
        let url = format!("redis://127.0.0.1:{}/0", server.port());
        let cache = Cache::redis(&url, "test:").unwrap();
        let rates = Rates::new(LIMITS, &cache, Arc::new(StillClock::default()));
        assert_eq!(drained(&rates, 1, 20).await, 20);
        server.kill();
        let began = Instant::now();
        assert_eq!(drained(&rates, 1, 200).await, 80);
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    });
}

#[test]
fn time_earns_new_requests() {
    run(async {
        let clock = StillClock::default();
        let rates = alone(Arc::new(clock.clone()));
        assert_eq!(drained(&rates, 1, 200).await, 100);
        clock.advance(Duration::from_secs(6));
        assert_eq!(drained(&rates, 1, 200).await, 10);
        assert_eq!(drained(&rates, 2, 200).await, 100);
    });
}
