//! Jobs that are put in by the clock.

use db::{Along, Batch, FromRow, Result, Row, Sql, UnlessMissed, sql};
use types::Timestamp;

use super::SqlJobs;
use crate::job::{Draft, Priority};
use crate::schedule::Missed;
use crate::timetable::Timed;

/// How many are looked at in one go.
const PORTION: i64 = 100;

/// What a [`Timed`] is read from.
pub const TIMED: &str = "id, slug, owner_id, name, kind, queue, payload, priority, attempts, cron, zone, missed, last_at, \
     next_at, version, created_at";

impl SqlJobs {
    /// Writes one of the house's own down as it is now; what was seen to stays so.
    pub async fn keep_time(&self, timed: &Timed) -> Result<()> {
        let insert = written(timed).push(" on conflict (slug) do nothing");
        let update = sql!(
            "update job_schedules set cron = ?, zone = ?, missed = ?, attempts = ?, next_at = ?, updated_at = ?, \
             version = version + 1 where slug = ? and (cron <> ? or zone <> ? or missed <> ? or attempts <> ?)",
            timed.cron.as_str(),
            timed.zone.as_str(),
            timed.missed.name(),
            i64::from(timed.draft.attempts),
            timed.next_at,
            timed.created_at,
            timed.slug.as_str(),
            timed.cron.as_str(),
            timed.zone.as_str(),
            timed.missed.name(),
            i64::from(timed.draft.attempts)
        );
        self.db.write(Batch::new().any(insert).any(update)).await
    }

    /// What is due by the clock.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<Timed>> {
        let due = sql!("select ")
            .push(TIMED)
            .push(" from job_schedules where next_at <= ? order by next_at, id limit ?");
        self.db.all(due.bind(now).bind(PORTION)).await
    }

    /// When something is due by the clock.
    pub async fn next_strike(&self) -> Result<Option<Timestamp>> {
        let next =
            sql!("select next_at from job_schedules where next_at is not null order by next_at limit 1");
        self.db.first(next).await
    }

    /// Notes up to which time one was seen to, and when it is due next; false when it was seen to by another.
    pub async fn move_on(
        &self,
        timed: &Timed,
        (last, next): (Timestamp, Option<Timestamp>),
        along: Along,
    ) -> Result<bool> {
        let on = sql!(
            "update job_schedules set last_at = ?, next_at = ? where id = ? and version = ? and last_at = ? and next_at = ?",
            last,
            next,
            timed.id,
            timed.version,
            timed.last_at,
            timed.next_at
        );
        self.db.write(Batch::of_one(on).along(along)).await.unless_missed()
    }
}

/// One that is not there yet.
pub fn written(timed: &Timed) -> Sql {
    sql!(
        "insert into job_schedules (id, slug, owner_id, name, kind, queue, payload, priority, attempts, cron, zone, missed, \
             last_at, next_at, version, created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        timed.id,
        timed.slug.as_str(),
        timed.owner,
        timed.name.as_str(),
        timed.draft.kind.as_str(),
        timed.draft.queue.as_deref(),
        timed.draft.payload.as_str(),
        timed.draft.priority.kept(),
        i64::from(timed.draft.attempts),
        timed.cron.as_str(),
        timed.zone.as_str(),
        timed.missed.name(),
        timed.last_at,
        timed.next_at,
        timed.version,
        timed.created_at,
        timed.created_at
    )
}

impl FromRow for Timed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let (slug, owner): (String, Option<types::UserId>) = (row.get(1)?, row.get(2)?);
        let attempts: i64 = row.get(8)?;
        let missed: String = row.get(11)?;
        Ok(Self {
            id: row.get(0)?,
            name: row.get(3)?,
            draft: Draft {
                owner,
                kind: row.get(4)?,
                queue: row.get(5)?,
                payload: row.get(6)?,
                priority: Priority::from_kept(row.get(7)?),
                run_at: None,
                key: owner.is_none().then(|| slug.clone()),
                attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            },
            slug,
            owner,
            cron: row.get(9)?,
            zone: row.get(10)?,
            missed: Missed::named(&missed).unwrap_or_default(),
            last_at: row.get(12)?,
            next_at: row.get(13)?,
            version: row.get(14)?,
            created_at: row.get(15)?,
        })
    }
}
