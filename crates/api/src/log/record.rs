//! A record becoming a line.

use std::{
    error::Error,
    fmt::{self, Arguments, Write as _},
    time::SystemTime,
};

use tracing::{
    Level,
    field::{Field, Visit},
};

use super::{Format, escape::Escaped, stamp::Stamp};

/// Lines longer than this give their memory back afterwards.
const KEPT_BYTES: usize = 64 * 1024;

/// The buffers in which one thread forms its lines, one after another.
#[derive(Debug, Default)]
pub(super) struct Record {
    stamp: Stamp,
    line: String,
    /// Fields wait here, because the message belongs before them and may come after.
    fields: String,
}

impl Record {
    /// Begins a new line.
    pub(super) fn begin(&mut self, format: Format, now: SystemTime, level: Level) -> Fields<'_> {
        for buffer in [&mut self.line, &mut self.fields] {
            buffer.clear();
            buffer.shrink_to(KEPT_BYTES);
        }
        let (open, between) = match format {
            Format::Text => ("time: ", "\tlevel: "),
            Format::Json => (r#"{"time":""#, r#"","level":""#),
        };
        self.line.push_str(open);
        self.stamp.write(now, &mut self.line);
        self.line.push_str(between);
        self.line.push_str(name(level));
        if format == Format::Json {
            self.line.push('"');
        }
        Fields { format, record: self }
    }
}

/// A line that has been begun; fields are added to it in order.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    format: Format,
    record: &'a mut Record,
}

impl<'a> Fields<'a> {
    /// Adds text that is formatted first, escaped.
    pub(super) fn text(&mut self, key: &str, value: Arguments<'_>) {
        // Writing to a string cannot fail; a `Debug` that does has written what it could.
        self.quoted(key, |escaped| _ = escaped.write_fmt(value));
    }

    /// Adds text as it is, escaped. Most fields are such, and formatting them would cost twice as much.
    fn word(&mut self, key: &str, value: &str) {
        self.quoted(key, |escaped| _ = escaped.write_str(value));
    }

    fn quoted(&mut self, key: &str, write: impl FnOnce(&mut Escaped<'_>)) {
        let format = self.format;
        let line = self.key(key);
        if format == Format::Json {
            line.push('"');
        }
        write(&mut Escaped::new(line, format));
        if format == Format::Json {
            line.push('"');
        }
    }

    /// Adds a number or a flag, which needs neither quotes nor escapes.
    pub(super) fn plain(&mut self, key: &str, value: Arguments<'_>) {
        let _ = self.key(key).write_fmt(value);
    }

    /// Ends the line and gives it, newline included.
    pub(super) fn end(self) -> &'a [u8] {
        let Record { line, fields, .. } = self.record;
        line.push_str(fields);
        line.push_str(match self.format {
            Format::Text => "\n",
            Format::Json => "}\n",
        });
        line.as_bytes()
    }

    fn key(&mut self, key: &str) -> &mut String {
        let key = key.strip_prefix("r#").unwrap_or(key);
        let line = if key == "message" { &mut self.record.line } else { &mut self.record.fields };
        match self.format {
            Format::Text => {
                line.push('\t');
                line.push_str(key);
                line.push_str(": ");
            }
            Format::Json => {
                line.push_str(",\"");
                line.push_str(key);
                line.push_str("\":");
            }
        }
        line
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field.name(), format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.word(field.name(), value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field.name(), format_args!("{}", Chain(value)));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field.name(), format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field.name(), format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field.name(), format_args!("{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no word for infinity.
        if value.is_finite() {
            self.plain(field.name(), format_args!("{value}"));
        } else {
            self.text(field.name(), format_args!("{value}"));
        }
    }
}

/// An error with everything that caused it.
struct Chain<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}
