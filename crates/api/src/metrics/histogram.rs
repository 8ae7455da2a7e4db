//! A histogram that many threads can fill at once.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde::Serialize;

/// Counts values by size. Cheap to clone; every clone counts into the same buckets.
#[derive(Clone, Debug)]
pub struct Histogram {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    bounds: Vec<f64>,
    counts: Vec<AtomicU64>,
    /// The bits of an `f64`.
    sum: AtomicU64,
}

/// What a histogram held at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// How many values were counted.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// Upper bounds, and how many values were not above each but above the one before; the last is infinite.
    pub buckets: Vec<(f64, u64)>,
}

impl Histogram {
    /// A histogram with these upper bounds, in ascending order.
    pub(super) fn new(bounds: &[f64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self {
            inner: Arc::new(Inner {
                bounds: bounds.to_vec(),
                counts,
                sum: AtomicU64::new(0.0_f64.to_bits()),
            }),
        }
    }

    /// Counts one value.
    pub fn observe(&self, value: f64) {
        let bucket = self.inner.bounds.partition_point(|&bound| bound < value);
        self.inner.counts[bucket].fetch_add(1, Ordering::Relaxed);
        let add = |bits| Some((f64::from_bits(bits) + value).to_bits());
        // The closure always has an answer, so this cannot fail.
        let _ = self.inner.sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// What has been counted so far.
    pub(super) fn read(&self) -> Distribution {
        let bounds = self.inner.bounds.iter().copied().chain([f64::INFINITY]);
        let counts = self.inner.counts.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<_> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|&(_, count)| count).sum();
        Distribution { count, sum: f64::from_bits(self.inner.sum.load(Ordering::Relaxed)), buckets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_falls_into_the_first_bucket_that_holds_it() {
        let sizes = Histogram::new(&[1.0, 10.0]);
        for value in [0.5, 1.0, 1.5, 100.0] {
            sizes.clone().observe(value);
        }
        let read = sizes.read();
        assert_eq!(read.buckets, [(1.0, 2), (10.0, 1), (f64::INFINITY, 1)]);
        assert_eq!(read.count, 4);
        assert!((read.sum - 103.0).abs() < 1e-9);
    }
}
