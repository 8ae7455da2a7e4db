//! The queue's door as a part of the house. The queue stands below `part`, so what it brings is put together here.

use std::sync::Arc;

use axum::Router;
use futures_util::FutureExt;
use jobs::door::{Door, External, Needs, UserKind};
use jobs::errands::email::Letters;
use part::{Part, Section, Source};
use types::Result;

use super::House;
use super::errands::Errands;

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
        let Errands { webhook, secrets, report, results, outside } = self.errands(store)?;
        let letters = Letters(self.has_mailer(store).then_some(self.config.work.email_to));
        let kinds: Vec<Arc<dyn UserKind>> =
            vec![Arc::new(External), Arc::new(letters), webhook.clone(), report.clone()];
        let streams = self.config.limits.streams;
        let door = Door::new(Needs { queue: store.queue.clone(), kinds, streams });
        let (stopping, chore) = (outside.clone(), outside.chore());
        Ok(Part {
            router: door
                .routes()
                .merge(Router::from(jobs::outside::routes().with_state(outside)))
                .merge(Router::from(jobs::errands::secrets::routes().with_state(secrets)))
                .merge(Router::from(jobs::errands::report::routes().with_state(results))),
            consumers: vec![store.queue.porter(), store.queue.leavers()],
            handlers: vec![webhook, report, chore],
            totals: Vec::new(),
            works: vec![
                Box::new(move |stop| door.follow(stop).boxed()),
                Box::new(|stop| stopping.until(stop).boxed()),
            ],
        })
    }
}
