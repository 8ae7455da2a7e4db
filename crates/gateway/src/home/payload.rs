//! Sections on their way out.

use api::{Failure, Problem, Refused};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use types::Error;
use utoipa::ToSchema;

use super::Asker;
use super::settling::{Settled, Status};

/// Bytes that a section takes beside its data, about.
const ROOM: usize = 128;

/// The whole home of somebody.
pub struct Payload<'h> {
    pub sections: Vec<Settled>,
    pub asker: &'h Asker,
}

/// A section of the home.
#[derive(Serialize, ToSchema)]
#[schema(as = HomeSection)]
pub struct Section<'h> {
    #[schema(inline)]
    status: Status,
    /// How long ago its service said so; not given when there is nothing to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    age_ms: Option<u128>,
    /// What its service says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    data: Option<&'h RawValue>,
    /// Why it is not as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Problem>)]
    problem: Option<Said<'h>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Said<'h> {
    Here(Problem),
    There(&'h RawValue),
}

impl IntoResponse for Payload<'_> {
    fn into_response(self) -> Response {
        let data = self.sections.iter().filter_map(|settled| settled.data.as_ref());
        let room = data.map(|data| data.get().len()).sum::<usize>() + ROOM * self.sections.len();
        let mut body = Vec::with_capacity(room);
        match serde_json::to_writer(&mut body, &self) {
            Ok(()) => {
                let kind = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
                // What is not as it should be may be so again in a moment.
                let passing = self.sections.iter().any(|settled| settled.status != Status::Ok);
                let kept = passing.then_some([(CACHE_CONTROL, HeaderValue::from_static("no-store"))]);
                (kind, kept.map(AppendHeaders), body).into_response()
            }
            Err(error) => Failure::from(Error::internal_by("a home that is no JSON", error)).into_response(),
        }
    }
}

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut home = serializer.serialize_map(Some(1))?;
        home.serialize_entry("sections", &Sections(self))?;
        home.end()
    }
}

struct Sections<'h>(&'h Payload<'h>);

impl Serialize for Sections<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Payload { sections, asker } = self.0;
        serializer.collect_map(sections.iter().map(|settled| (settled.name, Section::of(settled, asker))))
    }
}

impl<'h> Section<'h> {
    fn of(settled: &'h Settled, asker: &Asker) -> Self {
        let said = |refused: &'h Refused| match refused {
            Refused::Failure(failure) => Said::Here(failure.problem(asker.language, &asker.request_id)),
            Refused::Problem { problem, .. } => Said::There(problem),
        };
        Self {
            status: settled.status,
            age_ms: settled.age.map(|age| age.as_millis()),
            data: settled.data.as_deref(),
            problem: settled.problem.as_ref().map(said),
        }
    }
}
