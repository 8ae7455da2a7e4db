//! How a rule says what it found.

use std::fmt::Write as _;
use std::io::Write as _;

/// One place that breaks a rule, with what to do there.
pub struct Offence(String);

/// The offence at a line of a file.
pub fn at(path: &str, line: usize, advice: impl AsRef<str>) -> Offence {
    Offence(format!("{path}:{line} {}", advice.as_ref()))
}

/// Passes when nothing was found, and lists everything otherwise.
#[track_caller]
pub fn nothing(offences: impl IntoIterator<Item = Offence>) {
    let mut list = String::new();
    let mut count = 0;
    for Offence(text) in offences {
        count += 1;
        writeln!(list, "  {text}").unwrap();
    }
    assert!(count == 0, "{count} to mend:\n{list}");
}

/// Prints a figure past the harness, which keeps what a passing test prints to itself.
pub fn tell(figure: &str) {
    writeln!(std::io::stderr(), "house: {figure}").ok();
}
