//! Slots: which process makes ids with which number, by lease.

use std::sync::Arc;
use std::time::Duration;

use types::{Clock, Ids, Timestamp};

use crate::{Batch, Db, Error, Result, UnlessMissed, sql};

/// How long a lease lasts; no id is made of a moment after its end.
const LEASE: Duration = Duration::from_secs(30);
/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(5);
/// How long to wait after a renewal that failed.
const RETRY: Duration = Duration::from_secs(1);
/// How often the clock is looked at: a machine that slept, or whose clock was set, must not wait for its ids.
const GLANCE: Duration = Duration::from_millis(200);
/// How long after a lease's end its slot is taken by another, for clocks that do not quite agree.
const MARGIN: Duration = Duration::from_secs(15);

/// What is said when there is none.
const ALL_TAKEN: &str = "all slots for making ids are taken";

/// A slot that this process holds, and the ids made with it. Cheap to clone.
#[derive(Clone)]
pub struct Lease {
    db: Db,
    clock: Arc<dyn Clock>,
    holder: String,
    ids: Ids,
}

impl Lease {
    /// Takes a free slot. `holder` names this process, and must be no other's.
    pub async fn take(db: Db, clock: Arc<dyn Clock>, holder: String) -> Result<Self> {
        let (slot, until) = claim(&db, &*clock, &holder).await?;
        let ids = Ids::new(clock.clone(), slot, until);
        Ok(Self { db, clock, holder, ids })
    }

    /// The same, but waits for a slot while all are taken: those of processes that died are free when their leases have ended.
    pub async fn wait_for(db: Db, clock: Arc<dyn Clock>, holder: String) -> Result<Self> {
        for _ in 0..(LEASE + MARGIN).as_secs() {
            match Self::take(db.clone(), clock.clone(), holder.clone()).await {
                Err(Error::Unavailable(why)) if why == ALL_TAKEN => {
                    tracing::warn!("{ALL_TAKEN}; one of a process that died is waited for");
                    tokio::time::sleep(RETRY).await;
                }
                taken => return taken,
            }
        }
        Self::take(db, clock, holder).await
    }

    /// The ids of this slot.
    pub fn ids(&self) -> Ids {
        self.ids.clone()
    }

    /// Renews the lease for as long as this future is polled. When it cannot, ids run out by themselves at its end.
    pub async fn keep(&self) {
        loop {
            tokio::time::sleep(GLANCE).await;
            // Asked of the lease itself: time may have passed between taking it and coming here.
            let (now, renewed) = (self.clock.now(), self.ids.lease_end().minus(LEASE));
            if now >= renewed && now < renewed.plus(RENEWAL) {
                continue;
            }
            if let Err(error) = self.renew().await {
                tracing::warn!(error = %error, "the lease on this process's id slot could not be renewed");
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Renews the lease once, or takes another slot when this one has gone to another process.
    pub async fn renew(&self) -> Result<()> {
        let until = self.clock.now().plus(LEASE);
        if self.write(until).await? {
            self.ids.extend(until);
        } else {
            // Another process holds it: nothing was made with it since the lease ended, and so another one serves.
            let (slot, until) = claim(&self.db, &*self.clock, &self.holder).await?;
            self.ids.move_to(slot, until);
        }
        Ok(())
    }

    /// Gives the slot back, free as soon as the last id's moment has passed.
    pub async fn release(&self) -> Result<()> {
        self.ids.extend(Timestamp::default());
        // Ids know milliseconds, and the one of the last id is not free before it is over.
        let last = self.ids.last().max(self.clock.now()).plus(Duration::from_millis(1));
        self.write(last.minus(MARGIN)).await.map(drop)
    }

    async fn write(&self, until: Timestamp) -> Result<bool> {
        let renewal = sql!(
            "update slots set lease_until = ? where slot = ? and holder = ?",
            until,
            self.ids.slot(),
            self.holder.as_str()
        );
        self.db.write(Batch::of_one(renewal)).await.unless_missed()
    }
}

async fn claim(db: &Db, clock: &dyn Clock, holder: &str) -> Result<(i64, Timestamp)> {
    // The longest unused first: after a quick restart the clock has passed whatever was made with it.
    let slots = sql!("select slot, holder, lease_until from slots order by lease_until, slot");
    for (slot, before, lease_until) in db.all::<(i64, String, Timestamp)>(slots).await? {
        let now = clock.now();
        if !db.is_sole() && lease_until.plus(MARGIN) > now {
            break;
        }
        let until = now.plus(LEASE);
        let claim = sql!(
            "update slots set holder = ?, lease_until = ? where slot = ? and holder = ? and lease_until = ?",
            holder,
            until,
            slot,
            before,
            lease_until
        );
        if db.write(Batch::of_one(claim)).await.unless_missed()? {
            return Ok((slot, until));
        }
    }
    Err(Error::Unavailable(ALL_TAKEN.into()))
}
