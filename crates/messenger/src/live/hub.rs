//! Who listens in this process, and in which chats they are: each event goes from here to all who may hear it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use types::{ChatId, Error, Result, UserId};

use super::event::{Event, To};
use super::place::Place;
use super::seat::{Over, Seat};

/// Events handed out before others get at the rooms.
const AT_ONCE: usize = 32;
/// When to come again, for whoever finds no seat.
const AGAIN: Duration = Duration::from_secs(15);

/// Somebody's first connection, or their last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// They are here now.
    Came(UserId),
    /// They are not here any more.
    Went(UserId),
}

/// Where they listen.
pub struct Hub {
    rooms: Mutex<Rooms>,
    /// Up to which number everything was handed out; nothing while nobody hands anything out.
    open: watch::Sender<Option<i64>>,
    somebody: watch::Sender<bool>,
    arrivals: mpsc::UnboundedSender<Arrival>,
    ticks: AtomicU64,
    most: usize,
}

#[derive(Default)]
struct Rooms {
    people: HashMap<UserId, Desk>,
    /// Who of those who are here is in which chat, and from where on they see it.
    chats: HashMap<ChatId, HashMap<UserId, i64>>,
    next_turn: u64,
    closed: bool,
}

#[derive(Default)]
struct Desk {
    seats: Vec<Arc<Seat>>,
    chats: HashSet<ChatId>,
    /// Their chats were read.
    is_known: bool,
    /// Before that: chats that they came to or left meanwhile.
    moved: HashSet<ChatId>,
}

impl Hub {
    /// Where each person may have so many connections. Who comes and goes is told to the other end.
    pub fn new(most: usize) -> (Self, mpsc::UnboundedReceiver<Arrival>) {
        let (arrivals, heard) = mpsc::unbounded_channel();
        let (open, somebody) = (watch::Sender::new(None), watch::Sender::new(false));
        (Self { rooms: Mutex::default(), open, somebody, arrivals, ticks: AtomicU64::new(0), most }, heard)
    }

    /// A seat for this person.
    pub fn enter(&self, user: UserId, expires: Option<i64>) -> Result<Arc<Seat>> {
        let mut rooms = self.rooms();
        if rooms.closed {
            return Err(Error::unavailable("the process stops"));
        }
        let turn = rooms.next_turn;
        rooms.next_turn += 1;
        let desk = rooms.people.entry(user).or_default();
        if desk.seats.len() >= self.most {
            return Err(Error::TooMany(AGAIN));
        }
        let seat = Arc::new(Seat::new(user, turn, expires, self.tick()));
        desk.seats.push(seat.clone());
        if desk.seats.len() == 1 {
            self.say(Arrival::Came(user));
        }
        self.somebody.send_replace(true);
        Ok(seat)
    }

    /// Gives it back.
    pub fn leave(&self, seat: &Arc<Seat>) {
        let mut rooms = self.rooms();
        let Some(desk) = rooms.people.get_mut(&seat.user) else { return };
        desk.seats.retain(|other| !Arc::ptr_eq(other, seat));
        if desk.seats.is_empty() {
            let chats = rooms.people.remove(&seat.user).map(|desk| desk.chats).unwrap_or_default();
            for chat in chats {
                rooms.take_out(chat, seat.user);
            }
            self.say(Arrival::Went(seat.user));
        }
        self.somebody.send_replace(!rooms.people.is_empty());
    }

    /// Notes the chats of somebody, as they were read after they had come. Whatever moved since is known better.
    pub fn know(&self, user: UserId, chats: Vec<(ChatId, i64)>) {
        let mut rooms = self.rooms();
        let Some(desk) = rooms.people.get_mut(&user).filter(|desk| !desk.is_known) else { return };
        desk.is_known = true;
        let moved = std::mem::take(&mut desk.moved);
        for (chat, seen_from) in chats.into_iter().filter(|(chat, _)| !moved.contains(chat)) {
            rooms.put_in(chat, user, seen_from);
        }
    }

    /// From now on this seat is told everything; up to which number it was not. None while nobody hands anything out.
    pub fn go_live(&self, seat: &Seat) -> Option<i64> {
        let _rooms = self.rooms();
        let seen = self.seen()?;
        seat.go_live();
        Some(seen)
    }

    /// From where on somebody sees each of their chats.
    pub fn chats_of(&self, user: UserId) -> HashMap<ChatId, i64> {
        let rooms = self.rooms();
        let chats = rooms.people.get(&user).into_iter().flat_map(|desk| &desk.chats);
        chats.filter_map(|chat| Some((*chat, *rooms.chats.get(chat)?.get(&user)?))).collect()
    }

    /// Those of these who are here.
    pub fn present(&self, users: impl IntoIterator<Item = UserId>) -> Vec<UserId> {
        let rooms = self.rooms();
        users.into_iter().filter(|user| rooms.people.contains_key(user)).collect()
    }

    /// Everybody who is here.
    pub fn everybody(&self) -> Vec<UserId> {
        self.rooms().people.keys().copied().collect()
    }

