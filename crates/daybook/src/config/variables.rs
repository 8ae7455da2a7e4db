//! `DAYBOOK_…` variables, from `.env` and from the environment.

use std::collections::BTreeMap;

use super::errors::{Errors, Given, Place};
use super::nearest;
use super::raw::Raw;
use super::table::Table;

/// What our variables begin with; all others are somebody else's.
pub const PREFIX: &str = "DAYBOOK_";

/// The file with variables, in the working directory.
pub const FILE: &str = ".env";

/// Variables of the test harness begin with this.
const OF_TESTS: &str = "DAYBOOK_TEST_";

/// Reads the text of `.env`. It is often shared with docker compose, so other programs' variables are welcome.
pub fn read(text: &str, table: &Table, errors: &mut Errors) -> Vec<Given> {
    // dotenvy takes a blank at the very end of a text without a last newline for an unfinished value.
    let text = format!("{text}\n");
    let mut variables = BTreeMap::new();
    for variable in dotenvy::from_read_iter(text.as_bytes()) {
        match variable {
            Ok((name, value)) => _ = variables.insert(name, value),
            // Its own message repeats the line, and with it what may be a password.
            Err(dotenvy::Error::LineParse(bad, _)) => {
                let place = place(line_that_begins(&text, &bad));
                errors
                    .push(format!("no NAME=value {place}; a value with blanks in it needs quotes around it"));
            }
            Err(_) => errors.push(format!("{FILE} cannot be read")),
        }
    }
    look_up(variables, |name| place(line_that_sets(&text, name)), table, errors)
}

/// Finds the settings that variables stand for. `_` both joins and occurs in keys, so names are matched as a whole.
pub fn look_up(
    variables: impl IntoIterator<Item = (String, String)>,
    place: impl Fn(&str) -> Place,
    table: &Table,
    errors: &mut Errors,
) -> Vec<Given> {
    let mut given = Vec::new();
    for (name, value) in variables {
        if value.is_empty() || !name.starts_with(PREFIX) || name.starts_with(OF_TESTS) {
            continue;
        }
        let place = place(&name);
        if value.contains(char::REPLACEMENT_CHARACTER) {
            errors.push(format!("the value of {name} {place} is not UTF-8 text"));
        } else if let Some(row) = table.settings().find(|row| of(&row.path) == name) {
            given.push(Given { name, path: row.path.clone(), raw: Raw::Text(value), place });
        } else {
            let known = table.settings().map(|row| row.path.as_str());
            let hint = nearest::hint(&name[PREFIX.len()..], known, of);
            errors.push(format!("unknown variable `{name}` {place}; {hint}"));
        }
    }
    given
}

/// The variable of a setting: `tokens.access_ttl` is `DAYBOOK_TOKENS_ACCESS_TTL`.
pub fn of(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', "_").to_uppercase())
}

fn place(line: Option<usize>) -> Place {
    Place::File { name: FILE.to_owned(), line }
}

/// The last line that sets a variable: that is the one that counts.
fn line_that_sets(text: &str, name: &str) -> Option<usize> {
    let sets = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    text.lines().enumerate().filter(|(_, line)| sets(line)).last().map(|(index, _)| index + 1)
}

/// dotenvy hands back the text of a bad line (cut off at a comment), or of all lines of an unfinished value.
fn line_that_begins(text: &str, bad: &str) -> Option<usize> {
    let first = bad.lines().next()?;
    let same = text.lines().position(|line| line == first);
    same.or_else(|| text.lines().position(|line| line.starts_with(first))).map(|index| index + 1)
}
