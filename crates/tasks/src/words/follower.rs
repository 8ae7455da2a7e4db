//! Keeps the words up with the tasks, by the facts that tell of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use db::{Along, Db};
use serde::Deserialize;
use stream::{Consumer, Fact};
use types::facts::tasks::TOPIC;
use types::{Error, Result, TaskId, UserId};

use super::store::{Edit, Known, SqlWords, Stride, Text};
use super::{joined, of_task};

/// How many times as long as it worked it rests while more is waiting, and more while others write: writing tasks down
/// comes first.
const REST: u32 = 4;
/// Rows written in one transaction, but for those of its last task. Each lies on a page of its own, and a create that
/// meets them in the writer waits for all: a few milliseconds.
const ROWS: usize = 200;
/// Tasks read at once.
const AT_ONCE: usize = 50;
/// Old tasks of one step: a transaction's.
const WALKED: usize = 25;

/// The tasks that something happened to.
type Touched = BTreeMap<UserId, BTreeSet<TaskId>>;

/// The consumer.
pub struct Words {
    store: SqlWords,
}

impl Words {
    /// In this database.
    pub fn new(db: Db) -> Arc<Self> {
        Arc::new(Self { store: SqlWords::new(db) })
    }

    /// Brings the words of these tasks up to what they are now; what goes along is committed with the last of them.
    async fn index(&self, touched: Touched, along: Along) -> Result<()> {
        let (mut edits, mut rows) = (Vec::new(), 0);
        for (owner, ids) in touched {
            let ids: Vec<TaskId> = ids.into_iter().collect();
            for part in ids.chunks(AT_ONCE) {
                let mut known = self.store.known(owner, part).await?;
                let mut texts = self.store.texts(owner, part).await?;
                for id in part {
                    let Some(edit) = edit(owner, *id, known.remove(id), texts.remove(id)) else { continue };
                    rows += 1 + edit.less.len() + edit.more.len();
                    edits.push(edit);
                    if rows > ROWS {
                        self.store.write(std::mem::take(&mut edits), Along::none()).await?;
                        rows = 0;
                    }
                }
            }
        }
        self.store.write(edits, along).await
    }
}

#[async_trait]
impl Consumer for Words {
    fn group(&self) -> &'static str {
        "tasks.words"
    }

    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn rest(&self) -> u32 {
        REST
    }

    async fn handle(&self, facts: &[Fact], along: Along) -> Result<()> {
        let mut touched = Touched::new();
        for fact in facts {
            touch(fact, &mut touched)?;
        }
        self.index(touched, along).await
    }

    /// The tasks written down before there were words, and those whose facts are gone: from owner to owner.
    async fn catch_up(&self) -> Result<bool> {
        let Some((owner, after)) = self.store.walked().await? else { return Ok(false) };
        let ids = self.store.tasks_after(owner, after, WALKED).await?;
        let to = match ids.last() {
            Some(last) => Some((owner, last.number())),
            None => self.store.owner_after(owner).await?.map(|next| (next, 0)),
        };
        let touched = Touched::from([(owner, ids.into_iter().collect())]);
        self.index(touched, Along::none().with(Stride { from: (owner, after), to })).await?;
        Ok(true)
    }
}

/// What every fact about tasks says: whose, and which.
#[derive(Deserialize)]
struct Told {
    owner: UserId,
    id: Option<TaskId>,
    #[serde(default)]
    ids: Vec<TaskId>,
}

fn touch(fact: &Fact, touched: &mut Touched) -> Result<()> {
    let Told { owner, id, ids } = serde_json::from_str(&fact.body).map_err(|error| {
        Error::internal_by(format!("fact {} does not say which tasks", fact.number), error)
    })?;
    touched.entry(owner).or_default().extend(ids.into_iter().chain(id));
    Ok(())
}

/// What there is to write for a task; nothing when its words are what they were.
fn edit(owner: UserId, id: TaskId, known: Option<Known>, text: Option<Text>) -> Option<Edit> {
    let seen = known.as_ref().map(|known| known.version);
    if text.as_ref().map(|text| text.version) == seen {
        return None;
    }
    let old: BTreeSet<String> =
        known.map(|known| known.words.split_whitespace().map(str::to_owned).collect()).unwrap_or_default();
    let new = text.as_ref().map(|text| of_task(&text.title, text.note.as_deref())).unwrap_or_default();
    if seen.is_some() && text.is_some() && old == new {
        return None;
    }
    Some(Edit {
        owner,
        id,
        seen,
        now: text.map(|text| (text.version, joined(&new))),
        less: old.difference(&new).cloned().collect(),
        more: new.difference(&old).cloned().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: UserId = UserId::trusted(1);

    fn change(known: Option<(i64, &str)>, text: Option<(i64, &str)>) -> Option<Edit> {
        let known = known.map(|(version, words)| Known { version, words: words.to_owned() });
        let text = text.map(|(version, title)| Text { version, title: title.to_owned(), note: None });
        edit(ANNA, TaskId::trusted(7), known, text)
    }

    #[test]
    fn only_the_difference_is_written() {
        assert!(change(None, None).is_none());
        assert!(change(Some((3, "milk")), Some((3, "Milk"))).is_none());
        assert!(change(Some((3, "milk")), Some((4, "MILK!"))).is_none(), "the words are the same");
        let edit = change(Some((3, "bread milk")), Some((4, "Milk, butter"))).unwrap();
        assert_eq!((edit.less, edit.more), (vec!["bread".to_owned()], vec!["butter".to_owned()]));
        assert_eq!((edit.seen, edit.now), (Some(3), Some((4, "butter milk".to_owned()))));
        let gone = change(Some((3, "milk")), None).unwrap();
        assert_eq!((gone.less, gone.more, gone.now), (vec!["milk".to_owned()], Vec::new(), None));
        let wordless = change(None, Some((1, "…"))).unwrap();
        assert_eq!((wordless.more, wordless.now), (Vec::new(), Some((1, String::new()))));
    }
}
