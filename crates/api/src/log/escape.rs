//! Values that cannot break out of their field.

use std::fmt::{self, Write};

use super::Format;

/// The longest value that is written whole: a client chooses the length of a path, but not the size of our log.
const LONGEST_BYTES: usize = 16 * 1024;

/// Writes into `line` whatever is written into it, escaped so that it stays one value on one line.
pub(super) struct Escaped<'a> {
    line: &'a mut String,
    format: Format,
    room: usize,
}

impl<'a> Escaped<'a> {
    pub(super) fn new(line: &'a mut String, format: Format) -> Self {
        Self { line, format, room: LONGEST_BYTES }
    }

    fn escape(&mut self, found: char) {
        match (found, self.format) {
            ('\t', _) => self.line.push_str("\\t"),
            ('\n', _) => self.line.push_str("\\n"),
            ('\r', _) => self.line.push_str("\\r"),
            ('\\', _) => self.line.push_str("\\\\"),
            ('"', _) => self.line.push_str("\\\""),
            (other, Format::Text) => self.line.extend(other.escape_unicode()),
            // Everything that is escaped lies below U+10000, so one `\u` with four digits says it.
            (other, Format::Json) => {
                let _ = write!(self.line, "\\u{:04x}", u32::from(other));
            }
        }
    }

    fn write_escaped(&mut self, value: &str) {
        let mut plain = 0;
        for (at, found) in value.char_indices() {
            if is_plain(found, self.format) {
                continue;
            }
            self.line.push_str(&value[plain..at]);
            self.escape(found);
            plain = at + found.len_utf8();
        }
        self.line.push_str(&value[plain..]);
    }
}

impl Write for Escaped<'_> {
    fn write_str(&mut self, value: &str) -> fmt::Result {
        if self.room == 0 {
            return Ok(());
        }
        let whole = value.len() <= self.room;
        let value = if whole { value } else { &value[..value.floor_char_boundary(self.room)] };
        if is_plain_throughout(value) {
            self.line.push_str(value);
        } else {
            self.write_escaped(value);
        }
        self.room -= value.len();
        if !whole {
            self.room = 0;
            self.line.push('…');
        }
        Ok(())
    }
}

/// Whether nothing is escaped in any format, which most values show at a glance: this looks at many bytes at once.
fn is_plain_throughout(value: &str) -> bool {
    let escaped = |byte: &u8| !matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
    value.bytes().filter(escaped).count() == 0
}

/// Whether a character may stand as it is. Line separators and the marks that turn the direction of writing are not
/// control characters by name, but a reader would be fooled by them all the same.
fn is_plain(found: char, format: Format) -> bool {
    match found {
        '"' => format == Format::Text,
        '\\' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        ' '..='~' => true,
        other => !other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(format: Format, value: &str) -> String {
        let mut line = String::new();
        Escaped::new(&mut line, format).write_str(value).unwrap();
        line
    }

    #[test]
    fn a_value_cannot_begin_a_field_or_a_line() {
        let forged = "x\tlevel: error\r\ntime: now\u{2028}\u{1b}[31m\u{85}\u{7f}";
        let line = escaped(Format::Text, forged);
        assert_eq!(line, r"x\tlevel: error\r\ntime: now\u{2028}\u{1b}[31m\u{85}\u{7f}");
    }

    #[test]
    fn an_escape_cannot_be_mistaken_for_what_it_stands_for() {
        assert_eq!(escaped(Format::Text, r"a\tb"), r"a\\tb");
        assert_eq!(escaped(Format::Text, "say \"Задача\""), "say \"Задача\"");
    }

    #[test]
    fn json_reads_back_as_it_was() {
        let value = "\"q\" \\ \t\r\n \u{0} \u{1b} \u{9f} \u{2028} \u{202e} Задача 🗓";
        let json = format!("\"{}\"", escaped(Format::Json, value));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), value);
    }

    #[test]
    fn a_very_long_value_is_cut_between_characters() {
        let line = escaped(Format::Text, &"ї".repeat(LONGEST_BYTES));
        assert_eq!(line, format!("{}…", "ї".repeat(LONGEST_BYTES / 2)));
        let odd = format!("a{}", "ї".repeat(LONGEST_BYTES));
        assert!(escaped(Format::Text, &odd).ends_with("ї…"));
    }
}
