//! Who asks how often, in memory that does not grow with the number of people.

use std::collections::HashMap;

use super::window::{SPAN, Window};

/// A user has one place to be counted in, of this many seats; the least busy gives way to whoever comes.
const SEATS: usize = 8;
const PLACES: usize = 256;
/// The number of people is estimated from how many of these marks are fresh: within a per cent up to about 100,000.
const MARKS: usize = 32 * 1024;

/// The requests of users in the last seconds. The busy ones are counted exactly; of the many who ask rarely, some are
/// forgotten when there are more of them than seats.
#[derive(Debug, Default)]
pub(super) struct Users {
    seats: Vec<Seat>,
    /// The last second in which somebody who falls on this mark was seen.
    marks: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seat {
    user: i64,
    window: Window,
}

impl Users {
    /// Counts one request of `user`.
    pub(super) fn hit(&mut self, second: u32, user: i64) {
        if self.seats.is_empty() {
            // Only threads that serve people pay for this.
            self.seats = vec![Seat::default(); SEATS * PLACES];
            self.marks = vec![0; MARKS];
        }
        let hash = spread(user);
        self.marks[hash % MARKS] = second;
        let first = hash / MARKS % PLACES * SEATS;
        let seats = &mut self.seats[first..first + SEATS];
        let taken = seats.iter().position(|seat| seat.user == user && seat.window.recent(second) > 0);
        let seat = taken.or_else(|| (0..SEATS).min_by_key(|&at| seats[at].window.recent(second)));
        let Some(seat) = seat.map(|at| &mut seats[at]) else { return };
        if taken.is_none() {
            *seat = Seat { user, window: Window::default() };
        }
        seat.window.hit(second);
    }

    /// Adds each user's requests of the span before `now`.
    pub(super) fn add_to(&self, now: u32, totals: &mut Census) {
        for seat in &self.seats {
            let count = seat.window.sum(now);
            if count > 0 {
                *totals.requests.entry(seat.user).or_default() += count;
            }
        }
        for (at, &second) in self.marks.iter().enumerate() {
            if second >= now.saturating_sub(SPAN) && second > 0 {
                totals.marks[at] = true;
            }
        }
    }
}

/// What all threads know together.
#[derive(Debug)]
pub(super) struct Census {
    requests: HashMap<i64, u64>,
    marks: Vec<bool>,
}

impl Census {
    pub(super) fn new() -> Self {
        Self { requests: HashMap::new(), marks: vec![false; MARKS] }
    }

    /// About how many people were active.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate, between 0 and some hundred thousand"
    )]
    pub(super) fn active(&self) -> u64 {
        let fresh = self.marks.iter().filter(|&&fresh| fresh).count();
        // Two people who share a mark look like one; this is how many it takes to leave so many marks untouched.
        let untouched = (MARKS - fresh).max(1) as f64;
        (MARKS as f64 * (MARKS as f64 / untouched).ln()).round() as u64
    }

    /// The busiest, most requests first.
    pub(super) fn busiest(self, limit: usize) -> Vec<(i64, u64)> {
        let mut users: Vec<_> = self.requests.into_iter().collect();
        users.sort_unstable_by_key(|&(user, count)| (std::cmp::Reverse(count), user));
        users.truncate(limit);
        users
    }
}

/// Ids are made in order; this scatters them as if by chance, on which the estimate rests (the end of `SplitMix64`).
fn spread(user: i64) -> usize {
    let mut mixed = user.cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from(mixed >> 33).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(users: &Users, now: u32) -> Census {
        let mut census = Census::new();
        users.add_to(now, &mut census);
        census
    }

    #[test]
    fn a_few_users_are_counted_exactly() {
        let mut users = Users::default();
        for (user, requests) in [(1, 30), (2, 10), (3, 20)] {
            (0..requests).for_each(|_| users.hit(100, user));
        }
        assert_eq!(census(&users, 101).active(), 3);
        assert_eq!(census(&users, 101).busiest(2), [(1, 30), (3, 20)]);
        assert_eq!(census(&users, 111).active(), 0);
        assert_eq!(census(&users, 111).busiest(2), []);
    }

    #[test]
    fn the_busy_are_found_among_a_crowd() {
        let mut users = Users::default();
        for n in 0..200_000_i64 {
            let second = 100 + u32::try_from(n / 20_000).unwrap();
            users.hit(second, 1_000 + n % 100_000);
            if n % 200 == 0 {
                users.hit(second, 7);
            }
        }
        let found = census(&users, 110);
        let active = found.active();
        assert!((95_000..105_000).contains(&active), "{active}");
        let (user, requests) = found.busiest(1)[0];
        assert_eq!(user, 7);
        assert!(requests > 900, "{requests}");
    }
}
