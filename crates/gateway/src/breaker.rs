//! Whether a service is asked at all. One that fails is left alone, and whoever wants it hears so at once; it is asked
//! again, by a few at first, as soon as it says that it is there.
//!
//! Time comes as the number of the second, so that the rules can be tested without it. While all is well a request
//! costs one load of a number when it begins, and a short lock when it ends.

mod window;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use window::{SPAN, Window};

/// Fewer requests than this say nothing about a service.
const ENOUGH: u32 = 10;
/// It is left alone when one in so many fails.
const ONE_BAD_IN: u32 = 2;
/// It is left alone when it is silent so many times in a row, however few ask.
const NOBODY_THERE: u32 = 3;
/// How many may try at once whether it works again.
const TRIALS: u32 = 5;
/// One request in so many may be a repetition.
const ONE_REPEAT_IN: u32 = 5;
/// And so many more, so that a quiet house repeats too: one a second.
const REPEATS: u32 = SPAN;

/// Whether a service is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It works.
    Closed,
    /// It says that it is there again, and a few try whether it works.
    HalfOpen,
    /// It does not work, and nobody asks it.
    Open,
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It answered.
    Good,
    /// It answered that it cannot, or broke off.
    Bad,
    /// Nobody was there, or nothing came for long.
    Silent,
}

/// The permission to ask once. It counts only in the round in which it was given: what was begun before a service was
/// left alone says nothing about it afterwards.
#[derive(Debug)]
pub struct Pass(u32);

/// The breaker of one service.
#[derive(Debug, Default)]
pub struct Breaker {
    stamp: AtomicU32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    window: Window,
    silent_in_row: u32,
    trials: u32,
}

impl Breaker {
    /// Whether it is asked.
    pub fn phase(&self) -> Phase {
        phase_of(self.stamp.load(Ordering::Acquire))
    }

    /// The permission to ask, unless the service is left alone.
    pub fn admit(&self) -> Option<Pass> {
        let stamp = self.stamp.load(Ordering::Acquire);
        match phase_of(stamp) {
            Phase::Closed => Some(Pass(stamp)),
            Phase::Open => None,
            Phase::HalfOpen => self.try_out(),
        }
    }

    fn try_out(&self) -> Option<Pass> {
        let mut state = self.lock();
        let stamp = self.stamp.load(Ordering::Acquire);
        match phase_of(stamp) {
            Phase::Closed => Some(Pass(stamp)),
            Phase::HalfOpen if state.trials < TRIALS => {
                state.trials += 1;
                Some(Pass(stamp))
            }
            Phase::HalfOpen | Phase::Open => None,
        }
    }

    /// Hears what came of it; the new phase, when that changes it.
    pub fn note(&self, pass: &Pass, verdict: Verdict, second: u64) -> Option<Phase> {
        let mut state = self.lock();
        let stamp = self.stamp.load(Ordering::Acquire);
        if pass.0 != stamp {
            return None;
        }
        let next = match (phase_of(stamp), verdict) {
            (Phase::Closed, verdict) if state.breaks(verdict, second) => Phase::Open,
            (Phase::HalfOpen, Verdict::Good) => Phase::Closed,
            (Phase::HalfOpen, Verdict::Bad | Verdict::Silent) => Phase::Open,
            (Phase::Closed | Phase::Open, _) => return None,
        };
        self.turn(&mut state, stamp, next);
        Some(next)
    }

    /// Hears that nobody will know what came of it.
    pub fn give_back(&self, pass: &Pass) {
        if phase_of(pass.0) == Phase::HalfOpen {
            let mut state = self.lock();
            if pass.0 == self.stamp.load(Ordering::Acquire) {
                state.trials = state.trials.saturating_sub(1);
            }
        }
    }

    /// Hears that the service says it is there; whether that was news.
    pub fn it_is_there(&self) -> bool {
        let mut state = self.lock();
        let stamp = self.stamp.load(Ordering::Acquire);
        let news = phase_of(stamp) == Phase::Open;
        if news {
            self.turn(&mut state, stamp, Phase::HalfOpen);
        }
        news
    }

    /// Whether one more request may be repeated: a service in trouble must not get twice the work.
    pub fn may_repeat(&self, second: u64) -> bool {
        let mut state = self.lock();
        let counts = state.window.until(second);
        let first_attempts = counts.all.saturating_sub(counts.again);
        let may = self.phase() == Phase::Closed && counts.again < first_attempts / ONE_REPEAT_IN + REPEATS;
        if may {
            state.window.at(second).again += 1;
        }
        may
    }

