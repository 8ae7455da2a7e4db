//! What came of the requests of the last ten seconds, counted by the second.

/// How many seconds are looked back on.
pub const SPAN: u32 = 10;

/// The last seconds. A bucket is used again when its second is long over.
#[derive(Debug, Default)]
pub struct Window {
    buckets: [Bucket; SPAN as usize],
}

#[derive(Debug, Default, Clone, Copy)]
struct Bucket {
    second: u64,
    counts: Counts,
}

/// How many there were.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Attempts that came to an end.
    pub all: u32,
    /// Those of them that failed.
    pub bad: u32,
    /// Those that were begun because another had failed.
    pub again: u32,
}

impl Window {
    /// The counts of this second.
    pub fn at(&mut self, second: u64) -> &mut Counts {
        let bucket = &mut self.buckets[usize::try_from(second % u64::from(SPAN)).unwrap_or_default()];
        if bucket.second != second {
            *bucket = Bucket { second, counts: Counts::default() };
        }
        &mut bucket.counts
    }

    /// The counts of this second and those before it.
    pub fn until(&self, second: u64) -> Counts {
        let recent = self.buckets.iter().filter(|bucket| bucket.second + u64::from(SPAN) > second);
        recent.fold(Counts::default(), |sum, Bucket { counts, .. }| Counts {
            all: sum.all + counts.all,
            bad: sum.bad + counts.bad,
            again: sum.again + counts.again,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_span_is_forgotten() {
        let mut window = Window::default();
        window.at(3).all += 1;
        window.at(4).all += 2;
        window.at(4).bad += 1;
        assert_eq!(window.until(4), Counts { all: 3, bad: 1, again: 0 });
        assert_eq!(window.until(12), Counts { all: 3, bad: 1, again: 0 });
        assert_eq!(window.until(13), Counts { all: 2, bad: 1, again: 0 });
        window.at(14).again += 1;
        assert_eq!(window.until(14), Counts { all: 0, bad: 0, again: 1 });
        assert_eq!(window.until(1_000), Counts::default());
    }
}
