//! Keys that come from elsewhere: a token of a key that is new there is good here at once.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use api::PublicKey;
use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::json;

use super::cookies::{door, status};
use super::workshop::{KID, Workshop, header, public, signed, stranger};

/// Far longer than a test takes: a fetch that comes in time was asked for.
const SELDOM: Duration = Duration::from_hours(1);
const LEAST: Duration = Duration::from_millis(50);

/// Where identity is.
#[derive(Clone, Default)]
struct Elsewhere {
    keys: Arc<Mutex<Vec<PublicKey>>>,
    asked: Arc<AtomicUsize>,
}

impl Elsewhere {
    fn has(&self, keys: &[(&str, u8)]) {
        *self.keys.lock().unwrap() = keys.iter().map(|(kid, key)| public(kid, &stranger(*key))).collect();
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Fetches from here into the workshop's keys, once before this returns.
    async fn followed_by(&self, workshop: &Workshop) {
        let (keys, here) = (workshop.keys.clone(), self.clone());
        tokio::spawn(async move {
            let fetch = || {
                here.asked.fetch_add(1, Ordering::Relaxed);
                std::future::ready(Ok::<_, Infallible>(here.keys.lock().unwrap().clone()))
            };
            keys.follow(fetch, |_| SELDOM, LEAST, |_| ()).await
        });
        while self.asked() == 0 {
            tokio::task::yield_now().await;
        }
    }
}

fn token(workshop: &Workshop, kid: &str, key: u8) -> String {
    let mut header = header();
    header["kid"] = json!(kid);
    signed(&stranger(key), &header, &json!(workshop.claims()))
}

fn bearer(token: &str) -> [(&'static str, String); 1] {
    [("authorization", format!("Bearer {token}"))]
}

fn cookie(token: &str) -> [(&'static str, String); 1] {
    [("cookie", format!("sso-token={token}"))]
}

#[test]
fn a_token_of_a_new_key_waits_for_the_key_and_is_good() {
    testkit::run(async {
        let (workshop, elsewhere) = (Workshop::new(), Elsewhere::default());
        elsewhere.has(&[(KID, 1)]);
        elsewhere.followed_by(&workshop).await;
        let door = door(&workshop);
        assert_eq!(status(&door, &bearer(&token(&workshop, KID, 1))).await, StatusCode::OK);
        for (number, headers) in [(2, bearer as fn(&str) -> _), (3, cookie), (4, bearer)] {
            let kid = format!("{number}-next");
            elsewhere.has(&[(KID, 1), (&kid, number)]);
            let token = token(&workshop, &kid, number);
            let headers = headers(&token);
            let asked = join_all((0..20).map(|_| status(&door, &headers))).await;
            assert!(asked.iter().all(|status| *status == StatusCode::OK), "{asked:?}");
        }
        assert!(elsewhere.asked() <= 2 * 4, "twenty at once ask once: {}", elsewhere.asked());
    });
}

/// Names of keys can be invented at no cost.
#[test]
fn invented_keys_are_asked_for_only_so_often() {
    testkit::run(async {
        let (workshop, elsewhere) = (Workshop::new(), Elsewhere::default());
        elsewhere.has(&[(KID, 1)]);
        elsewhere.followed_by(&workshop).await;
        let (door, started) = (door(&workshop), Instant::now());
        let tokens: Vec<String> = (0..500).map(|n| token(&workshop, &format!("{n}-invented"), 66)).collect();
        let asked = join_all(tokens.iter().map(async |token| status(&door, &bearer(token)).await)).await;
        assert!(asked.iter().all(|status| *status == StatusCode::UNAUTHORIZED));
        let most = started.elapsed().as_millis() / LEAST.as_millis() + 2;
        assert!(
            elsewhere.asked() as u128 <= most,
            "{} fetches in {:?}",
            elsewhere.asked(),
            started.elapsed()
        );
        assert_eq!(status(&door, &bearer(&token(&workshop, KID, 1))).await, StatusCode::OK);
    });
}

/// Where keys are made nobody fetches them, and there is nothing to wait for.
#[test]
fn where_nobody_fetches_nobody_waits() {
    testkit::run(async {
        let workshop = Workshop::new();
        let door = door(&workshop);
        let started = Instant::now();
        assert_eq!(status(&door, &bearer(&token(&workshop, "2-next", 2))).await, StatusCode::UNAUTHORIZED);
        assert!(started.elapsed() < Duration::from_secs(1));
    });
}
