//! `GET /api/v1/home`: what several services have for one person, in one answer.
//!
//! All sections are asked at once, over HTTP and gRPC alike, and none is waited for beyond the one deadline. A section whose
//! service fails is shown as it was, or as far as it is known without the service, or as the problem that it is; the others
//! do not notice.

mod asking;
mod last_good;
mod openapi;
mod payload;
mod settling;

use std::sync::Arc;
use std::time::Duration;

use api::edge::{Asked, Deadline, Onward, language};
use api::{Failure, Problems, Query, Signed};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::join_all;
use part::Section;
use serde::Deserialize;
use types::{Clock, Error, Language, Text};
use utoipa::IntoParams;

use crate::backend::Backend;
use asking::Way;
use last_good::LastGood;
use payload::Payload;

/// Where it is.
const PATH: &str = "/api/v1/home";

const UNKNOWN_SECTION: Text = Text {
    code: "unknown_section",
    en: "there is no section {}; there are {}",
    uk: "розділу {} немає; є {}",
    ru: "раздела {} нет; есть {}",
};

/// The home, and where its sections are had. Cheap to clone.
#[derive(Clone)]
pub struct Home {
    places: Arc<[Place]>,
    last_good: Arc<LastGood>,
    clock: Arc<dyn Clock>,
    patience: Duration,
}

/// A section, and where it is had.
struct Place {
    section: Section,
    way: Way,
}

impl Home {
    /// Of these sections, each had from the backend beside it, and all of them within this time.
    pub fn new<'s>(
        sections: impl IntoIterator<Item = (&'s [Section], Backend)>,
        patience: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let mut places = Vec::new();
        for (sections, backend) in sections {
            let place =
                |section: &Section| Place { section: *section, way: Way::to(section.source, &backend) };
            places.extend(sections.iter().map(place));
        }
        Self { places: places.into(), last_good: Arc::default(), clock, patience }
    }

    /// Its route.
    pub fn routes(self) -> Router {
        Router::new().route(PATH, get(see)).with_state(self)
    }

    /// What the route promises, of a home of these sections.
    pub fn openapi<'s>(sections: impl IntoIterator<Item = &'s Section>) -> utoipa::openapi::OpenApi {
        openapi::of(sections.into_iter())
    }

    /// The places of these sections, in the order in which they are named; all when none is.
    fn named(&self, include: Option<&str>) -> Result<Vec<usize>, Error> {
        let Some(include) = include else { return Ok((0..self.places.len()).collect()) };
        let mut wanted = Vec::new();
        for name in include.split(',') {
            let at = self.places.iter().position(|place| place.section.name == name);
            let at = at.ok_or_else(|| self.unknown(name))?;
            if !wanted.contains(&at) {
                wanted.push(at);
            }
        }
        Ok(wanted)
    }

    /// For how long sections are waited for: what they have said is to reach whoever asks before they give up on us.
    fn patience_with(&self, deadline: Option<Deadline>) -> Duration {
        deadline.map_or(self.patience, |deadline| self.patience.min(deadline.left() * 9 / 10))
    }

    fn unknown(&self, name: &str) -> Error {
        let known: Vec<&str> = self.places.iter().map(|place| place.section.name).collect();
        Error::invalid("include", UNKNOWN_SECTION.with([&name, &known.join(", ")]))
    }
}

/// For whom sections are had.
struct Asker {
    caller: types::Caller,
    language: Language,
    request_id: String,
    patience: Duration,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Names of sections, with commas between them; all of them when not given.
    include: Option<String>,
}

/// What is new for you, from several services at once
#[utoipa::path(get, path = PATH, operation_id = "home", tag = "home", params(Wanted), responses((status = 200, body = ref("#/components/schemas/Home")), Problems))]
async fn see(
    Signed(caller): Signed,
    State(home): State<Home>,
    Query(Wanted { include }): Query<Wanted>,
    request: Request,
) -> Result<Response, Failure> {
    let wanted = home.named(include.as_deref())?;
    let (parts, _) = request.into_parts();
    let known = Asked::of(&parts.extensions);
    let patience = home.patience_with(known.and_then(|known| known.deadline));
    let along = Onward::of(&parts, patience);
    let request_id = known.map(|known| known.id.to_string()).unwrap_or_default();
    let asker = Asker { caller, language: language(&parts.headers), request_id, patience };
    let sections = join_all(wanted.iter().map(|at| home.settle(*at, &asker, along.clone()))).await;
    Ok(Payload { sections, asker: &asker }.into_response())
}

#[cfg(test)]
mod tests;
