//! Many at once.

use std::sync::Arc;

use cache::Cache;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::sample::{LONG, SHORT, on_every_store};

const RACERS: usize = 16;
const ROUNDS: usize = 200;

/// Lets many tasks do the same at the same moment, and gives what each got.
async fn race<T, F>(cache: &Cache, act: fn(Cache, usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(RACERS));
    let racers = (0..RACERS).map(|racer| {
        let (cache, start) = (cache.clone(), Arc::clone(&start));
        async move {
            start.wait().await;
            act(cache, racer).await
        }
    });
    racers.collect::<JoinSet<_>>().join_all().await
}

on_every_store! {
    async fn of_many_that_put_a_new_value_one_wins(sample) {
        for _ in 0..ROUNDS {
            let won = race(&sample.cache, |cache, racer| async move {
                let name = racer.to_string();
                cache.put_new("k", name.as_bytes(), LONG).await.unwrap().then_some(name)
            });
            let winners: Vec<String> = won.await.into_iter().flatten().collect();
            assert_eq!(winners.len(), 1);
            assert_eq!(sample.text("k").await.as_ref(), winners.first(), "the winner's value is the one kept");
            assert!(sample.cache.remove("k").await.unwrap());
        }
    }

    async fn of_many_that_replace_an_expired_value_one_wins(sample) {
        for _ in 0..4 {
            sample.cache.put("k", b"old", SHORT).await.unwrap();
            sample.pass(SHORT).await;
            let won = race(&sample.cache, |cache, _| async move {
                cache.put_new("k", b"new", LONG).await.unwrap()
            });
            assert_eq!(won.await.into_iter().filter(|won| *won).count(), 1);
        }
    }

    async fn of_many_that_take_a_value_one_gets_it(sample) {
        for _ in 0..ROUNDS {
            sample.cache.put("k", b"one", LONG).await.unwrap();
            let taken = race(&sample.cache, |cache, _| async move { cache.take("k").await.unwrap() }).await;
            assert_eq!(taken.into_iter().flatten().count(), 1);
        }
    }

    async fn of_many_that_remove_a_value_one_did(sample) {
        for _ in 0..ROUNDS {
            sample.cache.put("k", b"one", LONG).await.unwrap();
            let removed = race(&sample.cache, |cache, _| async move { cache.remove("k").await.unwrap() });
            assert_eq!(removed.await.into_iter().filter(|removed| *removed).count(), 1);
        }
    }

    async fn no_addition_is_lost_and_no_number_given_twice(sample) {
        let given = race(&sample.cache, |cache, _| async move {
            let mut given = Vec::new();
            for _ in 0..ROUNDS {
                given.push(cache.add("n", 1, LONG).await.unwrap());
            }
            given
        });
        let mut given: Vec<i64> = given.await.into_iter().flatten().collect();
        given.sort_unstable();
        let all = i64::try_from(RACERS * ROUNDS).unwrap();
        assert_eq!(given, (1..=all).collect::<Vec<_>>());
    }
}
