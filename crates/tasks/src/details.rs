//! What few tasks have: a priority, a time to be due, labels, a whole they are part of, a list.

use serde::{Deserialize, Serialize};
use types::check::{Checks, line};
use types::{ListId, TaskId, Text, Timestamp};
use utoipa::ToSchema;

use crate::due::Due;
use crate::mark::Mark;

/// Characters of a label.
const LABEL: usize = 50;
/// Labels of a task.
const LABELS: usize = 20;
/// The highest priority; 0 is none.
pub const HIGHEST: i64 = 4;

const BAD_PRIORITY: Text = Text {
    code: "bad_priority",
    en: "a priority is 0 to 4",
    uk: "пріоритет — від 0 до 4",
    ru: "приоритет — от 0 до 4",
};
const TOO_MANY_LABELS: Text = Text {
    code: "too_many_labels",
    en: "a task may have at most {} labels",
    uk: "завдання може мати не більше {} міток",
    ru: "у задачи может быть не больше {} меток",
};

/// All of it, as it is kept and as it is shown; what a task has not got is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TaskDetails)]
pub struct Details {
    /// 1 to 4; left out when there is none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub priority: i64,
    /// The day it is due, as YYYY-MM-DD; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub due_on: Option<String>,
    /// The moment it is due; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, nullable = false)]
    pub due_at: Option<Timestamp>,
    /// The zone in which that moment was meant; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub due_zone: Option<String>,
    /// What it goes by, each once; left out when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The task that it is a part of; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64)]
    pub parent_id: Option<TaskId>,
    /// The list that it is in; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64)]
    pub list_id: Option<ListId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it a reference")]
const fn is_zero(priority: &i64) -> bool {
    *priority == 0
}

impl Details {
    /// As they will be kept; notes whatever cannot be.
    pub fn checked(self, checks: &mut Checks) -> Option<Box<Self>> {
        check_priority(self.priority, checks);
        let due = Due { on: self.due_on, at: self.due_at, zone: self.due_zone }.checked(checks);
        let labels = labels(&self.labels, checks);
        Self { labels, due_on: None, due_at: None, due_zone: None, ..self }.due(due).kept()
    }

    /// The same, due then.
    #[must_use]
    pub fn due(self, Due { on, at, zone }: Due) -> Self {
        Self { due_on: on, due_at: at, due_zone: zone, ..self }
    }

    /// Nothing when there is none of it.
    pub fn kept(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }

    /// By what lists of tasks may ask for it.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        let due = Due::degree(self.due_on.as_deref(), self.due_at).map(Mark::due);
        let priority = (self.priority != 0).then(|| Mark::priority(self.priority));
        let labels = self.labels.iter().map(|label| Mark::label(label));
        labels
            .chain(self.list_id.map(Mark::list))
            .chain(self.parent_id.map(Mark::parent))
            .chain(priority)
            .chain(due)
    }
}

/// Notes a priority that is none.
pub fn check_priority(priority: i64, checks: &mut Checks) {
    if !(0..=HIGHEST).contains(&priority) {
        checks.refuse("priority", BAD_PRIORITY);
    }
}

/// Each once, in the order in which they were written.
pub fn labels(wanted: &[String], checks: &mut Checks) -> Vec<String> {
    if wanted.len() > LABELS {
        checks.refuse("labels", TOO_MANY_LABELS.with([&LABELS]));
        return Vec::new();
    }
    let mut labels: Vec<String> = Vec::new();
    for label in wanted.iter().filter_map(|label| checks.take(line("labels", label, LABEL))) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_written_twice_is_there_once() {
        let mut checks = Checks::default();
        let written = vec![" home ".to_owned(), "дім".into(), "home".into()];
        let kept = Details { labels: written, ..Details::default() }.checked(&mut checks).unwrap();
        assert_eq!(kept.labels, ["home", "дім"]);
    }

    #[test]
    fn what_is_kept_reads_back_and_names_only_what_is_there() {
        let details = Details {
            priority: 2,
            due_on: Some("2027-02-01".into()),
            list_id: Some(ListId::trusted(3)),
            ..Details::default()
        };
        let text = serde_json::to_string(&details).unwrap();
        assert_eq!(text, r#"{"priority":2,"due_on":"2027-02-01","list_id":3}"#);
        assert_eq!(serde_json::from_str::<Details>(&text).unwrap(), details);
        assert_eq!(Details::default().kept(), None);
    }
}
