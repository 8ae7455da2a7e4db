//! What changed since a client last asked, and telling it as it happens. Both are read from the facts of its tasks: who
//! asks nothing costs nothing.

mod live;
pub mod routes;
mod service;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use stream::Fact;
use types::TaskId;

pub use self::service::Changes;

/// Digits of the number of a fact.
const NUMBER: usize = 19;
/// Digits of an id.
const ID: usize = 16;

/// How far a client has come. It is text to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    /// It has been told of everything up to this fact, and of so many tasks of the one that follows.
    Fact {
        /// The number of the fact.
        after: i64,
        /// Tasks of the next one; a fact may be about many.
        within: i64,
    },
    /// It is being told what there is, newest first, because it has nothing yet.
    List {
        /// The number of the last fact before this began: from there it goes on.
        head: i64,
        /// The last task that it was told of, or none yet.
        last: i64,
    },
}

/// Text that is no such place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPlace;

impl Since {
    /// All of this and nothing more.
    pub const fn whole(after: i64) -> Self {
        Self::Fact { after, within: 0 }
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, number, id) = match self {
            Self::Fact { after, within } => (0, after, within),
            Self::List { head, last } => (1, head, last),
        };
        write!(f, "{kind}{number:0NUMBER$}{id:0ID$}")
    }
}

impl FromStr for Since {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        if text.len() != 1 + NUMBER + ID || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAPlace);
        }
        let (kind, numbers) = text.split_at(1);
        let (number, id) = numbers.split_at(NUMBER);
        let number = number.parse().map_err(|_| NotAPlace)?;
        let id = id.parse().map_err(|_| NotAPlace)?;
        match kind {
            "0" => Ok(Self::Fact { after: number, within: id }),
            "1" => Ok(Self::List { head: number, last: id }),
            _ => Err(NotAPlace),
        }
    }
}

/// Whom a fact is about: one task, or many.
#[derive(Deserialize)]
struct About {
    id: Option<TaskId>,
    #[serde(default)]
    ids: Vec<TaskId>,
}

fn about(fact: &Fact) -> Vec<TaskId> {
    // A fact that names none changes none.
    let About { id, ids } = serde_json::from_str(&fact.body).unwrap_or(About { id: None, ids: Vec::new() });
    id.into_iter().chain(ids).collect()
}

/// The tasks that these facts are about, so many at the most: each once, in the order in which they last changed, with the
/// place behind it. Then how far that leads, when it does not lead through all facts.
fn changed(facts: &[Fact], since: (i64, i64), most: usize) -> (Vec<(TaskId, Since)>, Option<Since>) {
    let (mut after, mut within) = since;
    let mut last: HashMap<TaskId, Since> = HashMap::new();
    let mut stopped = None;
    'facts: for fact in facts {
        let ids = about(fact);
        for (at, id) in (1..).zip(&ids).skip(usize::try_from(within).unwrap_or(usize::MAX)) {
            if last.len() == most && !last.contains_key(id) {
                stopped = Some(Since::Fact { after, within: at - 1 });
                break 'facts;
            }
            let is_last = usize::try_from(at).is_ok_and(|at| at == ids.len());
            let place = if is_last { Since::whole(fact.number) } else { Since::Fact { after, within: at } };
            last.insert(*id, place);
        }
        (after, within) = (fact.number, 0);
    }
    let mut changed: Vec<(TaskId, Since)> = last.into_iter().collect();
    changed.sort_unstable_by_key(|(_, place)| *place);
    (changed, stopped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Timestamp;

    fn fact(number: i64, body: &str) -> Fact {
        let (topic, kind) = ("tasks".to_owned(), "changed".to_owned());
        Fact {
            number,
            id: 1,
            topic,
            key: 1,
            kind,
            body: body.to_owned(),
            created_at: Timestamp::default(),
            published_at: Timestamp::default(),
        }
    }

    fn told(facts: &[Fact], since: (i64, i64), most: usize) -> (Vec<(i64, Since)>, Option<Since>) {
        let (changed, stopped) = changed(facts, since, most);
        (changed.into_iter().map(|(id, place)| (id.number(), place)).collect(), stopped)
    }

    #[test]
    fn a_place_reads_back() {
        let most = (1 << 53) - 1;
        for since in
            [Since::whole(0), Since::Fact { after: i64::MAX, within: 7 }, Since::List { head: 9, last: most }]
        {
            assert_eq!(since.to_string().parse(), Ok(since));
        }
        for text in ["", "7", &"9".repeat(36), &"ї".repeat(18), &"0".repeat(37)] {
            assert_eq!(text.parse::<Since>(), Err(NotAPlace), "{text}");
        }
    }

    #[test]
    fn each_task_is_told_once_where_it_last_changed() {
        let facts = [fact(3, r#"{"id":10}"#), fact(5, r#"{"id":20}"#), fact(8, r#"{"id":10}"#)];
        let wanted = vec![(20, Since::whole(5)), (10, Since::whole(8))];
        assert_eq!(told(&facts, (0, 0), 9), (wanted, None));
    }

    #[test]
    fn one_fact_about_many_goes_over_several_answers() {
        let facts = [fact(3, r#"{"ids":[10,20,30]}"#), fact(4, r#"{"id":40}"#)];
        let within = |within| Since::Fact { after: 2, within };
        let first = (vec![(10, within(1)), (20, within(2))], Some(within(2)));
        assert_eq!(told(&facts, (2, 0), 2), first);
        let second = (vec![(30, Since::whole(3)), (40, Since::whole(4))], None);
        assert_eq!(told(&facts, (2, 2), 2), second);
    }

    #[test]
    fn a_fact_that_names_nothing_is_passed() {
        let facts = [fact(3, "{}"), fact(4, "nonsense"), fact(5, r#"{"ids":[]}"#)];
        assert_eq!(told(&facts, (2, 0), 2), (Vec::new(), None));
    }
}
