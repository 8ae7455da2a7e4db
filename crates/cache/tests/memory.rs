//! What a cache in memory promises beyond every other: its limit, and time to the microsecond.
#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use cache::Cache;
use testkit::{StillClock, run};
use types::Error;

const LIMIT_BYTES: usize = 100_000;
/// A tenth of the limit with what the cache adds for itself: nine fit, ten do not.
const TENTH: [u8; 10_000] = [7; 10_000];

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn small() -> (Cache, StillClock) {
    let clock = StillClock::default();
    (Cache::in_memory(LIMIT_BYTES, Arc::new(clock.clone())), clock)
}

/// Those of these keys that are still there.
async fn left(cache: &Cache, keys: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut left = Vec::new();
    for key in keys {
        if cache.get(&key.to_string()).await.unwrap().is_some() {
            left.push(key);
        }
    }
    left
}

#[test]
fn a_value_ends_at_its_very_moment() {
    run(async {
        let (cache, clock) = small();
        cache.put("k", b"one", Duration::from_millis(250)).await.unwrap();
        cache.add("n", 1, Duration::from_millis(250)).await.unwrap();
        clock.advance(Duration::from_micros(249_999));
        assert!(cache.get("k").await.unwrap().is_some());
        assert_eq!(cache.add("n", 1, seconds(1)).await.unwrap(), 2);
        clock.advance(Duration::from_micros(1));
        assert!(cache.get("k").await.unwrap().is_none());
        assert_eq!(cache.add("n", 1, seconds(1)).await.unwrap(), 1);
    });
}

#[test]
fn a_value_with_no_lifetime_is_there_for_a_millisecond() {
    run(async {
        let (cache, clock) = small();
        cache.put("k", b"one", Duration::ZERO).await.unwrap();
        clock.advance(Duration::from_micros(999));
        assert!(cache.get("k").await.unwrap().is_some());
        clock.advance(Duration::from_micros(1));
        assert!(cache.get("k").await.unwrap().is_none());
    });
}

#[test]
fn those_who_would_end_soonest_make_room() {
    run(async {
        let (cache, _) = small();
        for key in [5, 3, 8, 1, 9, 2, 7, 4, 6] {
            cache.put(&key.to_string(), &TENTH, seconds(key * 10)).await.unwrap();
        }
        assert_eq!(left(&cache, 1..=9).await, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        cache.put("10", &TENTH, seconds(100)).await.unwrap();
        cache.put("11", &TENTH, seconds(110)).await.unwrap();
        assert_eq!(left(&cache, 1..=11).await, [3, 4, 5, 6, 7, 8, 9, 10, 11]);
    });
}

#[test]
fn the_value_just_written_stays_though_it_would_end_first() {
    run(async {
        let (cache, _) = small();
        for key in 1..=9 {
            cache.put(&key.to_string(), &TENTH, seconds(key * 10)).await.unwrap();
        }
        cache.put("0", &TENTH, seconds(1)).await.unwrap();
        assert_eq!(left(&cache, 0..=9).await, [0, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
}

#[test]
fn expired_values_make_room_before_living_ones() {
    run(async {
        let (cache, clock) = small();
        for key in 1..=9 {
            cache.put(&key.to_string(), &TENTH, seconds(if key % 2 == 0 { 10 } else { 20 })).await.unwrap();
        }
        clock.advance(seconds(10));
        for key in 10..14 {
            cache.put(&key.to_string(), &TENTH, seconds(5)).await.unwrap();
        }
        assert_eq!(left(&cache, 1..14).await, [1, 3, 5, 7, 9, 10, 11, 12, 13]);
    });
}

#[test]
fn a_refused_put_new_costs_nobody_their_place() {
    run(async {
        let (cache, _) = small();
        for key in 1..=9 {
            cache.put(&key.to_string(), &TENTH, seconds(key)).await.unwrap();
        }
        assert!(!cache.put_new("9", &vec![0; 50_000], seconds(9)).await.unwrap());
        assert_eq!(left(&cache, 1..=9).await.len(), 9);
    });
}

#[test]
fn replacing_and_removing_values_gives_their_room_back() {
    run(async {
        let (cache, _) = small();
        cache.put("1", &TENTH, seconds(1)).await.unwrap();
        for _ in 0..50 {
            cache.put("2", &TENTH, seconds(2)).await.unwrap();
            cache.put("3", &TENTH, seconds(3)).await.unwrap();
            cache.take("3").await.unwrap();
        }
        assert_eq!(left(&cache, 1..=3).await, [1, 2]);
    });
}

#[test]
fn a_value_over_the_limit_is_refused_and_what_was_there_stays() {
    run(async {
        let (cache, _) = small();
        cache.put("1", b"one", seconds(1)).await.unwrap();
        let refused = cache.put("1", &vec![0; LIMIT_BYTES], seconds(1)).await.unwrap_err();
        assert!(matches!(refused, Error::Full(_)));
        assert_eq!(left(&cache, [1]).await, [1]);
    });
}

#[test]
fn small_values_count_what_they_really_take() {
    run(async {
        let (cache, _) = small();
        for key in 0..10_000 {
            cache.put(&key.to_string(), b"", seconds(key + 1)).await.unwrap();
        }
        let left = left(&cache, 0..10_000).await;
        assert!((300..600).contains(&left.len()), "{} values of no bytes in 100,000", left.len());
        assert_eq!(left.last(), Some(&9_999));
    });
}
