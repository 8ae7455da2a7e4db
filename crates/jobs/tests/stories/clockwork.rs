//! Jobs that the clock puts in, while it is moved.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jobs::schedule::Missed;
use jobs::{Every, Handler, Kind, Outcome, Running};
use testkit::{StillClock, on_every_engine};
use types::{Clock, Result, Timestamp};

use super::trial::{Process, SCHEMA, rows, until};

/// A handler of what the clock puts in, which notes for when each job was.
struct Chime {
    every: Every,
    times: Mutex<BTreeMap<i64, Timestamp>>,
}

impl Chime {
    fn new(cron: &'static str, missed: Missed) -> Arc<Self> {
        let every = Every { cron, zone: "Europe/Kyiv", missed };
        Arc::new(Self { every, times: Mutex::default() })
    }

    /// The times, in order.
    fn times(&self) -> Vec<String> {
        let mut times: Vec<_> = self.times.lock().unwrap().values().copied().collect();
        times.sort_unstable();
        // Month, day, hour and minute.
        times.iter().map(|at| at.plain()[5..16].to_owned()).collect()
    }
}

#[async_trait]
impl Handler for Chime {
    fn kind(&self) -> Kind {
        Kind::new("chime")
    }

    fn every(&self) -> Option<Every> {
        Some(self.every)
    }

    async fn run(&self, job: &Running) -> Result<Outcome> {
        // A clock that is moved by hours has workers taken for dead: one job may be begun twice.
        self.times.lock().unwrap().insert(job.id().number(), job.run_at());
        Ok(Outcome::Done)
    }
}

/// This moment of the year 2027, in UTC.
fn at(text: &str) -> Timestamp {
    serde_json::from_str(&format!("\"2027-{text}:00Z\"")).unwrap()
}

/// Moves the clock on by half hours, each seen to before the next.
async fn on_to(to: Timestamp, clock: &StillClock, process: &Process) {
    while clock.now() < to {
        clock.advance(Duration::from_mins(30));
        seen_to(clock, process).await;
    }
}

/// Until nothing is due, and nothing under way.
async fn seen_to(clock: &StillClock, process: &Process) {
    until(true, async || {
        let due = db::sql!("select id from job_schedules where next_at <= ?", clock.now());
        let waits = db::sql!("select id from job_queue union all select id from job_held");
        let due: Vec<i64> = process.db.all(due).await.unwrap();
        due.is_empty() && process.db.all::<i64>(waits).await.unwrap().is_empty()
    })
    .await;
}

on_every_engine! { SCHEMA;
    /// Two processes, and a clock that is put forward: what is at half past three comes once, when the clock lands.
    async fn a_clock_put_forward_leaves_nothing_out(test) {
        let clock = Arc::new(StillClock::at(at("03-27T12:00")));
        let processes = [Process::by(&test, 0, clock.clone()), Process::by(&test, 1, clock.clone())];
        let chime = Chime::new("30 3 * * *", Missed::Once);
        let (stop, working) = processes[0].work(vec![chime.clone()], 4);
        let other = (!processes[0].db.is_sole()).then(|| processes[1].work(vec![chime.clone()], 4));
        until(1, async || rows(&processes[0].db, "job_schedules").await).await;
        on_to(at("03-29T12:00"), &clock, &processes[0]).await;
        // 3:30 in winter, the moment at which 3:00 became 4:00, and 3:30 in summer.
        assert_eq!(chime.times(), ["03-28 01:00", "03-29 00:30"]);
        stop.pull();
        working.await.unwrap();
        if let Some((stop, working)) = other {
            stop.pull();
            working.await.unwrap();
        }
        let done: i64 = rows(&processes[0].db, "jobs").await;
        assert_eq!(done, 2, "each once, whoever looked");
    }

    /// And one that is put back rings once, also when the machine's own clock is.
    async fn a_clock_put_back_rings_once(test) {
        let clock = Arc::new(StillClock::at(at("10-30T12:00")));
        let process = Process::by(&test, 0, clock.clone());
        let chime = Chime::new("30 3 * * *", Missed::Once);
        let (stop, working) = process.work(vec![chime.clone()], 4);
        until(1, async || rows(&process.db, "job_schedules").await).await;
        on_to(at("11-01T12:00"), &clock, &process).await;
        assert_eq!(chime.times(), ["10-31 00:30", "11-01 01:30"]);
        stop.pull();
        working.await.unwrap();
    }

    /// A house that slept for days makes up for it as it was told to.
    async fn what_was_missed_is_made_up_for(test) {
        for (missed, from, rings) in [(Missed::Skip, "05-01T12:00", 0), (Missed::Once, "06-01T12:00", 1)] {
            let clock = Arc::new(StillClock::at(at(from)));
            let process = Process::by(&test, 0, clock.clone());
            process.db.write(db::Batch::new().any(db::sql!("delete from job_schedules"))).await.unwrap();
            let chime = Chime::new("0 6 * * *", missed);
            let (stop, working) = process.work(vec![chime.clone()], 4);
            until(1, async || rows(&process.db, "job_schedules").await).await;
            stop.pull();
            working.await.unwrap();

            clock.advance(Duration::from_hours(100));
            let (stop, working) = process.work(vec![chime.clone()], 4);
            seen_to(&clock, &process).await;
            assert_eq!(chime.times().len(), rings, "{missed:?}");
            stop.pull();
            working.await.unwrap();
        }
    }
}
