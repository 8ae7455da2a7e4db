//! The mark that an effect leaves in its own transaction, so that it happens once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use db::{Companion, Step};

/// Steps that can happen only once: positions moved from one number to another, a parked fact taken away.
#[derive(Debug)]
pub struct Mark {
    steps: Vec<Step>,
    done: Arc<AtomicBool>,
}

impl Mark {
    /// The mark, and a sign that says whether it has been committed.
    pub fn new(steps: Vec<Step>) -> (Self, Done) {
        let done = Arc::new(AtomicBool::new(false));
        (Self { steps, done: done.clone() }, Done(done))
    }
}

impl Companion for Mark {
    fn steps(&self) -> Vec<Step> {
        self.steps.clone()
    }

    fn committed(&self) {
        self.done.store(true, Ordering::Release);
    }
}

/// Whether a mark has been committed.
#[derive(Debug)]
pub struct Done(Arc<AtomicBool>);

impl Done {
    /// Whether it has.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
