//! A server that answers, and will not.

use std::time::Duration;

use cache::Cache;
use testkit::run;
use types::Error;

use super::server::Server;

const LONG: Duration = Duration::from_mins(10);

#[test]
fn an_address_that_is_none_is_refused_before_anything_else() {
    for url in ["redis://", "redis://host:port", "redis://host/one", "disk"] {
        let refused = Cache::redis(url, "test:").err().unwrap();
        assert!(refused.to_string().starts_with("cache_url: "), "{refused}");
    }
    let secret = Cache::redis("redis://user:secret@host:port", "test:").err().unwrap();
    assert!(!format!("{secret} {secret:?}").contains("secret"));
}

#[test]
#[ignore = "needs Redis"]
fn a_server_without_room_says_so_and_keeps_what_it_has() {
    run(async {
        let server = Server::start().await;
        let cache = server.cache();
        cache.put("k", b"one", LONG).await.unwrap();
        server.say::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
        for refused in [
            cache.put("k", b"two", LONG).await.unwrap_err(),
            cache.put_new("l", b"two", LONG).await.unwrap_err(),
            cache.add("n", 1, LONG).await.unwrap_err(),
        ] {
            assert!(matches!(refused, Error::Full(_)), "{refused:?}");
        }
        assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"one"[..]));
        server.say::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
        assert_eq!(cache.add("n", 1, LONG).await.unwrap(), 1);
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_wrong_password_is_said_and_not_shown() {
    run(async {
        let server = Server::start().await;
        server.say::<()>(&["ACL", "SETUSER", "daybook", "on", ">right", "~*", "&*", "+@all"]).await;
        let right = Cache::redis(&server.url("daybook:right@"), "test:").unwrap();
        right.put("k", b"one", LONG).await.unwrap();
        let wrong = Cache::redis(&server.url("daybook:wrong-one@"), "test:").unwrap();
        let refused = wrong.get("k").await.unwrap_err();
        let said = types::with_causes(&refused);
        assert!(matches!(refused, Error::Unavailable { .. }), "{said}");
        assert!(said.contains("WRONGPASS") && !format!("{said} {refused:?}").contains("wrong-one"), "{said}");
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_user_who_may_not_subscribe_learns_it_and_has_the_values_all_the_same() {
    run(async {
        let server = Server::start().await;
        server
            .say::<()>(&["ACL", "SETUSER", "daybook", "on", ">right", "~*", "resetchannels", "+@all"])
            .await;
        let cache = Cache::redis(&server.url("daybook:right@"), "test:").unwrap();
        for _ in 0..3 {
            let refused = cache.subscribe("t").await.err().unwrap();
            assert!(matches!(&refused, Error::Internal { .. }), "{refused:?}");
            cache.put("k", b"one", LONG).await.unwrap();
        }
        assert_eq!(cache.get("k").await.unwrap().as_deref(), Some(&b"one"[..]));
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_forbidden_command_is_an_error_that_does_not_repeat_what_was_asked() {
    run(async {
        let server = Server::start().await;
        server.say::<()>(&["ACL", "SETUSER", "daybook", "on", ">right", "~*", "&*", "+@all", "-set"]).await;
        let cache = Cache::redis(&server.url("daybook:right@"), "test:").unwrap();
        let refused = cache.put("k", b"481516", LONG).await.unwrap_err();
        assert!(matches!(refused, Error::Internal { .. }), "{refused:?}");
        assert!(!format!("{refused:?}").contains("481516"));
    });
}

#[test]
#[ignore = "needs Redis"]
fn a_lifetime_may_be_longer_than_anybody_can_count() {
    run(async {
        let server = Server::start().await;
        let cache = server.cache();
        cache.put("k", b"one", Duration::MAX).await.unwrap();
        assert_eq!(cache.add("n", 1, Duration::MAX).await.unwrap(), 1);
        assert!(cache.get("k").await.unwrap().is_some());
    });
}
