//! Where the engines differ. Everything above this crate is written once; what is here is all that is not the same,
//! and a test counts it.

mod schema;
mod tokens;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

pub use schema::{Engine, statements};
use tokens::{Token, tokens};

/// Texts with filters put together at run time are few, but nothing may grow without end.
const REMEMBERED: usize = 4_096;

/// A statement as `PostgreSQL` wants it: `$1`, `$2`, … for `?`; and rows that are picked first are picked once: of a table that
/// was filled a moment ago it knows nothing, and would pick them anew for each row beside them.
pub fn for_postgres(text: &str) -> Arc<str> {
    static KNOWN: OnceLock<RwLock<HashMap<String, Arc<str>>>> = OnceLock::new();
    remembered(KNOWN.get_or_init(RwLock::default), text, |text| {
        let mut number = 0;
        let once = if text.starts_with("with ") {
            text.replacen(" as (", " as materialized (", 1)
        } else {
            text.into()
        };
        let numbered = tokens(&once).map(|token| match token {
            Token::Sign("?") => {
                number += 1;
                Cow::Owned(format!("${number}"))
            }
            other => Cow::Borrowed(other.text()),
        });
        numbered.collect()
    })
}

/// A statement as `MySQL` wants it: `on conflict (k) do update set a = excluded.a` is `on duplicate key update a =
/// values(a)`, and `do nothing` sets the key to itself.
pub fn for_mysql(text: &str) -> Arc<str> {
    static KNOWN: OnceLock<RwLock<HashMap<String, Arc<str>>>> = OnceLock::new();
    remembered(KNOWN.get_or_init(RwLock::default), text, |text| {
        upsert(text).unwrap_or_else(|| text.to_owned())
    })
}

fn remembered(
    known: &RwLock<HashMap<String, Arc<str>>>,
    text: &str,
    make: impl FnOnce(&str) -> String,
) -> Arc<str> {
    if let Some(found) = known.read().unwrap_or_else(PoisonError::into_inner).get(text) {
        return found.clone();
    }
    let fresh: Arc<str> = make(text).into();
    let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() < REMEMBERED {
        known.insert(text.to_owned(), fresh.clone());
    }
    fresh
}

fn upsert(text: &str) -> Option<String> {
    let all: Vec<Token<'_>> = tokens(text).collect();
    let words: Vec<(usize, &str)> =
        all.iter().enumerate().filter(|(_, t)| !t.is_blank()).map(|(i, t)| (i, t.text())).collect();
    let start = words
        .windows(2)
        .position(|w| w[0].1.eq_ignore_ascii_case("on") && w[1].1.eq_ignore_ascii_case("conflict"))?;
    let act = start + words[start..].iter().position(|w| w.1.eq_ignore_ascii_case("do"))?;
    let head: String = all[..words[start].0].iter().map(Token::text).collect();
    let key = words[start..]
        .iter()
        .find(|w| !["on", "conflict", "("].contains(&w.1.to_ascii_lowercase().as_str()))?
        .1;
    if words.get(act + 1)?.1.eq_ignore_ascii_case("nothing") {
        return Some(format!("{head}on duplicate key update {key} = {key}"));
    }
    let mut sets = String::new();
    let mut tail = all[words.get(act + 2)?.0 + 1..].iter();
    while let Some(token) = tail.next() {
        if token.text().eq_ignore_ascii_case("excluded") {
            let column = tail.by_ref().find(|t| !t.is_blank() && t.text() != ".")?;
            sets = format!("{sets}values({})", column.text());
        } else {
            sets.push_str(token.text());
        }
    }
    Some(format!("{head}on duplicate key update {}", sets.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_counts_its_arguments_and_leaves_text_alone() {
        assert_eq!(
            &*for_postgres("a = ? and b = '?' -- ?\n and c in (?, ?)"),
            "a = $1 and b = '?' -- ?\n and c in ($2, $3)"
        );
    }

    #[test]
    fn postgres_picks_once() {
        let picked = "with picked as (select a as (b) from t where c = ?) select 1";
        let wanted = "with picked as materialized (select a as (b) from t where c = $1) select 1";
        assert_eq!(&*for_postgres(picked), wanted);
        assert_eq!(&*for_postgres("select a as (b)"), "select a as (b)");
    }

    #[test]
    fn upserts_are_rewritten_whatever_their_case_and_spaces() {
        let wanted = "insert into t (k, a) values (?, ?) on duplicate key update a = values(a), n = t.n + 1";
        for text in [
            "insert into t (k, a) values (?, ?) on conflict (k) do update set a = excluded.a, n = t.n + 1",
            "insert into t (k, a) values (?, ?) ON  CONFLICT(k)\n DO UPDATE SET a = EXCLUDED . a, n = t.n + 1",
        ] {
            assert_eq!(&*for_mysql(text), wanted);
        }
        assert_eq!(
            &*for_mysql("insert into t (k) values (?) on conflict (k) do nothing"),
            "insert into t (k) values (?) on duplicate key update k = k"
        );
        assert_eq!(&*for_mysql("select 'on conflict do nothing'"), "select 'on conflict do nothing'");
    }
}
