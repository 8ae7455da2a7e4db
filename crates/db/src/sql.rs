//! Statements: text with `?` for each argument, and the arguments.

use std::borrow::Cow;

use crate::Value;

/// Sizes in which lists are written, so that a handful of texts serve every length and stay prepared.
const SIZES: [usize; 3] = [100, 10, 1];

/// A statement and its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Sql {
    pub(crate) text: Cow<'static, str>,
    pub(crate) args: Vec<Value>,
}

impl Sql {
    /// What [`sql!`](crate::sql) makes, once it has counted the arguments.
    pub const fn new(text: &'static str, args: Vec<Value>) -> Self {
        Self { text: Cow::Borrowed(text), args }
    }

    /// Adds more text.
    #[must_use]
    pub fn push(mut self, more: &str) -> Self {
        self.text.to_mut().push_str(more);
        self
    }

    /// Adds an argument for a `?` that [`push`](Self::push) wrote.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.args.push(value.into());
        self
    }

    /// Adds the fragment and its argument, or nothing for `None`.
    #[must_use]
    pub fn opt(self, fragment: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.push(fragment).bind(value),
            None => self,
        }
    }

    /// Adds `(?, ?, …)` for the values, padded to a size that is used again by repeating the last one. At most 100
    /// values: callers split longer lists. An empty list matches nothing.
    #[must_use]
    pub fn within<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Self {
        let mut values: Vec<Value> = values.into_iter().map(Into::into).collect();
        let Some(last) = values.last().cloned() else { return self.push("(null)") };
        let size = SIZES.into_iter().rev().find(|size| *size >= values.len()).unwrap_or(values.len());
        values.resize(size, last);
        let mut out = self.push("(").push(&list("?", size)).push(")");
        out.args.append(&mut values);
        out
    }

    /// Puts `with NAME as (QUERY)` before the statement: rows picked first, by that name.
    #[must_use]
    pub fn with(self, name: &str, query: Self) -> Self {
        let Self { text, mut args } = query;
        args.extend(self.args);
        Self { text: Cow::Owned(format!("with {name} as ({text}) {}", self.text)), args }
    }

    /// The rows of both queries, one after the other.
    #[must_use]
    pub fn union_all(self, other: Self) -> Self {
        let mut both = self.push(" union all ").push(&other.text);
        both.args.extend(other.args);
        both
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The items in parts of 100, 10 and 1: statements written for these sizes alone stay few, and so stay prepared.
pub fn sized<T>(items: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    let mut items = items.into_iter();
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= items.len())?;
        Some(items.by_ref().take(size).collect())
    })
}

/// `item` so many times, with commas between.
pub(crate) fn list(item: &str, times: usize) -> String {
    vec![item; times].join(", ")
}

/// How many `?` a text has. Texts keep `?` for arguments alone: constants with a question mark are bound.
pub const fn placeholders(text: &str) -> usize {
    let (bytes, mut at, mut found) = (text.as_bytes(), 0, 0);
    while at < bytes.len() {
        if bytes[at] == b'?' {
            found += 1;
        }
        at += 1;
    }
    found
}

/// `sql!("… ? … ?", a, b)`: a statement whose arguments are counted at compile time.
#[macro_export]
macro_rules! sql {
    ($text:literal $(, $arg:expr)* $(,)?) => {{
        const { assert!($crate::placeholders($text) == 0 $(+ { let _ = stringify!($arg); 1 })*, "as many arguments as `?`") };
        $crate::Sql::new($text, vec![$($crate::Value::from($arg)),*])
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_filters_leave_no_trace_when_they_are_not_asked_for() {
        let base = || sql!("select id from t where owner_id = ?", 1);
        assert_eq!(base().opt(" and done = ?", None::<i64>), base());
        let filtered = base().opt(" and done = ?", Some(true));
        assert_eq!(
            (filtered.text(), filtered.args.len()),
            ("select id from t where owner_id = ? and done = ?", 2)
        );
    }

    #[test]
    fn lists_come_in_few_sizes() {
        let within = |n: i64| sql!("select 1 where 1 in ").within(0..n);
        assert_eq!(within(0).text(), "select 1 where 1 in (null)");
        assert_eq!(within(1).args.len(), 1);
        assert_eq!(within(2).args.len(), 10);
        assert_eq!(within(11).args.len(), 100);
        assert_eq!(within(2).args.last(), Some(&Value::Int(1)));
    }
}
