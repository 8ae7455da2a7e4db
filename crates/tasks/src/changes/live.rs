//! Telling what changes as it happens, as Server-Sent Events.
//!
//! A stream holds its place and no events: when there is news it asks what changed, and only when its client takes more.
//! So a slow client costs no memory and misses nothing; it hears of a task that changed often meanwhile once.

use std::time::Duration;

use ::stream::{Sign, Watch};
use api::events::UNBUFFERED;
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures_util::{StreamExt, stream};
use types::{Caller, Result};

use super::Since;
use super::routes::TaskChange;
use super::service::{Changes, Delta, Item};

/// Tasks asked for at once.
const AT_ONCE: usize = 50;
/// How long a client waits before it comes back.
const RETRY: Duration = Duration::from_secs(2);

/// What changes of the caller's from this place on, or from now on.
pub async fn events(changes: Changes, caller: Caller, since: Option<Since>) -> Result<impl IntoResponse> {
    // Watched before anything is looked at: what comes in between is news.
    let watch = changes.watch(&caller)?;
    let since = match since {
        Some(since) => since,
        None => changes.now().await?,
    };
    let live = Live { changes, caller, watch, since, state: State::Opening };
    let events = stream::unfold(live, |mut live| async move {
        let events = live.next().await?;
        Some((stream::iter(events), live))
    });
    Ok(([UNBUFFERED], Sse::new(events.flatten())))
}

/// A stream on its way.
struct Live {
    changes: Changes,
    caller: Caller,
    watch: Watch,
    since: Since,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was said yet.
    Opening,
    /// There may be changes that it was not told of.
    Behind,
    /// It was told of everything.
    Waiting,
}

type Events = Vec<std::result::Result<Event, axum::Error>>;

impl Live {
    /// What to say next; none when the stream cannot go on, and its client should come back.
    async fn next(&mut self) -> Option<Events> {
        loop {
            match self.state {
                State::Opening => {
                    self.state = State::Behind;
                    // Said at once, so that whoever is cut off before anything happens has a place to come back with.
                    return Some(vec![Ok(self.here().retry(RETRY))]);
                }
                State::Behind => {
                    // Boxed, so that a stream that waits holds no room for it.
                    let events = Box::pin(self.catch_up()).await?;
                    if !events.is_empty() {
                        return Some(events);
                    }
                }
                State::Waiting => match self.watch.next().await {
                    Sign::News => self.state = State::Behind,
                    Sign::Quiet(upto) => {
                        self.since = self.since.max(Since::whole(upto));
                        return Some(vec![Ok(self.here().comment(""))]);
                    }
                },
            }
        }
    }

    async fn catch_up(&mut self) -> Option<Events> {
        let asked = self.changes.since(&self.caller, Some(self.since), AT_ONCE).await;
        match asked {
            Ok(Some(Delta { items, next, more })) => {
                self.since = next;
                self.state = if more { State::Behind } else { State::Waiting };
                Some(items.into_iter().map(event).collect())
            }
            Ok(None) => self.reset().await,
            Err(error) => self.give_up(&error),
        }
    }

    /// From now on, for whoever was away too long.
    async fn reset(&mut self) -> Option<Events> {
        match self.changes.now().await {
            Ok(now) => {
                self.since = now;
                Some(vec![Ok(self.here().event("reset").data("{}"))])
            }
            Err(error) => self.give_up(&error),
        }
    }

    fn give_up(&self, error: &types::Error) -> Option<Events> {
        let user = self.caller.user.number();
        tracing::warn!(user_id = user, error = types::with_causes(error), "a stream of changes was ended");
        None
    }

    fn here(&self) -> Event {
        Event::default().id(self.since.to_string())
    }
}

fn event(item: Item) -> std::result::Result<Event, axum::Error> {
    let kind = if item.task.is_some() { "changed" } else { "deleted" };
    Event::default().id(item.place.to_string()).event(kind).json_data(TaskChange::from(item))
}
