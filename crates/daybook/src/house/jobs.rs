//! The queue's door as a part of the house. The queue stands below `part`, so what it brings is put together here.

use std::sync::Arc;

use futures_util::FutureExt;
use jobs::door::{Door, External, Needs, UserKind};
use part::{Part, Section, Source};
use types::Result;

use super::House;

/// What it shows on everybody's home.
pub const SECTIONS: &[Section] = &[Section {
    name: "jobs",
    schema: "JobsAtAGlance",
    source: Source::Http("/api/v1/jobs/summary"),
    without: None,
}];

impl House {
    pub(super) fn jobs(&self) -> Result<Part> {
        let store = self.stores.of("jobs")?;
        let kinds: Vec<Arc<dyn UserKind>> = vec![Arc::new(External)];
        let door =
            Door::new(Needs { queue: store.queue.clone(), kinds, streams: self.config.limits.streams });
        Ok(Part {
            router: door.routes(),
            consumers: Vec::new(),
            handlers: Vec::new(),
            totals: Vec::new(),
            works: vec![Box::new(move |stop| door.follow(stop).boxed())],
        })
    }
}
