//! Reading a small text file, with a sentence for each way in which that fails.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// What it means when a file is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing: the defaults do.
    IsFine,
    /// Somebody named it, and meant it.
    IsWrong,
}

/// The text of a file, `name` being what the person calls it.
pub fn read(path: &Path, name: &str, missing: Missing) -> Result<Option<String>, String> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound && missing == Missing::IsFine => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(format!("there is no file {name}, which --config names"));
        }
        Err(_) if path.is_dir() => return Err(format!("{name} is a directory; it has to be a file")),
        Err(error) => return Err(format!("{name} cannot be read: {}", error.kind())),
    };
    match String::from_utf8(bytes) {
        // Some editors put a byte order mark first, which would become part of the first key.
        Ok(text) => Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            Err(format!("{name}, line {}, is not UTF-8 text", good.split(|byte| *byte == b'\n').count()))
        }
    }
}
