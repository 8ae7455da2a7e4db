//! Which answers are worth remembering: the room is small, and most are asked for once.

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use types::Timestamp;

/// How many questions are recognised; one more takes the place of another.
const RECOGNISED: usize = 4_096;
/// The bits of a question's hash that are not the second in which it was asked.
const QUESTION: u64 = !0xFFFF;

/// Lets answers in until as many bytes have come as may within one lifetime. What came in the window before may be there
/// still, and nothing older: so twice that is all there ever is, and nothing needs to be thrown out.
///
/// In the first half of a window everybody is let in; in the second, only what is asked for the second time.
pub struct Doorkeeper {
    lifetime: Duration,
    room: usize,
    since: AtomicI64,
    taken: AtomicUsize,
    seen: Box<[AtomicU64]>,
}

impl Doorkeeper {
    pub fn new(lifetime: Duration, room: usize) -> Self {
        let seen = std::iter::repeat_with(AtomicU64::default).take(RECOGNISED).collect();
        Self { lifetime, room, since: AtomicI64::new(0), taken: AtomicUsize::new(0), seen }
    }

    /// Whether the answer to this question, known by its hash, should be remembered.
    pub fn admits(&self, question: u64, now: Timestamp) -> bool {
        let since = self.since.load(Ordering::Relaxed);
        if now.since(Timestamp::from_micros(since)) >= self.lifetime
            && self.since.compare_exchange(since, now.micros(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            self.taken.store(0, Ordering::Relaxed);
        }
        let taken = self.taken.load(Ordering::Relaxed);
        taken < self.room && (self.is_second(question, now) || taken < self.room / 2)
    }

    /// Notes that so many bytes came in.
    pub fn took(&self, bytes: usize) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether the same was asked within the lifetime, as far as one remembers.
    fn is_second(&self, question: u64, now: Timestamp) -> bool {
        let seconds = now.seconds().unsigned_abs();
        let [low, high, ..] = seconds.to_le_bytes();
        let second = u16::from_le_bytes([low, high]);
        let place = usize::try_from(question >> 52).unwrap_or(0) % RECOGNISED;
        let seen = self.seen[place].swap(question & QUESTION | u64::from(second), Ordering::Relaxed);
        let [low, high, ..] = seen.to_le_bytes();
        let ago = second.wrapping_sub(u16::from_le_bytes([low, high]));
        seen & QUESTION == question & QUESTION && u64::from(ago) <= self.lifetime.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_secs(30);

    fn question(number: u64) -> u64 {
        (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn all_come_in_then_only_what_is_asked_twice_then_nobody() {
        let (door, now) = (Doorkeeper::new(LIFETIME, 100), Timestamp::from_millis(1_000_000));
        assert!(door.admits(question(1), now));
        door.took(49);
        assert!(door.admits(question(2), now));
        door.took(1);
        assert!(!door.admits(question(3), now));
        assert!(door.admits(question(3), now.plus(LIFETIME / 2)), "asked for the second time");
        door.took(50);
        assert!(!door.admits(question(3), now.plus(LIFETIME / 2)));
    }

    #[test]
    fn a_window_later_there_is_room_again() {
        let (door, now) = (Doorkeeper::new(LIFETIME, 100), Timestamp::from_millis(1_000_000));
        assert!(door.admits(question(1), now));
        door.took(100);
        assert!(!door.admits(question(2), now.plus(LIFETIME.saturating_sub(Duration::from_millis(1)))));
        assert!(door.admits(question(2), now.plus(LIFETIME)));
    }

    #[test]
    fn the_second_time_counts_within_the_lifetime_alone() {
        let (door, now) = (Doorkeeper::new(LIFETIME, 100), Timestamp::from_millis(1_000_000));
        assert!(!door.is_second(question(1), now));
        assert!(door.is_second(question(1), now.plus(LIFETIME)));
        assert!(!door.is_second(question(1), now.plus(LIFETIME * 2 + Duration::from_secs(2))));
    }
}
