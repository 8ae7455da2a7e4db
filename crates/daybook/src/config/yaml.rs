//! Reading `config.yml`.

use serde_yaml_ng::{Error, Mapping, Value};

use super::errors::{Errors, Given, Place};
use super::nearest;
use super::raw::Raw;
use super::table::{Table, join};
use super::url::without_password;

/// Reads the text of the file that the person calls `file`.
pub fn read(text: &str, file: &str, table: &Table, errors: &mut Errors) -> Vec<Given> {
    let mut reader = Reader { file, lines: key_lines(text), table, errors, given: Vec::new() };
    match serde_yaml_ng::from_str(text) {
        Ok(Value::Null) => {}
        Ok(Value::Mapping(mapping)) => reader.group("", &mapping),
        Ok(_) => reader
            .errors
            .push(format!("{file} has no settings in it; write for example `log: {{level: debug}}`")),
        Err(error) => {
            let sentence = reader.malformed(text, &error);
            reader.errors.push(sentence);
        }
    }
    reader.given
}

struct Reader<'a> {
    file: &'a str,
    lines: Vec<(String, usize)>,
    table: &'a Table,
    errors: &'a mut Errors,
    given: Vec<Given>,
}

impl Reader<'_> {
    fn group(&mut self, above: &str, mapping: &Mapping) {
        for (key, value) in mapping {
            let path = join(above, &scalar(key));
            let is_setting = self.table.find(&path).map(|row| row.default.is_some());
            match (is_setting, value) {
                (Some(true), _) => self.setting(path, value),
                (_, Value::Mapping(inner)) if !inner.is_empty() => self.group(&path, inner),
                (Some(false), Value::Null | Value::Mapping(_)) => {}
                (Some(false), _) => self.not_a_group(&path),
                (None, _) => self.unknown(&path),
            }
        }
    }

    fn setting(&mut self, path: String, value: &Value) {
        let Some(raw) = raw(value) else { return };
        // `system.listen: …` at the top is understood as well, so YAML alone cannot see every repetition.
        if self.given.iter().any(|given| given.path == path) {
            let sentence = self.repeated(&path);
            self.errors.push(sentence);
        }
        self.given.push(Given { name: path.clone(), raw, place: self.place(&path), path });
    }

    fn not_a_group(&mut self, path: &str) {
        let inner = self.table.settings().find(|row| row.path.starts_with(&format!("{path}.")));
        let inner = inner.map(|row| &row.path[path.len() + 1..]).unwrap_or_default();
        self.errors.push(format!(
            "`{path}` {} is a group of settings; write for example `{path}: {{{inner}: …}}`",
            self.place(path)
        ));
    }

    fn unknown(&mut self, path: &str) {
        let hint = nearest::hint(path, self.table.rows().iter().map(|row| row.path.as_str()), str::to_owned);
        self.errors.push(format!("unknown setting `{path}` {}; {hint}", self.place(path)));
    }

    fn repeated(&self, path: &str) -> String {
        let lines: Vec<String> =
            self.lines.iter().filter(|(known, _)| known == path).map(|(_, line)| line.to_string()).collect();
        if lines.len() < 2 {
            return format!("`{path}` is set twice {}", self.place(path));
        }
        format!("`{path}` is set twice in {}, lines {}", self.file, lines.join(" and "))
    }

    /// The line of a key; inside `{…}` that of the group around it.
    fn place(&self, path: &str) -> Place {
        let exact = self.lines.iter().find(|(known, _)| known == path);
        let around = || self.lines.iter().rfind(|(known, _)| path.starts_with(&format!("{known}.")));
        Place::File { name: self.file.to_owned(), line: exact.or_else(around).map(|(_, line)| *line) }
    }

    /// One sentence for text that is not YAML.
    fn malformed(&self, text: &str, error: &Error) -> String {
        let message = error.to_string();
        if let Some(path) = duplicate(&message) {
            return self.repeated(&path);
        }
        let file = self.file;
        let Some(line) = error.location().map(|location| location.line()) else {
            return format!("{file} is not readable as YAML: {message}");
        };
        let indent = |line: &str| line.chars().take_while(|c| c.is_whitespace()).collect::<String>();
        if text.lines().nth(line - 1).is_some_and(|line| indent(line).contains('\t')) {
            return format!("{file}, line {line}, is indented with a tab; use spaces");
        }
        // What follows is the same place again, and where the parser began.
        let problem = message.split(" at line ").next().unwrap_or(&message);
        format!("{file}, line {line}, is not readable as YAML: {}", without_password(problem))
    }
}

/// The path in a message such as `tokens: duplicate entry with key "issuer" at line 3 column 3`.
fn duplicate(message: &str) -> Option<String> {
    let (above, rest) = message.split_once("duplicate entry with key \"")?;
    let (key, _) = rest.split_once('"')?;
    Some(join(above.trim_end_matches(": "), key))
}

/// None for null, which means "not set".
fn raw(value: &Value) -> Option<Raw> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Raw::Text(text.clone())),
        Value::Sequence(items) => Some(Raw::List(items.iter().map(scalar).collect())),
        other => Some(Raw::Bare(scalar(other))),
    }
}

/// A value as text, as far as it is simple.
fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Sequence(_) => "[…]".to_owned(),
        Value::Mapping(_) => "{…}".to_owned(),
        Value::Tagged(tagged) => tagged.tag.to_string(),
    }
}

/// The path and line of each key that stands on a line of its own, found by indentation, since the parser keeps no
/// lines. Wrong only for texts of several lines that look like keys, of which settings have none.
fn key_lines(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let content = line.trim_start();
        let Some((key, _)) = content.split_once(':').filter(|_| !content.starts_with(['#', '-'])) else {
            continue;
        };
        let indent = line.len() - content.len();
        open.retain(|(above, _)| *above < indent);
        let above = open.last().map(|(_, path)| path.as_str()).unwrap_or_default();
        let path = join(above, key.trim().trim_matches(['"', '\'']));
        found.push((path.clone(), index + 1));
        open.push((indent, path));
    }
    found
}
