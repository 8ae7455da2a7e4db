//! What this process takes from its machine, as Linux tells it; elsewhere nothing is told.

use std::{
    fs,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;

/// The unit of processor time in `/proc`, the same on every machine that Linux still runs on.
const TICKS_PER_SECOND: f64 = 100.0;
/// Use over less than this says nothing, since ticks are 10 ms long.
const SHORTEST: Duration = Duration::from_secs(1);

/// What this process takes from its machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Process {
    /// Memory in use, files mapped into memory included.
    pub rss_bytes: Option<u64>,
    /// Memory in use that is this process's own.
    pub rss_anon_bytes: Option<u64>,
    /// Processor time used since the start.
    pub cpu_seconds_total: Option<f64>,
    /// Processor time used since the last reading, 100 being one core.
    pub cpu_percent: Option<f64>,
    /// Threads of the operating system.
    pub threads: Option<u64>,
    /// Tasks that live in the watched runtimes.
    pub tokio_tasks: Option<u64>,
}

/// Remembers the last reading, to tell what was used since.
#[derive(Debug)]
pub(super) struct Meter {
    last: Mutex<Reading>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    at: Instant,
    cpu_seconds: f64,
    percent: Option<f64>,
}

impl Meter {
    pub(super) fn new(now: Instant) -> Self {
        let cpu_seconds = cpu_seconds().unwrap_or_default();
        Self { last: Mutex::new(Reading { at: now, cpu_seconds, percent: None }) }
    }

    pub(super) fn read(&self, now: Instant) -> Process {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let kib = |key| number(&status, key).map(|kib| kib * 1024);
        let cpu_seconds_total = cpu_seconds();
        Process {
            rss_bytes: kib("VmRSS:"),
            rss_anon_bytes: kib("RssAnon:"),
            cpu_seconds_total,
            cpu_percent: cpu_seconds_total.and_then(|seconds| self.percent(now, seconds)),
            threads: number(&status, "Threads:"),
            tokio_tasks: None,
        }
    }

    fn percent(&self, now: Instant, cpu_seconds: f64) -> Option<f64> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(last.at);
        if passed >= SHORTEST {
            let percent = 100.0 * (cpu_seconds - last.cpu_seconds) / passed.as_secs_f64();
            *last = Reading { at: now, cpu_seconds, percent: Some(percent) };
        }
        last.percent
    }
}

/// The first number behind `key`.
fn number(status: &str, key: &str) -> Option<u64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}

fn cpu_seconds() -> Option<f64> {
    ticks(&fs::read_to_string("/proc/self/stat").ok()?).map(|ticks| f64::from(ticks) / TICKS_PER_SECOND)
}

/// Time in the program and in the kernel for it: fields 14 and 15, counted from behind the name, which is in
/// parentheses and may hold anything.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_ascii_whitespace().skip(11).map(str::parse::<u32>);
    Some(times.next()?.ok()? + times.next()?.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_does_not_shift_the_fields() {
        let stat = "7 (a ) 1 2 b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 4 0 1 2 3";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("7 (cut"), None);
    }

    #[test]
    fn numbers_stand_behind_their_keys() {
        let status = "Name:\tx\nVmRSS:\t    1234 kB\nThreads:\t9\n";
        assert_eq!(number(status, "VmRSS:"), Some(1234));
        assert_eq!(number(status, "Threads:"), Some(9));
        assert_eq!(number(status, "RssAnon:"), None);
    }

    #[test]
    fn use_is_that_since_the_last_reading() {
        let began = Instant::now();
        let meter = Meter { last: Mutex::new(Reading { at: began, cpu_seconds: 4.0, percent: None }) };
        assert_eq!(meter.percent(began + Duration::from_millis(10), 5.0), None);
        assert_eq!(meter.percent(began + Duration::from_secs(2), 5.0), Some(50.0));
        assert_eq!(meter.percent(began + Duration::from_millis(2_500), 13.0), Some(50.0));
        assert_eq!(meter.percent(began + Duration::from_secs(4), 7.0), Some(100.0));
    }
}
