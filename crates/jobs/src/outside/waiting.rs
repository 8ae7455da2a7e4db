//! Waiting for a job: the answer begins at once and ends when there is one. A gateway takes a service that does not begin to
//! answer for one that hangs, and a request that waits takes the place of one that could be served.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;
use types::{Caller, Error, Result};

use super::bodies::Claimed;
use super::service::{Outside, Taken, Wanted};

/// A busy house rings all the time; nobody looks more often than this.
const GAP: Duration = Duration::from_millis(100);
/// How long what another process put in the queue may wait to be noticed.
const LOOK: Duration = Duration::from_millis(500);

impl Outside {
    /// Takes jobs as soon as there are any, or none after this long. It is never left in the middle of taking some: the
    /// worker would not hear of them.
    async fn wait(&self, caller: &Caller, wanted: &Wanted, longest: Duration) -> Result<Vec<Taken>> {
        let mut listener = self.queue.put.listener();
        let over = async {
            tokio::select! {
                () = sleep(longest) => {}
                () = self.stop.wait() => {}
            }
        };
        let mut over = std::pin::pin!(over);
        loop {
            let taken = self.claim(caller, wanted).await?;
            if !taken.is_empty() {
                return Ok(taken);
            }
            let again = async {
                sleep(GAP).await;
                listener.wait(LOOK).await;
            };
            tokio::select! {
                () = &mut over => return Ok(taken),
                () = again => {}
            }
        }
    }
}

/// The answer that comes when there are jobs.
pub fn answer(
    outside: Outside,
    caller: Caller,
    (wanted, longest): (Wanted, Duration),
    place: OwnedSemaphorePermit,
) -> Response {
    let coming = async move {
        let taken = outside.wait(&caller, &wanted, longest).await.inspect_err(|error| {
            let error: &dyn std::error::Error = error;
            tracing::warn!(user_id = caller.user.number(), error, "a worker waited for a job in vain");
        });
        drop(place);
        let said = serde_json::to_string(&Claimed::from(taken?));
        said.map_err(|e| Error::internal_by("a job cannot be written as JSON", e))
    };
    let body = Body::from_stream(stream::once(coming));
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}
