//! Work that waits for a thread, fairly: origins take turns, however much each of them asks for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::origin::Origin;

/// A bounded queue: what does not fit is refused at once.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    most: usize,
}

struct State<T> {
    /// What waits, by origin; none of the lines is empty.
    lines: HashMap<Origin, VecDeque<T>>,
    /// The origins of the lines, next one first.
    turns: VecDeque<Origin>,
    waiting: usize,
    closed: bool,
}

/// What a thread finds.
pub enum Taken<T> {
    /// Something to do.
    Job(T),
    /// Nothing for a while.
    Nothing,
    /// Nothing ever again.
    End,
}

impl<T> Queue<T> {
    /// An empty queue for so many.
    pub fn new(most: usize) -> Self {
        let state = State { lines: HashMap::new(), turns: VecDeque::new(), waiting: 0, closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), most }
    }

    /// Adds a job; gives back the one there is no room for. In a full queue that is the last of the longest line, if
    /// the newcomer's is shorter.
    pub fn put(&self, from: Origin, job: T) -> Option<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let own = state.lines.get(&from).map_or(0, VecDeque::len);
        let mut displaced = None;
        if state.waiting >= self.most {
            let longest = state.lines.iter().max_by_key(|(_, line)| line.len());
            let Some((longest, _)) = longest.filter(|(_, line)| line.len() > own + 1) else {
                return Some(job);
            };
            let longest = *longest;
            displaced = state.lines.get_mut(&longest).and_then(VecDeque::pop_back);
            state.waiting -= 1;
        }
        state.add(from, job);
        self.changed.notify_one();
        displaced
    }

    /// The next job, waited for no longer than this.
    pub fn take(&self, longest: Duration) -> Taken<T> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let empty = |state: &mut State<T>| state.waiting == 0 && !state.closed;
        let waited = self.changed.wait_timeout_while(state, longest, empty);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.next() {
            Some(job) => Taken::Job(job),
            None if state.closed => Taken::End,
            None => Taken::Nothing,
        }
    }

    /// Lets threads end once nothing waits.
    pub fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.changed.notify_all();
    }
}

impl<T> State<T> {
    fn add(&mut self, from: Origin, job: T) {
        let line = self.lines.entry(from).or_default();
        if line.is_empty() {
            self.turns.push_back(from);
        }
        line.push_back(job);
        self.waiting += 1;
    }

    fn next(&mut self) -> Option<T> {
        let from = self.turns.pop_front()?;
        let line = self.lines.get_mut(&from)?;
        let job = line.pop_front();
        if line.is_empty() {
            self.lines.remove(&from);
        } else {
            self.turns.push_back(from);
        }
        self.waiting -= usize::from(job.is_some());
        job
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(queue: &Queue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| match queue.take(Duration::ZERO) {
            Taken::Job(job) => Some(job),
            Taken::Nothing | Taken::End => None,
        })
        .collect()
    }

    fn from(address: &str) -> Origin {
        Origin::of(address)
    }

    #[test]
    fn origins_take_turns_however_much_each_asks_for() {
        let queue = Queue::new(16);
        for job in ["a1", "a2", "a3", "a4"] {
            assert_eq!(queue.put(from("192.0.2.1"), job), None);
        }
        assert_eq!(queue.put(from("192.0.2.2"), "b1"), None);
        assert_eq!(queue.put(from("192.0.2.3"), "c1"), None);
        assert_eq!(queue.put(from("192.0.2.2"), "b2"), None);
        assert_eq!(order(&queue), ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
    }

    #[test]
    fn one_origin_may_fill_the_queue_and_makes_room_for_another() {
        let queue = Queue::new(3);
        for job in ["a1", "a2", "a3"] {
            assert_eq!(queue.put(from("192.0.2.1"), job), None);
        }
        assert_eq!(queue.put(from("192.0.2.1"), "a4"), Some("a4"));
        assert_eq!(queue.put(from("192.0.2.2"), "b1"), Some("a3"), "the last of the longest line goes");
        assert_eq!(order(&queue), ["a1", "b1", "a2"]);
        assert_eq!(queue.put(from("192.0.2.1"), "a5"), None, "what was done no longer counts");
    }

    #[test]
    fn in_a_full_queue_a_newcomer_takes_the_place_of_whoever_has_most() {
        let queue = Queue::new(8);
        for (address, jobs) in [
            ("192.0.2.1", ["a1", "a2"]),
            ("192.0.2.2", ["b1", "b2"]),
            ("192.0.2.3", ["c1", "c2"]),
            ("192.0.2.4", ["d1", "d2"]),
        ] {
            assert!(jobs.into_iter().all(|job| queue.put(from(address), job).is_none()));
        }
        let displaced = queue.put(from("192.0.2.5"), "e1");
        assert!(displaced.is_some_and(|job| job.ends_with('2')), "{displaced:?}");
        let done = order(&queue);
        assert_eq!(done.len(), 8);
        assert_eq!(done[4], "e1", "the first of each line comes before anybody's second: {done:?}");
    }

    #[test]
    fn a_queue_full_of_equals_refuses_the_next() {
        let queue = Queue::new(2);
        assert_eq!(queue.put(from("192.0.2.1"), "a1"), None);
        assert_eq!(queue.put(from("192.0.2.2"), "b1"), None);
        assert_eq!(queue.put(from("192.0.2.3"), "c1"), Some("c1"));
        queue.close();
        assert_eq!(order(&queue), ["a1", "b1"], "what waits is done before the end");
        assert!(matches!(queue.take(Duration::ZERO), Taken::End));
    }
}
