//! The numbers as Prometheus reads them.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{
        DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, MetricEncoder, NoLabelSet, text::encode,
    },
    metrics::MetricType,
    registry::Registry,
};

use super::{
    histogram::Distribution,
    snapshot::{Named, RouteNumbers, Snapshot},
};

/// Writes a snapshot as `OpenMetrics` text; every older Prometheus reads it too.
pub fn open_metrics(snapshot: Snapshot, service: &str, version: &str) -> Result<String, fmt::Error> {
    let about = [("service", service.to_owned()), ("version", version.to_owned())];
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Page { about, snapshot }));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Page {
    about: [(&'static str, String); 2],
    snapshot: Snapshot,
}

impl Collector for Page {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Writer { encoder };
        page.encoder
            .encode_descriptor("daybook_build", "What runs here.", None, MetricType::Info)?
            .encode_info(&self.about)?;
        page.gauge("daybook_uptime_seconds", "Time since the start.", &self.snapshot.uptime_seconds)?;
        page.routes(&self.snapshot.routes)?;
        page.rates(&self.snapshot)?;
        page.process(&self.snapshot)?;
        page.named(&self.snapshot.gauges, MetricType::Gauge, level)?;
        page.named(&self.snapshot.counters, MetricType::Counter, count)?;
        page.named(&self.snapshot.histograms, MetricType::Histogram, distribution)
    }
}

struct Writer<'a> {
    encoder: DescriptorEncoder<'a>,
}

impl Writer<'_> {
    fn gauge(&mut self, name: &str, help: &str, value: &impl EncodeGaugeValue) -> fmt::Result {
        self.encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(value)
    }

    fn counter(&mut self, name: &str, help: &str, value: &impl EncodeCounterValue) -> fmt::Result {
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        metric.encode_counter::<NoLabelSet, _, f64>(value, None)
    }

    /// Numbers that domains registered: those of one name follow each other, and are told of together.
    fn named<T>(
        &mut self,
        all: &[Named<T>],
        kind: MetricType,
        write: impl Fn(&mut MetricEncoder<'_>, &T) -> fmt::Result,
    ) -> fmt::Result {
        for alike in all.chunk_by(|one, other| one.name.text == other.name.text) {
            let Some(first) = alike.first() else { continue };
            let mut metric = self.encoder.encode_descriptor(&first.name.text, &first.help, None, kind)?;
            for Named { name, value, .. } in alike {
                if name.labels.is_empty() {
                    write(&mut metric, value)?;
                } else {
                    write(&mut metric.encode_family(&name.labels)?, value)?;
                }
            }
        }
        Ok(())
    }

    fn routes(&mut self, routes: &[RouteNumbers]) -> fmt::Result {
        let help = "Requests answered.";
        let mut metric =
            self.encoder.encode_descriptor("daybook_requests", help, None, MetricType::Counter)?;
        for route in routes {
            for outcome in &route.requests {
                let status = outcome.status.to_string();
                let labels = [("method", outcome.method), ("route", &route.route), ("status", &status)];
                metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, f64>(&outcome.count, None)?;
            }
        }
        let (name, help) = ("daybook_request_duration_seconds", "Time from a request to its answer.");
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for route in routes {
            let labels = [("route", route.route.as_str())];
            distribution(&mut metric.encode_family(&labels)?, &route.duration_seconds)?;
        }
        Ok(())
    }

    fn rates(&mut self, snapshot: &Snapshot) -> fmt::Result {
        let requests = &snapshot.requests;
        self.gauge("daybook_requests_in_flight", "Requests being answered.", &requests.requests_in_flight)?;
        self.gauge(
            "daybook_requests_per_second",
            "Requests a second, over the last 10 seconds.",
            &requests.requests_per_second,
        )?;
        self.gauge(
            "daybook_requests_per_second_per_user",
            "Requests a second of the average active user, over the last 10 seconds.",
            &requests.requests_per_second_per_user,
        )?;
        let users = i64::try_from(requests.active_users).unwrap_or(i64::MAX);
        self.gauge("daybook_active_users", "Users who asked for something in the last 10 seconds.", &users)?;
        let (name, help) = ("daybook_user_requests_per_second", "Requests a second of the busiest users.");
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for user in &requests.busiest_users {
            metric.encode_family(&[("user_id", user.user_id)])?.encode_gauge(&user.requests_per_second)?;
        }
        Ok(())
    }

    fn process(&mut self, snapshot: &Snapshot) -> fmt::Result {
        let process = &snapshot.process;
        if let Some(seconds) = process.cpu_seconds_total {
            self.counter("daybook_cpu_seconds", "Processor time used since the start.", &seconds)?;
        }
        if let Some(percent) = process.cpu_percent {
            let help = "Processor time used since the last reading, 100 being one core.";
            self.gauge("daybook_cpu_percent", help, &percent)?;
        }
        for (name, help, value) in [
            ("daybook_rss_bytes", "Memory in use, mapped files included.", process.rss_bytes),
            ("daybook_rss_anon_bytes", "Memory in use, the process's own.", process.rss_anon_bytes),
            ("daybook_threads", "Threads of the operating system.", process.threads),
            ("daybook_tokio_tasks", "Tasks alive in the runtime.", process.tokio_tasks),
        ] {
            if let Some(value) = value.and_then(|value| i64::try_from(value).ok()) {
                self.gauge(name, help, &value)?;
            }
        }
        Ok(())
    }
}

fn level(metric: &mut MetricEncoder<'_>, value: &impl EncodeGaugeValue) -> fmt::Result {
    metric.encode_gauge(value)
}

fn count(metric: &mut MetricEncoder<'_>, value: &impl EncodeCounterValue) -> fmt::Result {
    metric.encode_counter::<NoLabelSet, _, f64>(value, None)
}

fn distribution(metric: &mut MetricEncoder<'_>, value: &Distribution) -> fmt::Result {
    metric.encode_histogram::<NoLabelSet>(value.sum, value.count, &value.buckets, None)
}
