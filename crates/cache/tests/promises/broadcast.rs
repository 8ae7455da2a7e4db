//! What subscribers hear.

use std::time::Duration;

use cache::{News, Subscription};
use tokio::time::timeout;

use super::sample::on_every_store;

/// More than may wait for a subscriber, in any store.
const TOO_MANY: usize = 5_000;

fn message(text: &str) -> News {
    News::Message(text.as_bytes().to_vec().into())
}

/// The next news, which must be there soon.
async fn heard(subscription: &mut Subscription) -> Option<News> {
    timeout(Duration::from_secs(10), subscription.next()).await.expect("news within ten seconds")
}

on_every_store! {
    async fn a_subscriber_hears_only_what_is_published_after_it_came(sample) {
        let mut early = sample.cache.subscribe("t").await.unwrap();
        sample.cache.publish("t", b"one").await.unwrap();
        let mut late = sample.cache.subscribe("t").await.unwrap();
        sample.cache.publish("t", b"two").await.unwrap();
        assert_eq!(heard(&mut early).await, Some(message("one")));
        assert_eq!(heard(&mut early).await, Some(message("two")));
        assert_eq!(heard(&mut late).await, Some(message("two")));
    }

    async fn a_subscriber_hears_its_own_topic_alone(sample) {
        let mut ours = sample.cache.subscribe("ours").await.unwrap();
        sample.cache.publish("theirs", b"one").await.unwrap();
        sample.cache.publish("ours", b"two").await.unwrap();
        assert_eq!(heard(&mut ours).await, Some(message("two")));
    }

    async fn publishing_to_nobody_is_no_error(sample) {
        sample.cache.publish("t", b"one").await.unwrap();
        drop(sample.cache.subscribe("t").await.unwrap());
        sample.cache.publish("t", b"two").await.unwrap();
    }

    async fn one_that_leaves_takes_nothing_from_those_who_stay(sample) {
        let mut stays = sample.cache.subscribe("t").await.unwrap();
        drop(sample.cache.subscribe("t").await.unwrap());
        sample.cache.publish("t", b"one").await.unwrap();
        assert_eq!(heard(&mut stays).await, Some(message("one")));
    }

    async fn a_slow_subscriber_learns_that_it_missed_messages_and_holds_up_nobody(sample) {
        let mut slow = sample.cache.subscribe("t").await.unwrap();
        let mut quick = sample.cache.subscribe("t").await.unwrap();
        for number in 0..TOO_MANY {
            sample.cache.publish("t", number.to_string().as_bytes()).await.unwrap();
            assert_eq!(heard(&mut quick).await, Some(message(&number.to_string())));
        }
        assert_eq!(heard(&mut slow).await, Some(News::Missed));
        let last = message(&(TOO_MANY - 1).to_string());
        let mut after = heard(&mut slow).await;
        while after.as_ref() != Some(&last) {
            assert!(matches!(after, Some(News::Message(_))), "what is kept comes without another gap");
            after = heard(&mut slow).await;
        }
    }

    async fn one_that_waits_is_woken(sample) {
        let mut subscription = sample.cache.subscribe("t").await.unwrap();
        let waiting = tokio::spawn(async move { heard(&mut subscription).await });
        sample.cache.publish("t", b"one").await.unwrap();
        assert_eq!(waiting.await.unwrap(), Some(message("one")));
    }

    async fn there_is_no_news_once_the_cache_is_gone(sample) {
        let mut subscription = sample.cache.subscribe("t").await.unwrap();
        sample.cache.publish("t", b"last").await.unwrap();
        drop(sample);
        assert_eq!(heard(&mut subscription).await, Some(message("last")));
        assert_eq!(heard(&mut subscription).await, None);
    }
}
