//! What one request costs, and what its client is told of that.

use std::fmt::Write;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use types::Error;

use super::rate::Taken;
use super::table::{Key, Who};
use super::{Group, Plan, Rates};
use crate::problem::Failure;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// A request that is being counted.
pub(crate) struct Tab<'r> {
    rates: &'r Rates,
    group: Group,
    plans: &'r [Plan],
    /// What was taken, by plan.
    charged: [Option<Key>; 2],
    /// The plan that leaves the least, how much that is, and when all of it is back.
    tightest: Option<(&'r Plan, u32, Duration)>,
}

impl<'r> Tab<'r> {
    pub(super) fn new(rates: &'r Rates, group: Group, plans: &'r [Plan]) -> Self {
        Self { rates, group, plans, charged: [None, None], tightest: None }
    }

    /// Counts the request for where it comes from.
    pub(crate) async fn charge_address(&mut self, address: std::net::IpAddr) -> Result<(), Failure> {
        self.charge(0, address.into()).await
    }

    /// Counts the request for whose it is.
    pub(crate) async fn charge_user(&mut self, user: types::UserId) -> Result<(), Failure> {
        self.charge(1, user.into()).await
    }

    async fn charge(&mut self, at: usize, who: Who) -> Result<(), Failure> {
        let Some(plan) = self.plans.get(at) else { return Ok(()) };
        let key = Key { limit: plan.name, who };
        match self.rates.take(key, plan.rate).await {
            Taken::Yes { left, owed } => {
                self.charged[at] = Some(key);
                if self.tightest.is_none_or(|(_, least, _)| left < least) {
                    self.tightest = Some((plan, left, owed));
                }
                Ok(())
            }
            Taken::No(wait) => {
                self.tightest = Some((plan, 0, wait));
                Err(Error::TooMany(whole_seconds(wait)).into())
            }
        }
    }

    /// Ends the count with the answer: what does not count is given back, and the client is told how it stands.
    pub(crate) fn close(self, status: StatusCode, headers: &mut HeaderMap) {
        let mut back = 0;
        if let Group::Door { costly } = self.group {
            let counts = status.is_client_error() || (costly && status.is_success());
            if !counts {
                for (key, plan) in self.charged.iter().zip(self.plans) {
                    if let Some(key) = key {
                        self.rates.inner.table.give_back(*key, plan.rate);
                        back = 1;
                    }
                }
            }
        }
        let Some((plan, left, time)) = self.tightest else { return };
        headers.insert(POLICY, plan.policy.clone());
        let mut state = String::with_capacity(48);
        // Writing to a string never fails.
        let seconds = whole_seconds(time).as_secs();
        let _ = write!(state, "\"{}\";r={};t={seconds}", plan.name, left + back);
        headers.extend(HeaderValue::try_from(state).ok().map(|state| (STATE, state)));
    }
}

/// Not a moment too early.
fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs() + u64::from(time.subsec_nanos() > 0))
}
