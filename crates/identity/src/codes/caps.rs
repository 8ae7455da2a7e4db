//! How many codes go out in an hour: to one target, and for one client.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use cache::Cache;
use types::{Error, Result, Timestamp};

use super::written;
use crate::Target;

/// Seconds of the hour that is counted by.
const HOUR: i64 = 3_600;
/// A counter outlives its hour by what the clocks of two machines may be apart.
const KEPT: Duration = Duration::from_mins(65);

/// Counts codes by the hour of the clock.
#[derive(Clone)]
pub struct Caps {
    cache: Cache,
    per_target: i64,
    per_address: i64,
}

/// Counters that were added to, to be given back when nothing was sent after all.
#[derive(Debug)]
pub struct Counted(Vec<String>);

impl Caps {
    /// These many, counted here.
    pub const fn new(cache: Cache, per_target: i64, per_address: i64) -> Self {
        Self { cache, per_target, per_address }
    }

    /// Counts one code, or says how long the hour still lasts when it has had its share.
    pub async fn count(&self, to: &Target, address: &str, now: Timestamp) -> Result<Counted> {
        let hour = now.seconds().div_euclid(HOUR);
        // The client first: one who may ask for no more must not use up what its victims have.
        let wanted = [
            (format!("identity:codes-by:{}:{hour}", network(address)), self.per_address),
            (format!("identity:codes-to:{}:{hour}", written(to)), self.per_target),
        ];
        let mut counted = Counted(Vec::new());
        for (key, most) in wanted {
            let count = match self.cache.add(&key, 1, KEPT).await {
                Ok(count) => count,
                Err(error) => {
                    self.give_back(counted).await;
                    return Err(error);
                }
            };
            counted.0.push(key);
            if count > most {
                self.give_back(counted).await;
                let left = HOUR - now.seconds().rem_euclid(HOUR);
                return Err(Error::TooMany(Duration::from_secs(u64::try_from(left).unwrap_or(1))));
            }
        }
        Ok(counted)
    }

    /// Nothing was sent, and nothing counts.
    pub async fn give_back(&self, counted: Counted) {
        for key in counted.0 {
            if let Err(error) = self.cache.add(&key, -1, KEPT).await {
                tracing::debug!(error = %error, "a code that was not sent stays counted");
            }
        }
    }
}

/// Who counts as one client: an IPv4 address, or the /64 of an IPv6 address, of which anybody has 2⁶⁴.
fn network(address: &str) -> String {
    match address.trim().parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        // Whoever has no address that can be read shares one count with the others.
        Err(_) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use testkit::StillClock;
    use types::Clock;

    use super::*;

    fn caps(clock: &StillClock) -> Caps {
        Caps::new(Cache::in_memory(1 << 20, Arc::new(clock.clone())), 2, 3)
    }

    fn to(name: &str) -> Target {
        Target::Email(format!("{name}@example.org"))
    }

    #[test]
    fn a_client_is_an_address_or_a_network_of_sixty_four_bits() {
        for (address, counted) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("", "unknown"),
            ("a.b\r\n", "unknown"),
        ] {
            assert_eq!(network(address), counted, "{address:?}");
        }
    }

    #[test]
    fn a_target_has_its_share_of_the_hour_whoever_asks() {
        testkit::run(async {
            let clock = StillClock::default();
            let caps = caps(&clock);
            for client in ["192.0.2.1", "192.0.2.2"] {
                caps.count(&to("anna"), client, clock.now()).await.unwrap();
            }
            let third = caps.count(&to("anna"), "192.0.2.3", clock.now()).await;
            assert!(
                matches!(third, Err(Error::TooMany(rest)) if rest == Duration::from_mins(30)),
                "{third:?}"
            );
            caps.count(&to("boris"), "192.0.2.3", clock.now()).await.unwrap();
            clock.advance(Duration::from_mins(30));
            caps.count(&to("anna"), "192.0.2.3", clock.now()).await.unwrap();
        });
    }

    #[test]
    fn a_client_has_its_share_of_the_hour_wherever_codes_go_and_uses_up_nobody_elses() {
        testkit::run(async {
            let clock = StillClock::default();
            let caps = caps(&clock);
            for name in ["a", "b", "c"] {
                caps.count(&to(name), "2001:db8::1", clock.now()).await.unwrap();
            }
            for _ in 0..5 {
                let fourth = caps.count(&to("anna"), "2001:db8::2", clock.now()).await;
                assert!(matches!(fourth, Err(Error::TooMany(_))), "{fourth:?}");
            }
            caps.count(&to("anna"), "192.0.2.1", clock.now()).await.unwrap();
            caps.count(&to("anna"), "192.0.2.1", clock.now()).await.unwrap();
        });
    }

    #[test]
    fn what_was_not_sent_is_given_back() {
        testkit::run(async {
            let clock = StillClock::default();
            let caps = caps(&clock);
            for _ in 0..10 {
                let counted = caps.count(&to("anna"), "192.0.2.1", clock.now()).await.unwrap();
                caps.give_back(counted).await;
            }
        });
    }
}
