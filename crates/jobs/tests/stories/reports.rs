//! Reports, whatever they are kept in.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use jobs::errands::Report;
use jobs::errands::report::{Place, Rows, Source};
use jobs::{Draft, State};
use testkit::on_every_engine;
use tokio::sync::Semaphore;
use types::{Error, JobId, Result, UserId};

use super::trial::{Process, SCHEMA, rows, until};

const ANNA: UserId = UserId::trusted(1);

/// Numbers in pages of a thousand, each with a long word.
struct Numbers {
    upto: i64,
    /// How often it fails in the middle.
    failures: AtomicI64,
}

#[async_trait]
impl Source for Numbers {
    fn name(&self) -> &'static str {
        "numbers"
    }

    fn columns(&self) -> &'static [&'static str] {
        &["number", "word"]
    }

    async fn page(&self, person: UserId, after: Option<Place>) -> Result<Rows> {
        assert_eq!(person, ANNA);
        let from = after.map_or(0, |Place(number, _)| number);
        if from >= self.upto / 2 && self.failures.fetch_sub(1, Ordering::Relaxed) > 0 {
            return Err(Error::unavailable("the numbers are away"));
        }
        let to = self.upto.min(from + 1_000);
        let word = "=".repeat(100);
        let rows = (from..to).map(|number| vec![number.to_string(), word.clone()]).collect();
        Ok(Rows { rows, next: (to < self.upto).then_some(to.into()) })
    }
}

/// The same, one page for each permit.
struct Gated {
    numbers: Numbers,
    gate: Arc<Semaphore>,
}

#[async_trait]
impl Source for Gated {
    fn name(&self) -> &'static str {
        self.numbers.name()
    }

    fn columns(&self) -> &'static [&'static str] {
        self.numbers.columns()
    }

    async fn page(&self, person: UserId, after: Option<Place>) -> Result<Rows> {
        self.gate.acquire().await.unwrap().forget();
        self.numbers.page(person, after).await
    }
}

fn numbers(upto: i64, failures: i64) -> Numbers {
    Numbers { upto, failures: AtomicI64::new(failures) }
}

fn report(upto: i64, failures: i64) -> Arc<Report> {
    Arc::new(Report::new(vec![Arc::new(numbers(upto, failures))]))
}

async fn order(process: &Process) -> JobId {
    let draft = Draft { owner: Some(ANNA), ..Draft::new("report", "{\"of\":\"numbers\"}", 3) };
    process.queue.add(vec![draft]).await.unwrap()[0]
}

async fn state(process: &Process, id: JobId) -> State {
    process.queue.find(None, id).await.unwrap().unwrap().state
}

on_every_engine! { SCHEMA;
    /// It is made in parts that together are the file, also when it was begun before.
    async fn a_report_is_whole_however_often_it_was_begun(test) {
        let process = Process::new(&test, 0);
        let id = order(&process).await;
        let (trigger, working) = process.work(vec![report(5_000, 1)], 10);
        until(State::Scheduled, async || state(&process, id).await).await;
        assert!(rows(&process.db, "job_results").await > 0, "it was begun");
        let due = db::sql!("update job_later set run_at = 0");
        process.db.write(db::Batch::new().any(due)).await.unwrap();
        until(State::Done, async || state(&process, id).await).await;
        let parts = db::sql!("select data from job_results where job_id = ? order by part", id);
        let parts: Vec<String> = process.db.all(parts).await.unwrap();
        assert!(parts.len() > 5 && parts.iter().all(|part| part.len() < 70_000), "{}", parts.len());
        let file = parts.concat();
        let rows = (0..5_000).map(|number| format!("{number},'{}", "=".repeat(100)));
        let wanted: Vec<String> = std::iter::once("number,word".to_owned()).chain(rows).collect();
        assert_eq!(file.strip_suffix("\r\n").unwrap().split("\r\n").collect::<Vec<_>>(), wanted);
        let job = process.queue.find(None, id).await.unwrap().unwrap();
        let said = format!("{{\"of\":\"numbers\",\"rows\":5000,\"bytes\":{},\"parts\":{}}}", file.len(), parts.len());
        assert_eq!(job.result, Some(said));
        trigger.pull();
        working.await.unwrap();
    }

    /// One that would be too long is not kept.
    async fn a_report_has_an_end(test) {
        let process = Process::new(&test, 0);
        let id = order(&process).await;
        let (trigger, working) = process.work(vec![report(1_000_000, 0)], 10);
        until(State::Dead, async || state(&process, id).await).await;
        assert_eq!(rows(&process.db, "job_results").await, 0);
        trigger.pull();
        working.await.unwrap();
    }

    /// Whoever was taken for dead writes no part any more.
    async fn one_maker_writes(test) {
        let process = Process::new(&test, 0);
        let id = order(&process).await;
        let gate = Arc::new(Semaphore::new(0));
        let slow = Report::new(vec![Arc::new(Gated { numbers: numbers(3_000, 0), gate: gate.clone() })]);
        let (_trigger, working) = process.work(vec![Arc::new(slow)], 10);
        until(1, async || rows(&process.db, "job_held").await).await;
        let another = db::sql!("update job_held set claim = 7, worker = 0, held_until = ?", i64::MAX);
        process.db.write(db::Batch::of_one(another)).await.unwrap();
        gate.add_permits(10);
        until(9, async || gate.available_permits()).await;
        working.abort();
        let _ = working.await;
        assert_eq!((rows(&process.db, "job_results").await, state(&process, id).await), (0, State::Running));
    }
}
