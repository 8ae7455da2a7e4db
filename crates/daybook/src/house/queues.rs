//! How the queue of each database is doing, as numbers for operators.

use std::sync::Arc;

use api::metrics::{Labels, Metrics};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jobs::{Queue, State};
use types::Result;

use super::groups::seconds;

const JOBS: &str =
    "Jobs in this state, counted up to 10,000; those that are dead, of the last day among the newest 10,000";
const OLDEST: &str = "How long the job has been due that waits longest, of those that this house does itself";
const CAME: &str =
    "Jobs that this process took as the topic told of them, and did not find in the table, since it started";
const WORKERS: &str = "Processes that are signed in to do jobs";

/// Shows the numbers of the queue in the database of these roles, which are looked up when somebody reads them.
pub fn show(metrics: &Metrics, roles: &str, queue: &Queue) {
    let show = |name, labels: Labels<'_>, help, read: Read| {
        let queue = queue.clone();
        let labels = [&[("roles", roles)], labels].concat();
        let read = move || {
            let read = read(queue.clone());
            async move { read.await.ok() }.boxed()
        };
        metrics.gauge_of(name, &labels, help, Arc::new(read));
    };
    let count =
        |state: State| -> Read { Box::new(move |queue| async move { queue.count(state).await }.boxed()) };
    for state in [State::Queued, State::Scheduled, State::Running, State::Dead] {
        show("daybook_jobs", &[("state", state.name())], JOBS, count(state));
    }
    let oldest = |queue: Queue| async move { Ok(seconds(queue.longest_wait().await?)) }.boxed();
    show("daybook_jobs_oldest_seconds", &[], OLDEST, Box::new(oldest));
    if queue.came().is_some() {
        let came = |queue: Queue| async move { Ok(queue.came().unwrap_or_default().cast_signed()) }.boxed();
        show("daybook_jobs_came", &[], CAME, Box::new(came));
    }
    show(
        "daybook_jobs_workers",
        &[],
        WORKERS,
        Box::new(|queue| async move { queue.workers().await }.boxed()),
    );
}

type Read = Box<dyn Fn(Queue) -> BoxFuture<'static, Result<i64>> + Send + Sync>;
