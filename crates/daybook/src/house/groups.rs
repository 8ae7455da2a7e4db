//! How far each group of consumers has come, as numbers for operators.

use std::sync::Arc;
use std::time::Duration;

use api::metrics::Metrics;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use stream::{Consumer, Stream};

/// What the numbers of a group's lag say.
pub const LAG: &str = "Facts that the group has not handled; beyond 16,384, those of other topics count too";
const OLDEST: &str = "How long ago the oldest fact was told that the group has not handled";
const PARKED: &str = "Facts that the group could not handle and has set aside, counted up to 10,000";

/// Shows this group's numbers, which are looked up when somebody reads them.
pub fn show(metrics: &Metrics, stream: &Stream, consumer: &dyn Consumer) {
    let (group, topic) = (consumer.group(), consumer.topic());
    let show =
        |name, help, read: fn(Stream, &'static str, &'static str) -> BoxFuture<'static, Option<i64>>| {
            let stream = stream.clone();
            let read = move || read(stream.clone(), group, topic);
            metrics.gauge_of(name, &[("group", group)], help, Arc::new(read));
        };
    show("daybook_stream_lag", LAG, |stream, group, topic| {
        async move { stream.lag(group, topic).await.ok().map(|lag| lag.facts) }.boxed()
    });
    show("daybook_stream_oldest_seconds", OLDEST, |stream, group, topic| {
        async move { stream.lag(group, topic).await.ok().map(|lag| seconds(lag.age)) }.boxed()
    });
    show("daybook_stream_parked", PARKED, |stream, group, _| {
        async move { stream.parked_by(group).await.ok() }.boxed()
    });
}

/// As a number.
pub fn seconds(age: Duration) -> i64 {
    i64::try_from(age.as_secs()).unwrap_or(i64::MAX)
}
