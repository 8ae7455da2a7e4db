//! Counters, and debts.

use std::time::Duration;

use super::sample::{LONG, SHORT, on_every_store};

/// How long two verbs may be apart.
const A_LITTLE: Duration = Duration::from_secs(30);

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

    async fn a_debt_grows_and_time_pays_it(sample) {
        assert_eq!(sample.cache.owe("d", LONG).await.unwrap(), LONG);
        let owed = sample.cache.owe("d", LONG).await.unwrap();
        assert!(owed <= 2 * LONG && owed + A_LITTLE > 2 * LONG, "{owed:?}");
        sample.pass(SHORT).await;
        let owed = sample.cache.owe("d", Duration::ZERO).await.unwrap();
        assert!(owed + SHORT <= 2 * LONG && owed + A_LITTLE > 2 * LONG, "{owed:?}");
    }

    async fn a_debt_that_is_paid_is_gone(sample) {
        sample.cache.owe("d", SHORT).await.unwrap();
        sample.pass(SHORT).await;
        assert_eq!(sample.text("d").await, None);
        assert_eq!(sample.cache.owe("d", Duration::ZERO).await.unwrap(), Duration::ZERO);
        assert_eq!(sample.text("d").await, None, "nothing is owed, so nothing is kept");
        assert_eq!(sample.cache.owe("d", LONG).await.unwrap(), LONG);
    }

    async fn a_debt_beyond_all_numbers_is_still_one(sample) {
        let owed = sample.cache.owe("d", Duration::MAX).await.unwrap();
        assert!(owed > Duration::from_hours(24 * 365 * 50), "{owed:?}");
    }
}
