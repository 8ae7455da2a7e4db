//! Counters.

use super::sample::{LONG, SHORT, on_every_store};

on_every_store! {
    async fn a_counter_begins_at_zero_and_goes_both_ways(sample) {
        assert_eq!(sample.cache.add("n", 3, LONG).await.unwrap(), 3);
        assert_eq!(sample.cache.add("n", -5, LONG).await.unwrap(), -2);
        assert_eq!(sample.cache.add("n", 0, LONG).await.unwrap(), -2);
    }

    async fn the_lifetime_of_a_counter_starts_when_it_is_made(sample) {
        sample.cache.add("n", 1, SHORT).await.unwrap();
        assert_eq!(sample.cache.add("n", 1, LONG).await.unwrap(), 2);
        sample.pass(SHORT).await;
        assert_eq!(sample.text("n").await, None, "the second addition must not prolong it");
        assert_eq!(sample.cache.add("n", 1, LONG).await.unwrap(), 1);
    }

    async fn a_counter_reads_as_digits_and_digits_can_be_counted_on(sample) {
        sample.cache.add("n", 41, LONG).await.unwrap();
        assert_eq!(sample.text("n").await.as_deref(), Some("41"));
        sample.cache.put("m", b"-7", SHORT).await.unwrap();
        assert_eq!(sample.cache.add("m", 10, LONG).await.unwrap(), 3);
        sample.pass(SHORT).await;
        assert_eq!(sample.text("m").await, None, "the lifetime of the put is the counter's");
    }

    async fn what_is_no_number_is_refused_and_stays(sample) {
        sample.cache.put("k", b"one", LONG).await.unwrap();
        sample.cache.add("k", 1, LONG).await.unwrap_err();
        assert_eq!(sample.text("k").await.as_deref(), Some("one"));
    }

    async fn a_counter_that_would_overflow_is_refused_and_stays(sample) {
        sample.cache.add("n", i64::MAX, LONG).await.unwrap();
        sample.cache.add("n", 1, LONG).await.unwrap_err();
        assert_eq!(sample.cache.add("n", -1, LONG).await.unwrap(), i64::MAX - 1);
    }
}
