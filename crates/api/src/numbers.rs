//! Numbers like random ones, without asking the system each time.

use std::sync::atomic::{AtomicU64, Ordering};

/// Gives each number once, and none that another process with another seed is likely to give. Not for secrets.
#[derive(Debug)]
pub struct Numbers {
    seed: u64,
    next: AtomicU64,
}

impl Numbers {
    /// From a random number.
    pub const fn new(seed: u64) -> Self {
        Self { seed, next: AtomicU64::new(0) }
    }

    /// The next one.
    pub fn next(&self) -> u64 {
        mix(self.seed.wrapping_add(self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

/// Neighbouring numbers become unlike each other, and stay different (`SplitMix64`'s last step, which is a bijection).
const fn mix(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
