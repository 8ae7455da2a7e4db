//! Lists, a page at a time: the same cost at page 1 and page 10,000.

use serde::{Deserialize, Serialize};
use types::{Id, Result};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Failure;
use crate::texts;

/// How many items a page has when nobody says.
const USUAL: i64 = 50;
/// How many it has at the most.
const MOST: i64 = 200;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page out of one row more than was asked for, which only says that there is a next one.
    pub fn of<R: Into<T>, I>(mut rows: Vec<R>, limit: i64, id: impl Fn(&R) -> Id<I>) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| id(last).to_string());
        Self { items: rows.into_iter().map(Into::into).collect(), next }
    }
}

/// Which page is wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many items, 1 to 200; 50 when not given.
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

impl Paging {
    /// How many items the page has.
    pub fn limit(&self) -> Result<i64, Failure> {
        let limit = self.limit.unwrap_or(USUAL);
        let in_range = (1..=MOST).contains(&limit);
        in_range
            .then_some(limit)
            .ok_or_else(|| Failure::bad_request(texts::BAD_QUERY.with([&"limit is 1 to 200"])))
    }

    /// The id behind which the page begins.
    pub fn after<T>(&self) -> Result<Option<Id<T>>, Failure> {
        let cursor = self.cursor.as_deref().map(str::parse).transpose();
        cursor.map_err(|_| {
            Failure::bad_request(texts::BAD_QUERY.with([&"cursor is `next` of the page before"]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::TaskId;

    #[test]
    fn only_a_row_too_many_makes_a_next_page() {
        let page = |rows: i64| Page::<i64>::of((1..=rows).collect(), 2, |row: &i64| TaskId::trusted(*row));
        assert_eq!((page(3).items, page(3).next), (vec![1, 2], Some("2".to_owned())));
        assert_eq!((page(2).items, page(2).next), (vec![1, 2], None));
        assert_eq!((page(0).items, page(0).next), (vec![], None));
    }

    #[test]
    fn a_page_has_bounds() {
        let asked = |limit, cursor: Option<&str>| Paging { limit, cursor: cursor.map(str::to_owned) };
        assert_eq!(asked(None, None).limit().ok(), Some(50));
        assert!(asked(Some(0), None).limit().is_err() && asked(Some(201), None).limit().is_err());
        assert!(asked(None, Some("x")).after::<types::TaskId>().is_err());
    }
}