    fn turn(&self, state: &mut State, stamp: u32, next: Phase) {
        *state = State::default();
        self.stamp.store(((stamp >> 2).wrapping_add(1) << 2) | next as u32, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts, and says whether that is enough to leave the service alone.
    fn breaks(&mut self, verdict: Verdict, second: u64) -> bool {
        let counts = self.window.at(second);
        counts.all += 1;
        if verdict == Verdict::Good {
            self.silent_in_row = 0;
            return false;
        }
        counts.bad += 1;
        self.silent_in_row = if verdict == Verdict::Silent { self.silent_in_row + 1 } else { 0 };
        let recent = self.window.until(second);
        let often = recent.all >= ENOUGH && recent.bad.saturating_mul(ONE_BAD_IN) >= recent.all;
        often || self.silent_in_row >= NOBODY_THERE
    }
}

/// The last two bits are the phase, the others number the rounds.
const fn phase_of(stamp: u32) -> Phase {
    match stamp & 3 {
        0 => Phase::Closed,
        1 => Phase::HalfOpen,
        _ => Phase::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks once and says what came of it.
    fn ask(breaker: &Breaker, verdict: Verdict, second: u64) -> Option<Phase> {
        breaker.note(&breaker.admit().expect("it is asked"), verdict, second)
    }

    fn open() -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..NOBODY_THERE {
            ask(&breaker, Verdict::Silent, 1);
        }
        assert_eq!(breaker.phase(), Phase::Open);
        breaker
    }

    #[test]
    fn it_opens_when_half_of_enough_requests_fail() {
        let breaker = Breaker::default();
        for _ in 0..5 {
            assert_eq!(ask(&breaker, Verdict::Good, 1), None);
        }
        for second in 2..6 {
            assert_eq!(ask(&breaker, Verdict::Bad, second), None);
        }
        assert_eq!(ask(&breaker, Verdict::Bad, 6), Some(Phase::Open));
        assert!(breaker.admit().is_none());
    }

    #[test]
    fn a_few_failures_among_many_requests_change_nothing() {
        let breaker = Breaker::default();
        for n in 0..10_000 {
            let verdict = if n % 3 == 2 { Verdict::Bad } else { Verdict::Good };
            assert_eq!(ask(&breaker, verdict, n / 100), None);
        }
        assert_eq!(breaker.phase(), Phase::Closed);
    }

    #[test]
    fn failures_that_are_far_apart_say_nothing() {
        let breaker = Breaker::default();
        for n in 0..100 {
            assert_eq!(ask(&breaker, Verdict::Bad, n * 2), None);
        }
    }

    #[test]
    fn a_service_that_is_silent_is_known_at_once() {
        let breaker = Breaker::default();
        ask(&breaker, Verdict::Silent, 1);
        ask(&breaker, Verdict::Silent, 1);
        ask(&breaker, Verdict::Good, 1);
        ask(&breaker, Verdict::Silent, 1);
        ask(&breaker, Verdict::Bad, 1);
        ask(&breaker, Verdict::Silent, 1);
        assert_eq!(ask(&breaker, Verdict::Silent, 1), None);
        assert_eq!(ask(&breaker, Verdict::Silent, 1), Some(Phase::Open));
    }

    #[test]
    fn a_few_try_and_the_first_that_is_served_closes_it() {
        let breaker = open();
        assert!(breaker.it_is_there() && !breaker.it_is_there());
        let mut passes: Vec<Pass> = std::iter::from_fn(|| breaker.admit()).collect();
        assert_eq!(passes.len(), 5);
        breaker.give_back(&passes.pop().unwrap());
        passes.push(breaker.admit().expect("the place of one that left is free"));
        assert!(breaker.admit().is_none());
        assert_eq!(breaker.note(&passes.pop().unwrap(), Verdict::Good, 2), Some(Phase::Closed));
        assert!(breaker.admit().is_some());
        for late in passes {
            assert_eq!(breaker.note(&late, Verdict::Bad, 2), None, "it was asked before all was well");
        }
    }

    #[test]
    fn one_that_tries_in_vain_opens_it_again() {
        let breaker = open();
        breaker.it_is_there();
        let (late, pass) = (breaker.admit().unwrap(), breaker.admit().unwrap());
        assert_eq!(breaker.note(&pass, Verdict::Bad, 2), Some(Phase::Open));
        breaker.it_is_there();
        breaker.give_back(&late);
        assert_eq!(std::iter::from_fn(|| breaker.admit()).count(), 5, "an old pass frees no place");
    }

    #[test]
    fn what_was_begun_before_it_opened_says_nothing_afterwards() {
        let breaker = Breaker::default();
        let hanging: Vec<Pass> = (0..20).map(|_| breaker.admit().unwrap()).collect();
        for _ in 0..3 {
            ask(&breaker, Verdict::Silent, 1);
        }
        breaker.it_is_there();
        assert_eq!(ask(&breaker, Verdict::Good, 2), Some(Phase::Closed));
        for pass in hanging {
            assert_eq!(breaker.note(&pass, Verdict::Bad, 2), None);
        }
        assert_eq!(breaker.phase(), Phase::Closed);
    }

    #[test]
    fn at_most_a_fifth_are_repetitions() {
        let breaker = Breaker::default();
        let repeat = |second| breaker.may_repeat(second) && ask(&breaker, Verdict::Good, second).is_none();
        let repeats = |second| (0..1_000).take_while(|_| repeat(second)).count();
        assert_eq!(repeats(1), 10, "a quiet house repeats a little");
        for _ in 0..1_000 {
            ask(&breaker, Verdict::Good, 20);
        }
        assert_eq!(repeats(20), 210);
        assert_eq!(repeats(25), 0);
        assert_eq!(repeats(31), 10);
    }
}
