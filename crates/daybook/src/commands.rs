//! What each command does. A failure is a sentence, or one a line.

mod check;
mod migrate;
mod orders;
mod serve;

use std::io::Write;

pub use check::check;
pub use migrate::migrate;
pub use orders::{facts, keys, user};
pub use serve::serve;

/// Prints the interface.
pub fn openapi() -> Result<(), String> {
    let text = crate::domains::openapi().to_pretty_json().map_err(|e| e.to_string())?;
    say(&text)
}

/// A line for whoever runs the command.
fn say(line: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{line}").map_err(|e| format!("standard output cannot be written: {e}"))
}

/// Runs a command's future.
fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|e| format!("the runtime cannot start: {e}"))?.block_on(work)
}
