//! `daybook`: see `daybook --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    daybook::cli::run()
}
