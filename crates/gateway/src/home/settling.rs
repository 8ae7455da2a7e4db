//! What becomes of a section: what its service says, or what there is instead.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use api::edge::Onward;
use api::{Failure, Refused};
use futures_util::FutureExt;
use part::{Piece, Section};
use serde::Serialize;
use serde_json::value::to_raw_value;
use types::{Caller, Error, with_causes};
use utoipa::ToSchema;

use super::{Asker, Home, Place};
use crate::upstream::late;

/// How a section was had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Its service has said so now.
    Ok,
    /// Its service fails, and had said so at most half a minute ago.
    Stale,
    /// Its service fails, and this is what is known without it: only some of the fields.
    Degraded,
    /// There is nothing to show, and the problem says why.
    Error,
}

/// What became of a section.
pub struct Settled {
    pub name: &'static str,
    pub status: Status,
    pub age: Option<Duration>,
    pub data: Option<Piece>,
    pub problem: Option<Refused>,
}

impl Home {
    /// The section at this place, by the deadline in any case.
    pub(super) async fn settle(&self, at: usize, asker: &Asker, along: Onward) -> Settled {
        let Place { section, way } = &self.places[at];
        // A bug in one service must not take the others along.
        let asking = AssertUnwindSafe(way.ask(along)).catch_unwind();
        let answer = match tokio::time::timeout(asker.patience, asking).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Error::internal("a section panicked").into()),
            Err(_) => Err(late().into()),
        };
        match answer {
            Ok(data) => {
                self.last_good.keep(asker.caller.user, at, data.clone(), self.clock.now());
                Settled::with(section, Status::Ok, Duration::ZERO, data)
            }
            Err(refused) => {
                // Somebody who may not see it is told so, whatever they saw before.
                let instead = refused.status().is_server_error().then(|| self.instead(at, asker)).flatten();
                complain(section, asker, &refused);
                let settled = instead.unwrap_or_else(|| Settled::without(section));
                Settled { problem: Some(refused), ..settled }
            }
        }
    }

    /// What there is when a service fails.
    fn instead(&self, at: usize, asker: &Asker) -> Option<Settled> {
        let section = &self.places[at].section;
        if let Some((data, age)) = self.last_good.of(asker.caller.user, at, self.clock.now()) {
            return Some(Settled::with(section, Status::Stale, age, data));
        }
        let data = known(section, &asker.caller)?;
        Some(Settled::with(section, Status::Degraded, Duration::ZERO, data))
    }
}

impl Settled {
    fn with(section: &Section, status: Status, age: Duration, data: Piece) -> Self {
        Self { name: section.name, status, age: Some(age), data: Some(data), problem: None }
    }

    fn without(section: &Section) -> Self {
        Self { name: section.name, status: Status::Error, age: None, data: None, problem: None }
    }
}

fn known(section: &Section, caller: &Caller) -> Option<Piece> {
    to_raw_value(&section.without?(caller)).ok().map(Arc::from)
}

/// Writes down that a service failed, with the causes that no client sees. What a service elsewhere says, it has written
/// down itself.
fn complain(section: &Section, asker: &Asker, refused: &Refused) {
    let status = refused.status();
    if !status.is_server_error() {
        return;
    }
    let causes = match refused {
        Refused::Failure(failure) => match &**failure {
            Failure::House(error) => with_causes(error),
            Failure::Http(..) => String::new(),
        },
        Refused::Problem { .. } => String::new(),
    };
    tracing::error!(
        operation = "GET /api/v1/home",
        section = section.name,
        request_id = asker.request_id,
        user_id = asker.caller.user.number(),
        status = status.as_u16(),
        causes,
        "a section is missing"
    );
}
