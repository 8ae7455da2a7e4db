//! What is done once with every operation, in an order in which it works.

mod jobs;
mod messenger;
mod people;
mod tasks;

use serde_json::Value;

/// One request. `{id}` in its path stands for the id of what was made last, `{me}` and
/// `{user_id}` there and in its body for Anna's and Ben's.
#[derive(Clone)]
pub struct Call {
    pub who: Who,
    pub method: &'static str,
    pub path: &'static str,
    pub body: Value,
    pub with: &'static [(&'static str, &'static str)],
}

impl Call {
    /// The same with these headers.
    fn with(self, with: &'static [(&'static str, &'static str)]) -> Self {
        Self { with, ..self }
    }
}

#[derive(Clone, Copy)]
pub enum Who {
    Nobody,
    Anna,
}

const fn call(who: Who, method: &'static str, path: &'static str, body: Value) -> Call {
    Call { who, method, path, body, with: &[] }
}

/// All of it.
pub fn script() -> Vec<Call> {
    [people::coming(), tasks::all(), messenger::all(), jobs::all(), people::going()].concat()
}
