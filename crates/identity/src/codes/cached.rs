//! Codes in the cache that several processes share. Facts about them go through the database all the same.

use std::time::Duration;

use async_trait::async_trait;
use cache::Cache;
use db::{Along, Batch, Db};
use types::{Error, Result, Timestamp};

use super::service::CodeStore;
use super::{Code, CodeId, Place};

/// How long whoever puts a code in the place of another has that place to themselves.
const TURN: Duration = Duration::from_secs(30);
/// Tries and use of a code are remembered as long as any code may be good, which configuration keeps well below.
const REMEMBERED: Duration = Duration::from_hours(24);

/// Codes as values with a lifetime.
pub struct CachedCodes {
    cache: Cache,
    db: Db,
}

impl CachedCodes {
    /// In this cache; their facts in this database.
    pub const fn new(cache: Cache, db: Db) -> Self {
        Self { cache, db }
    }

    async fn keep(&self, place: &Place, code: &Code, kept: Duration, along: Along) -> Result<()> {
        let value = serde_json::to_vec(code)
            .map_err(|e| Error::internal_by("a code cannot be written as JSON", e))?;
        self.cache.put(&key(place), &value, kept).await.map_err(said)?;
        let told = self.db.write(Batch::new().along(along)).await;
        if told.is_err() {
            // Nobody will be sent it: without it the next one need not wait. If it cannot be removed, it ends by itself.
            drop(self.cache.remove(&key(place)).await);
        }
        Ok(told?)
    }
}

#[async_trait]
impl CodeStore for CachedCodes {
    async fn last(&self, place: &Place) -> Result<Option<Code>> {
        let found = self.cache.get(&key(place)).await.map_err(said)?;
        let read = found.map(|value| serde_json::from_slice(&value)).transpose();
        read.map_err(|e| Error::internal_by("a code in the cache cannot be read", e))
    }

    async fn put(
        &self,
        place: &Place,
        code: &Code,
        last: Option<CodeId>,
        kept: Duration,
        along: Along,
    ) -> Result<bool> {
        // Each code has one successor: of many at once, one takes this turn.
        let turn = format!("{}:after:{}", key(place), last.map_or(0, CodeId::number));
        if !self.cache.put_new(&turn, b"", TURN.min(kept)).await.map_err(said)? {
            return Ok(false);
        }
        // A turn that was free again because its time was over finds another code in place.
        if self.last(place).await?.map(|code| code.id) != last {
            return Ok(false);
        }
        let put = self.keep(place, code, kept, along).await;
        if put.is_err() {
            // If it cannot be given back, the turn ends by itself.
            drop(self.cache.remove(&turn).await);
        }
        put.map(|()| true)
    }

    async fn look(&self, place: &Place, code: CodeId, most: i64, now: Timestamp) -> Result<bool> {
        let tries = self.cache.add(&tries(code), 1, REMEMBERED).await.map_err(said)?;
        let is_used = self.cache.get(&used(code)).await.map_err(said)?.is_some();
        let last = self.last(place).await?;
        let is_good = last.is_some_and(|last| last.id == code && last.expires_at > now);
        Ok(is_good && !is_used && tries <= most)
    }

    async fn use_up(&self, _: &Place, code: CodeId) -> Result<bool> {
        self.cache.put_new(&used(code), b"", REMEMBERED).await.map_err(said)
    }
}

/// A cache that is away is said so: codes wait for it, whatever else goes on.
fn said(error: Error) -> Error {
    match error {
        Error::Unavailable { .. } => {
            Error::unavailable_by("no code can be sent or checked while the cache is away", error)
        }
        error => error,
    }
}

fn key(place: &Place) -> String {
    format!("identity:code:{}:{}", place.reason(), place.target())
}

fn tries(code: CodeId) -> String {
    format!("identity:code-tries:{code}")
}

fn used(code: CodeId) -> String {
    format!("identity:code-used:{code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_is_away_is_said_so_and_may_be_back_later() {
        let away = said(Error::unavailable("the connection was refused"));
        assert!(away.is_passing());
        assert_eq!(
            types::with_causes(&away),
            "no code can be sent or checked while the cache is away: the connection was refused"
        );
        assert!(matches!(said(Error::Full(None)), Error::Full(None)));
    }
}
