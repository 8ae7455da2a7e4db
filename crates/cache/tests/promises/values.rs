//! Values and their lifetimes.

use std::time::Duration;

use super::sample::{LONG, SHORT, on_every_store};

on_every_store! {
    async fn a_value_is_there_until_its_lifetime_ends(sample) {
        assert_eq!(sample.text("k").await, None);
        sample.cache.put("k", b"one", SHORT).await.unwrap();
        assert_eq!(sample.text("k").await.as_deref(), Some("one"));
        sample.pass(SHORT).await;
        assert_eq!(sample.text("k").await, None);
    }

    async fn a_value_is_given_back_byte_for_byte(sample) {
        let every: Vec<u8> = (0..=255).collect();
        sample.cache.put("bytes", &every, LONG).await.unwrap();
        sample.cache.put("none", b"", LONG).await.unwrap();
        assert_eq!(&sample.cache.get("bytes").await.unwrap().unwrap()[..], every);
        assert_eq!(sample.text("none").await.as_deref(), Some(""));
    }

    async fn several_values_are_given_in_the_order_of_their_keys(sample) {
        sample.cache.put("a", b"one", LONG).await.unwrap();
        sample.cache.put("b", b"", LONG).await.unwrap();
        sample.cache.put("late", b"one", SHORT).await.unwrap();
        sample.pass(SHORT).await;
        let found = sample.cache.get_each(["b", "none", "a", "late", "a"]).await.unwrap();
        let found = found.map(|value| value.map(|value| String::from_utf8(value.to_vec()).unwrap()));
        assert_eq!(found.each_ref().map(Option::as_deref), [Some(""), None, Some("one"), None, Some("one")]);
    }

    async fn a_second_put_replaces_the_value_and_its_lifetime(sample) {
        sample.cache.put("longer", b"one", SHORT).await.unwrap();
        sample.cache.put("longer", b"two", LONG).await.unwrap();
        sample.cache.put("shorter", b"one", LONG).await.unwrap();
        sample.cache.put("shorter", b"two", SHORT).await.unwrap();
        assert_eq!(sample.text("shorter").await.as_deref(), Some("two"));
        sample.pass(SHORT).await;
        assert_eq!(sample.text("longer").await.as_deref(), Some("two"));
        assert_eq!(sample.text("shorter").await, None);
    }

    async fn a_lifetime_is_one_millisecond_at_least(sample) {
        sample.cache.put("k", b"one", Duration::ZERO).await.unwrap();
        sample.pass(Duration::from_millis(1)).await;
        assert_eq!(sample.text("k").await, None);
    }

    async fn put_new_leaves_a_living_value_as_it_is(sample) {
        assert!(sample.cache.put_new("k", b"one", SHORT).await.unwrap());
        assert!(!sample.cache.put_new("k", b"two", LONG).await.unwrap());
        assert_eq!(sample.text("k").await.as_deref(), Some("one"));
        sample.pass(SHORT).await;
        assert_eq!(sample.text("k").await, None, "the refused lifetime must not count");
    }

    async fn put_new_takes_the_place_of_an_expired_value(sample) {
        sample.cache.put("k", b"one", SHORT).await.unwrap();
        sample.pass(SHORT).await;
        assert!(sample.cache.put_new("k", b"two", LONG).await.unwrap());
        assert_eq!(sample.text("k").await.as_deref(), Some("two"));
    }

    async fn take_gives_a_value_once_and_none_that_has_expired(sample) {
        sample.cache.put("k", b"one", LONG).await.unwrap();
        sample.cache.put("late", b"one", SHORT).await.unwrap();
        sample.pass(SHORT).await;
        assert_eq!(sample.cache.take("k").await.unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(sample.cache.take("k").await.unwrap(), None);
        assert_eq!(sample.cache.take("late").await.unwrap(), None);
        assert!(sample.cache.put_new("k", b"two", LONG).await.unwrap());
    }

    async fn remove_tells_whether_there_was_something(sample) {
        sample.cache.put("k", b"one", LONG).await.unwrap();
        sample.cache.put("late", b"one", SHORT).await.unwrap();
        sample.pass(SHORT).await;
        assert!(sample.cache.remove("k").await.unwrap());
        assert!(!sample.cache.remove("k").await.unwrap());
        assert!(!sample.cache.remove("late").await.unwrap());
        assert_eq!(sample.text("k").await, None);
    }

    async fn one_key_knows_nothing_of_another(sample) {
        sample.cache.put("a", b"one", LONG).await.unwrap();
        sample.cache.put("a:b", b"two", LONG).await.unwrap();
        assert!(sample.cache.remove("a").await.unwrap());
        assert_eq!(sample.text("a:b").await.as_deref(), Some("two"));
    }

    async fn a_clone_of_the_handle_sees_the_same_state(sample) {
        sample.cache.clone().put("k", b"one", LONG).await.unwrap();
        assert_eq!(sample.text("k").await.as_deref(), Some("one"));
    }
}