    /// Notes who is in which chat, or is not any more.
    pub fn moved(&self, moves: &[(ChatId, UserId, Option<i64>)]) {
        let mut rooms = self.rooms();
        for (chat, user, seen_from) in moves {
            rooms.moved(*chat, *user, *seen_from);
        }
    }

    /// Hands out what happened up to this number, in order.
    pub fn hand(&self, events: &[(To, Arc<Event>)], upto: i64) {
        // Others get at the rooms in between, unless some were moved: those belong together.
        let is_moved = |event: &Event| event.place.is_some_and(|place| place.from < place.upto);
        let apart = !events.iter().any(|(_, event)| is_moved(event));
        for part in events.chunks(if apart { AT_ONCE } else { events.len().max(1) }) {
            let (rooms, now) = (self.rooms(), self.tick());
            for (to, event) in part {
                rooms.tell(to, event, now);
            }
            let told = part.last().and_then(|(_, event)| event.place).filter(|_| apart);
            if let Some(Place { upto, .. }) = told {
                // Whoever goes live now reads what was told up to here.
                self.open.send_replace(Some(upto));
            }
        }
        let _rooms = self.rooms();
        self.open.send_replace(Some(upto));
    }

    /// Tells something to those alone who listen at this moment.
    pub fn whisper(&self, to: &To, event: &Arc<Event>) {
        self.rooms().tell(to, event, self.tick());
    }

    /// Everything is handed out from behind this number on.
    pub fn begin(&self, seen: i64) {
        let _rooms = self.rooms();
        self.open.send_replace(Some(seen));
    }

    /// Nothing is handed out any more, if nobody is here.
    pub fn rest(&self) -> bool {
        let rooms = self.rooms();
        let is_empty = rooms.people.is_empty();
        if is_empty {
            self.open.send_replace(None);
        }
        is_empty
    }

    /// Up to which number everything was handed out.
    pub fn seen(&self) -> Option<i64> {
        *self.open.borrow()
    }

    /// The same, once anything is handed out.
    pub async fn opened(&self) -> i64 {
        let mut open = self.open.subscribe();
        // Its other end is here, and so it does not end.
        let opened = open.wait_for(Option::is_some).await;
        opened.ok().and_then(|seen| *seen).unwrap_or_default()
    }

    /// Waits until somebody is here, or until nobody is.
    pub async fn until(&self, somebody: bool) {
        // Its other end is here, and so it does not end.
        let _ = self.somebody.subscribe().wait_for(|is| *is == somebody).await;
    }

    /// A second has passed.
    pub fn pass_second(&self, turns: u64, now: i64) -> u64 {
        let tick = self.ticks.fetch_add(1, Ordering::Relaxed) + 1;
        let rooms = self.rooms();
        rooms.people.values().flat_map(|desk| &desk.seats).for_each(|seat| seat.tick(tick, turns, now));
        tick
    }

    /// How many seconds have passed.
    pub fn tick(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }

    /// Everybody has to leave, and nobody comes any more.
    pub fn close(&self) {
        let mut rooms = self.rooms();
        rooms.closed = true;
        rooms.people.values().flat_map(|desk| &desk.seats).for_each(|seat| seat.end(Over::Stopping));
    }

    fn say(&self, arrival: Arrival) {
        // Nobody hears it any more while the process stops.
        let _ = self.arrivals.send(arrival);
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rooms {
    fn tell(&self, to: &To, event: &Arc<Event>, now: u64) {
        let tell = |user: &UserId| {
            let seats = self.people.get(user).into_iter().flat_map(|desk| &desk.seats);
            seats.for_each(|seat| seat.push(event, now));
        };
        match to {
            To::User(user) => tell(user),
            To::Chat(chat, seq, except) => {
                let members = self.chats.get(chat).into_iter().flatten();
                let hearing =
                    members.filter(|(user, seen_from)| **seen_from < *seq && !except.contains(user));
                hearing.for_each(|(user, _)| tell(user));
            }
        }
    }

    fn moved(&mut self, chat: ChatId, user: UserId, seen_from: Option<i64>) {
        let Some(desk) = self.people.get_mut(&user) else { return };
        if !desk.is_known {
            desk.moved.insert(chat);
        }
        if let Some(seen_from) = seen_from {
            self.put_in(chat, user, seen_from);
        } else {
            desk.chats.remove(&chat);
            self.take_out(chat, user);
        }
    }

    fn put_in(&mut self, chat: ChatId, user: UserId, seen_from: i64) {
        if let Some(desk) = self.people.get_mut(&user) {
            desk.chats.insert(chat);
            self.chats.entry(chat).or_default().insert(user, seen_from);
        }
    }

    fn take_out(&mut self, chat: ChatId, user: UserId) {
        if let Some(members) = self.chats.get_mut(&chat) {
            members.remove(&user);
            if members.is_empty() {
                self.chats.remove(&chat);
            }
        }
    }
}

#[cfg(test)]
mod tests;
