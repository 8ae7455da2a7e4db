//! Where `tracing` meets the log: which events are heard, and the line each becomes.

use std::{cell::RefCell, sync::Arc};

use tracing::{Event, Metadata, Subscriber, level_filters::LevelFilter, subscriber::Interest};
use tracing_subscriber::{Layer, layer::Context};

use super::{Settings, queue::Queue, record::Record, stamp};

thread_local! {
    static RECORD: RefCell<Record> = RefCell::default();
}

/// Turns events into lines of the log.
#[derive(Debug)]
pub(super) struct Lines {
    settings: Settings,
    queue: Arc<Queue>,
}

impl Lines {
    pub(super) fn new(settings: Settings, queue: Arc<Queue>) -> Self {
        Self { settings, queue }
    }

    fn hears(&self, metadata: &Metadata<'_>) -> bool {
        let least = if self.is_ours(metadata) { self.settings.level } else { tracing::Level::WARN };
        metadata.is_event() && *metadata.level() <= least
    }

    fn is_ours(&self, metadata: &Metadata<'_>) -> bool {
        let krate = metadata.target().split("::").next().unwrap_or_default();
        self.settings.ours.contains(&krate)
    }

    fn write(&self, record: &mut Record, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut fields = record.begin(self.settings.format, stamp::now(), *metadata.level());
        event.record(&mut fields);
        if !self.is_ours(metadata) {
            fields.text("target", format_args!("{}", metadata.target()));
        }
        self.queue.push(fields.end());
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    /// Asked once for each place in the code that logs, so that what is not heard costs nothing afterwards.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.hears(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.hears(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.settings.level.max(tracing::Level::WARN)))
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // The thread's own record is taken when a value logs while it is being written, and gone when the thread ends.
        let done = RECORD.try_with(|record| {
            record.try_borrow_mut().map(|mut record| self.write(&mut record, event)).is_ok()
        });
        if !done.unwrap_or(false) {
            self.write(&mut Record::default(), event);
        }
    }
}
