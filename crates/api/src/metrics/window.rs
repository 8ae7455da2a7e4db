//! Counts over the last seconds.

/// How many seconds a rate looks back on.
pub(super) const SPAN: u32 = 10;
/// One more slot than the span: the second that is still running counts in no rate.
const SLOTS: u32 = SPAN + 1;

/// Seconds of a process start here, so that a fresh window (second 0) is already in the past.
pub(super) const FIRST_SECOND: u32 = SLOTS;

/// A count for each of the last seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    last: u32,
    counts: [u32; SLOTS as usize],
}

impl Window {
    /// Counts one in `second`. A thread that read the clock a moment ago counts in the newest second.
    pub(super) fn hit(&mut self, second: u32) {
        if second > self.last {
            for passed in 1..=(second - self.last).min(SLOTS) {
                self.counts[slot(self.last + passed)] = 0;
            }
            self.last = second;
        }
        self.counts[slot(self.last)] += 1;
    }

    /// The count of the whole seconds before `now` that a rate looks back on.
    pub(super) fn sum(&self, now: u32) -> u64 {
        (now.saturating_sub(SPAN)..now).map(|second| self.count(second)).sum()
    }

    /// The count of every second still known at `now`, the running one included.
    pub(super) fn recent(&self, now: u32) -> u64 {
        (now.saturating_sub(SPAN)..=now.max(self.last)).map(|second| self.count(second)).sum()
    }

    fn count(&self, second: u32) -> u64 {
        let known = second <= self.last && second + SLOTS > self.last;
        if known { self.counts[slot(second)].into() } else { 0 }
    }
}

fn slot(second: u32) -> usize {
    (second % SLOTS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_covers_whole_seconds_of_the_span() {
        let mut window = Window::default();
        for second in 100..130 {
            for _ in 0..second - 99 {
                window.hit(second);
            }
        }
        // Seconds 119 to 128 hold 20 to 29; 129 is still running.
        assert_eq!(window.sum(129), (20..30).sum::<u64>());
        assert_eq!(window.sum(130), (21..31).sum::<u64>());
    }

    #[test]
    fn old_seconds_fall_out() {
        let mut window = Window::default();
        window.hit(100);
        assert_eq!(window.sum(100), 0);
        assert_eq!(window.sum(101), 1);
        assert_eq!(window.sum(110), 1);
        assert_eq!(window.sum(111), 0);
        window.hit(500);
        assert_eq!(window.sum(501), 1);
    }

    #[test]
    fn a_late_hit_counts_in_the_newest_second() {
        let mut window = Window::default();
        window.hit(200);
        window.hit(199);
        assert_eq!(window.sum(201), 2);
        assert_eq!(window.recent(200), 2);
    }
}
