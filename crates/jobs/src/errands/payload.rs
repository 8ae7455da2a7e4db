//! What is wrong with a payload: its fields are named as whoever put the job wrote them.

use api::texts::{UNKNOWN_FIELD, WRONG_TYPE};
use serde_json::Value;
use types::check::REQUIRED;
use types::{FieldError, Phrase};

/// A payload that is looked at.
pub struct Payload<'v> {
    value: &'v Value,
    wrong: Vec<FieldError>,
}

impl<'v> Payload<'v> {
    /// This one, which may have these fields.
    pub fn of(value: &'v Value, known: &[&str]) -> Self {
        let names = value.as_object().into_iter().flat_map(|object| object.keys());
        let unknown = names.filter(|name| !known.contains(&name.as_str()));
        let wrong = unknown.map(|name| FieldError::new(field(name), UNKNOWN_FIELD)).collect();
        Self { value, wrong }
    }

    /// A field that is text, and has to be there.
    pub fn text(&mut self, name: &str, judge: impl FnOnce(&'v str) -> Result<(), Phrase>) {
        if self.value.get(name).is_none_or(Value::is_null) {
            self.refuse(name, REQUIRED);
        }
        self.optional_text(name, judge);
    }

    /// A field that is text, if it is there.
    pub fn optional_text(&mut self, name: &str, judge: impl FnOnce(&'v str) -> Result<(), Phrase>) {
        match self.value.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => {
                if let Err(why) = judge(text) {
                    self.refuse(name, why);
                }
            }
            Some(_) => self.refuse(name, WRONG_TYPE.with([&"expected a string"])),
        }
    }

    /// Notes that a field is wrong.
    pub fn refuse(&mut self, name: &str, why: impl Into<Phrase>) {
        self.wrong.push(FieldError::new(field(name), why));
    }

    /// All that is wrong.
    pub fn wrong(self) -> Vec<FieldError> {
        self.wrong
    }
}

fn field(name: &str) -> String {
    format!("payload.{name}")
}
