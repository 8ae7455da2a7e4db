//! Reads of what is remembered.

use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;

use api::edge::{Asked, Behind, CACHE_STATUS};
use axum::extract::Request;
use axum::http::header::{AGE, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use types::{Caller, Timestamp};

use super::answer::{Answer, Fetched, fetch};
use super::doorkeeper::Doorkeeper;
use super::flights::{Boarded, Flights, Question};
use super::rack::{BESIDE, Looked, Rack};
use super::wishes::Wishes;
use super::{Path, Remembered};

const HIT: &str = "daybook; hit";
const MISS: &str = "daybook; fwd=miss";
const STORED: &str = "daybook; fwd=miss; stored";
const COLLAPSED: &str = "daybook; fwd=miss; collapsed";
const BYPASSED: &str = "daybook; fwd=bypass";
const REQUESTED: &str = "daybook; fwd=request";
const REQUESTED_STORED: &str = "daybook; fwd=request; stored";

/// A longer question is not worth its key.
const LONGEST: usize = 512;

impl Remembered {
    /// Answers a read, from memory if it can be.
    pub(super) async fn read(
        &self,
        path: &Path,
        caller: Caller,
        mut request: Request,
        behind: Behind,
    ) -> Response {
        let wishes = Wishes::taken_from(request.headers_mut());
        if wishes.alone {
            return marked(behind.answer(request).await, BYPASSED);
        }
        let asked = request.uri().path_and_query().filter(|asked| asked.as_str().len() <= LONGEST);
        let rack = self.rack.as_ref().zip(asked.cloned());
        let Some((rack, asked)) = rack else {
            return wishes.met_by(marked(fetch(behind, request).await.into_response(), BYPASSED));
        };
        let Caller { user, role, .. } = caller;
        let question = Question { user, role, domain: path.domain, asked, generation: None };
        let landed = self.flights.landed(user);
        let generation = match rack.look(&question).await {
            Looked::Closed => {
                return wishes.met_by(marked(fetch(behind, request).await.into_response(), BYPASSED));
            }
            Looked::Found(answer, age, _) if wishes.take(age) => return wishes.met_by(hit(answer, age)),
            Looked::Found(.., generation) => Some(generation),
            Looked::Nothing(generation) => generation,
        };
        let missed = Missed { question, generation, landed };
        let response = self.forward(rack, missed, &wishes, request, behind).await;
        wishes.met_by(response)
    }

    /// Makes the call, or joins who makes the same at this moment.
    async fn forward(
        &self,
        rack: &Rack,
        missed: Missed,
        wishes: &Wishes,
        mut request: Request,
        behind: Behind,
    ) -> Response {
        let Missed { mut question, generation, landed } = missed;
        let asked = self.clock.now();
        let admitted = self.doorkeeper.admits(self.hash(&question), asked);
        let generation = match generation {
            // Where others write too, a call that is joined must be known to have begun after what they wrote.
            None if admitted || rack.is_shared() => rack.begin(&question).await,
            generation => generation,
        };
        let may_join = !wishes.are_for_now() && (generation.is_some() || !rack.is_shared());
        if may_join {
            // Whoever joins may wait longer than the one who began.
            if let Some(asked) = request.extensions_mut().get_mut::<Asked>() {
                asked.deadline = None;
            }
        }
        question.generation = generation.filter(|_| rack.is_shared());
        let keeping = generation.filter(|_| admitted).map(|of| Keeping {
            rack: rack.clone(),
            doorkeeper: self.doorkeeper.clone(),
            question: question.clone(),
            of,
            asked,
        });
        let remembers = keeping.is_some();
        let missed = wishes.take(Duration::MAX).then(|| (self.flights.clone(), landed));
        let call = call(keeping, missed, request, behind);
        let fetched = match may_join.then(|| self.flights.board(question)) {
            None => call.await,
            Some(Boarded::Leads(seat)) => seat.lead(call.boxed()).await,
            Some(Boarded::Joined(joined)) => match joined.landed().await {
                Some(common) => return marked(common.into_response(), COLLAPSED),
                None => call.await,
            },
        };
        let status = match (wishes.are_for_now(), remembers && fetched.whole().is_some()) {
            (false, false) => MISS,
            (false, true) => STORED,
            (true, false) => REQUESTED,
            (true, true) => REQUESTED_STORED,
        };
        match fetched {
            Fetched::Found(answer, age) => hit(answer, age),
            fetched => marked(fetched.into_response(), status),
        }
    }

    fn hash(&self, question: &Question) -> u64 {
        self.hasher.hash_one((question.user.number(), question.role, question.asked.as_str()))
    }
}

/// Where an answer is to be kept.
struct Keeping {
    rack: Rack,
    doorkeeper: Arc<Doorkeeper>,
    question: Question,
    of: u64,
    asked: Timestamp,
}

/// Calls, and keeps what comes. One who missed a call that has landed meanwhile looks for what it brought.
async fn call(
    keeping: Option<Keeping>,
    missed: Option<(Arc<Flights>, u64)>,
    request: Request,
    behind: Behind,
) -> Fetched {
    let Some(Keeping { rack, doorkeeper, question, of, asked }) = keeping else {
        return fetch(behind, request).await;
    };
    let has_missed = missed.is_some_and(|(flights, landed)| flights.landed(question.user) != landed);
    if has_missed && let Looked::Found(answer, age, _) = rack.look(&question).await {
        return Fetched::Found(answer, age);
    }
    let fetched = fetch(behind, request).await;
    if let Some(answer) = fetched.whole() {
        doorkeeper.took(answer.size() + BESIDE);
        rack.put(&question, of, asked, answer).await;
    }
    fetched
}

/// A question that nothing was found for.
struct Missed {
    question: Question,
    generation: Option<u64>,
    /// How many calls had landed before anybody looked.
    landed: u64,
}

fn hit(answer: Answer, age: Duration) -> Response {
    let mut response = marked(answer.into_response(), HIT);
    response.headers_mut().insert(AGE, HeaderValue::from(age.as_secs()));
    response
}

/// The answer, with what was done for it; and, of one that somebody may keep, what it depends on.
fn marked(mut response: Response, status: &'static str) -> Response {
    let is_good = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    headers.append(CACHE_STATUS, HeaderValue::from_static(status));
    if is_good {
        headers.append(VARY, HeaderValue::from_static("Authorization, Cookie"));
    }
    response
}
