//! How many hashes a second do the cores give, with nothing around them?

use std::thread;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use daybook::config::{Config, Sources};
use types::{Clock, SystemClock};

use crate::{Outcome, result};

pub fn run(threads: usize, seconds: Duration) -> Outcome {
    let cost = Config::load(Sources::from_process(None))?.passwords;
    let params = Params::new(u32::try_from(cost.memory >> 10)?, cost.passes, cost.lanes, Some(32))
        .map_err(|e| e.to_string())?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let begun = SystemClock.now();
    let hashing = || {
        let mut memory = vec![Block::default(); argon.params().block_count()];
        let (mut taken, mut output) = (Vec::new(), [0; 32]);
        while SystemClock.now().since(begun) < seconds {
            let started = SystemClock.now();
            let hashed = argon.hash_password_into_with_memory(
                b"correct horse battery",
                b"sixteen bytes of",
                &mut output,
                &mut memory,
            );
            assert!(hashed.is_ok(), "{hashed:?}");
            taken.push(SystemClock.now().since(started));
        }
        taken
    };
    let taken = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(hashing)).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    result(taken, SystemClock.now().since(begun))
}
