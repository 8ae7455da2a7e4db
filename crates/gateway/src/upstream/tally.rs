//! What operators see of a service elsewhere.

use api::metrics::{Counter, Metrics};

use crate::breaker::Phase;

/// The numbers of one service.
pub struct Tally {
    /// Requests that it answered, whatever it said.
    pub served: Counter,
    /// Requests that were lost on the way.
    pub failed: Counter,
    /// Requests that it did not answer in time.
    pub late: Counter,
    /// Requests that were not sent, since it is left alone.
    pub refused: Counter,
    /// Requests that were sent once more.
    pub retries: Counter,
    turns: [Counter; 3],
}

impl Tally {
    /// Registers the numbers of the service of this name.
    pub fn new(metrics: &Metrics, service: &str) -> Self {
        let outcome = |outcome| {
            let labels = [("service", service), ("outcome", outcome)];
            metrics.counter_of(
                "daybook_upstream_requests_total",
                &labels,
                "Requests for a service elsewhere.",
            )
        };
        let turn = |phase| {
            let labels = [("service", service), ("to", name(phase))];
            let help = "How often a service came to be left alone, tried and asked again.";
            metrics.counter_of("daybook_breaker_transitions_total", &labels, help)
        };
        let retries = "Requests for a service elsewhere that were sent once more.";
        Self {
            served: outcome("served"),
            failed: outcome("failed"),
            late: outcome("late"),
            refused: outcome("refused"),
            retries: metrics.counter_of("daybook_upstream_retries_total", &[("service", service)], retries),
            turns: [Phase::Closed, Phase::HalfOpen, Phase::Open].map(turn),
        }
    }

    /// Counts a change of phase.
    pub fn turned(&self, to: Phase) {
        self.turns[to as usize].inc();
    }
}

const fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Closed => "closed",
        Phase::HalfOpen => "half_open",
        Phase::Open => "open",
    }
}
