//! A value as it was written, before its setting parses it.

use super::url::without_password;

/// A value as it was written. It cannot be printed by accident, since it may be a password.
#[derive(Clone)]
pub enum Raw {
    /// Text: of a variable, or a string in YAML.
    Text(String),
    /// What YAML takes for something other than text: a number, a flag, a group. YAML has normalised it (`1.10` is
    /// now `1.1`), so a setting that wants text must not take it.
    Bare(String),
    /// A list in YAML.
    List(Vec<String>),
}

impl Raw {
    /// The one value; none if it is a list.
    pub fn one(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Bare(text) => Some(text.trim()),
            Self::List(_) => None,
        }
    }

    /// The values of a list, which may also be written as one text with commas.
    pub fn items(&self) -> Vec<&str> {
        match self {
            Self::Text(text) | Self::Bare(text) => {
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
            }
            Self::List(items) => items.iter().map(|item| item.trim()).collect(),
        }
    }

    /// How it stands in a YAML file.
    pub fn in_yaml(&self) -> String {
        match self {
            Self::Text(text) if text.is_empty() => "\"\"".to_owned(),
            Self::Text(text) | Self::Bare(text) => text.clone(),
            Self::List(items) => format!("[{}]", items.join(", ")),
        }
    }

    /// Refuses the value as a whole.
    pub fn refuse(&self, expected: &'static str, example: &'static str) -> Refusal {
        let shown = match self {
            Self::Text(text) => quoted(text),
            Self::Bare(text) => text.clone(),
            Self::List(items) => {
                format!(
                    "[{}]",
                    items.iter().map(|item| without_password(item)).collect::<Vec<_>>().join(", ")
                )
            }
        };
        Refusal { shown: vec![shown], expected, example }
    }
}

impl From<&str> for Raw {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<const N: usize> From<[&str; N]> for Raw {
    fn from(items: [&str; N]) -> Self {
        Self::List(items.map(str::to_owned).to_vec())
    }
}

/// Why a setting does not take a value.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    shown: Vec<String>,
    expected: &'static str,
    example: &'static str,
}

impl Refusal {
    /// Refuses some items of a list.
    pub fn of_items(items: &[&str], expected: &'static str, example: &'static str) -> Self {
        Self { shown: items.iter().map(|item| quoted(item)).collect(), expected, example }
    }

    /// What to tell the person: a clause for each bad value.
    pub fn clauses(&self) -> impl Iterator<Item = String> {
        let Self { shown, expected, example } = self;
        shown.iter().map(move |shown| format!("{shown} is not {expected}; write for example {example}"))
    }
}

fn quoted(text: &str) -> String {
    format!("{:?}", without_password(text))
}
