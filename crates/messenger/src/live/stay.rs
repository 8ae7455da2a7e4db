//! A connection's way through what happens, whatever it speaks: first what it missed, then what comes.
//!
//! It takes its seat before it looks at what it missed. Until it has caught up it reads for itself, a step at a time and
//! only when its client takes more; then it is told, from a number on that it has read up to. One that cannot take what it
//! is told falls behind, and reads again. So it costs no memory and misses nothing, and hears nothing twice.

use std::sync::Arc;

use types::{Caller, ChatId, Result};

use super::event::Event;
use super::place::Place;
use super::seat::{Over, Seat, Sign};
use super::service::Live;
use super::tidings;

/// Numbers that are read at the most to catch up. Whoever is further behind starts over.
const FURTHEST: i64 = 100_000;
/// From this near on it is told.
const NEAR: i64 = 1_000;
/// Seconds that a client may leave what it is told.
pub const PATIENCE: u64 = 5;

/// A connection on its way.
pub struct Stay {
    live: Live,
    seat: Arc<Seat>,
    caller: Caller,
    place: Place,
    said: Place,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Opening { behind: bool },
    Behind,
    Told,
}

/// What to do next.
pub enum Turn {
    /// Tell these.
    Say(Vec<Arc<Event>>),
    /// Show that it is there; and where it is by now, if that was not said.
    Beat(Option<Arc<Event>>),
    /// Leave.
    Over(Over),
}

impl Stay {
    /// For this person, with a token that ends then: from this place on, or from now on.
    pub async fn open(
        live: Live,
        caller: Caller,
        expires: Option<i64>,
        since: Option<Place>,
    ) -> Result<Self> {
        let seat = live.hub.enter(caller.user, expires)?;
        let (place, state) = (since.unwrap_or_default(), State::Opening { behind: since.is_some() });
        let mut stay = Self { live, seat, caller, place, said: place, state };
        stay.live.hub.opened().await;
        // Read after the seat is taken: whoever comes or goes from now on is noted there.
        let chats = stay.live.store.chats_of(caller.user).await?;
        stay.live.hub.know(caller.user, chats);
        if since.is_none() {
            stay.place = Place::whole(stay.go_live().await);
        }
        Ok(stay)
    }

    /// What to do next. Nothing is lost when this is dropped meanwhile.
    pub async fn next(&mut self) -> Turn {
        loop {
            if let State::Opening { behind } = self.state {
                self.state = if behind { State::Behind } else { State::Told };
                return Turn::Say(vec![self.here("ready")]);
            }
            if self.state == State::Behind {
                // Boxed, so that a connection that waits holds no room for it.
                match Box::pin(self.catch_up()).await {
                    Ok(events) if events.is_empty() => {}
                    Ok(events) => return Turn::Say(self.passing(events)),
                    Err(error) => return self.give_up(&error),
                }
                continue;
            }
            let seen = self.live.hub.seen();
            match self.seat.next().await {
                Sign::Over(over) => return Turn::Over(over),
                Sign::Behind(since) if self.live.hub.tick() > since + PATIENCE => {
                    return Turn::Over(Over::TooSlow);
                }
                Sign::Behind(_) => self.state = State::Behind,
                Sign::Events(events) => {
                    let events = self.passing(events);
                    if !events.is_empty() {
                        return Turn::Say(events);
                    }
                }
                Sign::Beat => return Turn::Beat(self.beat(seen)),
            }
        }
    }

    /// A token was brought that ends then.
    pub fn lasts_until(&self, expires: Option<i64>) {
        self.seat.lasts_until(expires);
    }

    /// The client took these.
    pub fn arrived(&self, events: &[Arc<Event>]) {
        self.live.arrivals.add(self.caller.user, events);
    }

    /// The client says that it has this chat up to here, which is no further than the chat goes.
    pub async fn received(&self, chat: ChatId, seq: i64) -> Result<()> {
        let seat = self.live.chats.seat_of(self.caller.user, chat).await?;
        self.live.arrivals.note(self.caller.user, chat, seq.min(seat.chat.last_seq));
        Ok(())
    }

    /// The verbs.
    pub const fn live(&self) -> &Live {
        &self.live
    }

    /// Whose it is.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What of these it was not told; from here on it was.
    fn passing(&mut self, mut events: Vec<Arc<Event>>) -> Vec<Arc<Event>> {
        events
            .retain(|event| event.place.is_none_or(|place| place.upto > self.place.upto || is_reset(event)));
        if let Some(place) = events.iter().filter_map(|event| event.place).next_back() {
            (self.place, self.said) = (place, place);
        }
        events
    }

    fn beat(&mut self, seen: Option<i64>) -> Option<Arc<Event>> {
        // Asked for before the seat was looked at: nothing up to that number is still waiting.
        self.place = Place::whole(seen?.max(self.place.upto));
        (self.place != self.said).then(|| {
            self.said = self.place;
            self.here("position")
        })
    }

    /// What it missed, as far as one step goes.
    async fn catch_up(&mut self) -> Result<Vec<Arc<Event>>> {
        let seen = self.live.hub.opened().await;
        // Another process may have told it more than was handed out here.
        let is_known = self.place.upto <= seen || self.place.upto <= self.live.feed.head().await?;
        if !is_known || seen - self.place.from > FURTHEST {
            return Ok(self.reset().await);
        }
        let is_near = seen - self.place.from <= NEAR;
        let upto = if is_near { self.go_live().await } else { seen };
        let (mut at, mut events) = (self.place, Vec::new());
        while at.from < upto {
            let Some(step) = self.live.feed.step(at.from, upto).await? else { return Ok(self.reset().await) };
            let chats = self.live.hub.chats_of(self.caller.user);
            let (items, _) = tidings::read(&step.facts);
            events.extend(self.live.told_to(self.caller.user, at, items, &chats).await?);
            at = Place { from: step.upto, upto: step.upto.max(at.upto) };
            if !is_near {
                break;
            }
        }
        if is_near {
            self.state = State::Told;
        }
        if events.is_empty() {
            self.place = at;
        }
        Ok(events)
    }

    async fn reset(&mut self) -> Vec<Arc<Event>> {
        self.place = Place::whole(self.go_live().await);
        self.state = State::Told;
        vec![self.here("reset")]
    }

    async fn go_live(&self) -> i64 {
        loop {
            if let Some(seen) = self.live.hub.go_live(&self.seat) {
                return seen;
            }
            self.live.hub.opened().await;
        }
    }

    fn here(&self, kind: &'static str) -> Arc<Event> {
        Event::at(kind, self.place)
    }

    fn give_up(&self, error: &types::Error) -> Turn {
        let user = self.caller.user.number();
        tracing::warn!(
            user_id = user,
            error = types::with_causes(error),
            "a connection could not catch up and ends"
        );
        Turn::Over(Over::Broken)
    }
}

fn is_reset(event: &Event) -> bool {
    event.kind == "reset"
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.live.hub.leave(&self.seat);
    }
}
