//! Lists of tasks that have words, newest first.

use std::cmp::Reverse;

use db::{Sql, sql};
use types::{Result, TaskId, UserId};

use super::SqlTasks;
use super::reading::bounds;
use crate::filter::{Filter, Found};
use crate::mark::Wanted;
use crate::service::TaskStore;
use crate::task::Task;
use crate::words::has_all;

/// Tasks looked at in one query.
const AT_ONCE: usize = 500;
/// Queries of one search: after so many it says where it goes on, even if it has found nothing yet.
const LOOKS: usize = 20;
/// What fewer tasks have is looked for by itself; what more have is met soon enough among the newest.
const FEW: i64 = 1_000;
/// Tasks read at once.
const READ: usize = 100;
/// Comes after every letter, and in no text.
const END: u8 = 0xff;

impl SqlTasks {
    /// Among those that have the first rare word, or among all when there is none. Words follow their tasks: some that
    /// are picked may be gone by now.
    pub(super) async fn searched(&self, owner: UserId, words: &[String], filter: &Filter) -> Result<Found> {
        if words.is_empty() {
            return Ok(Found::default());
        }
        let page = usize::try_from(filter.limit - 1).unwrap_or(0);
        let (rare, mut before) = (self.rare(owner, words).await?, filter.order.before());
        let mut tasks: Vec<Task> = Vec::new();
        for _ in 0..LOOKS {
            let picked = match rare {
                Some(word) => self.with_word(owner, word, filter, before).await?,
                None => self.with_any(owner, filter, before).await?,
            };
            let good: Vec<TaskId> =
                picked.iter().filter(|(_, text)| has_all(text, words)).map(|(id, _)| *id).collect();
            for part in good.chunks(READ) {
                let mut read = self.find_all(owner, part).await?;
                read.sort_unstable_by_key(|task| Reverse(task.id));
                tasks.append(&mut read);
                if tasks.len() > page {
                    tasks.truncate(page);
                    let next = tasks.last().map(|task| task.id);
                    return Ok(Found { tasks, next });
                }
            }
            before = picked.last().map(|(id, _)| *id);
            if picked.len() < AT_ONCE {
                return Ok(Found { tasks, next: None });
            }
        }
        Ok(Found { tasks, next: before })
    }

    /// The first word that few tasks have.
    async fn rare<'w>(&self, owner: UserId, words: &'w [String]) -> Result<Option<&'w str>> {
        for word in words {
            let (from, upto) = range(word);
            let some = sql!(
                "select count(*) from (select w.id from task_words w \
                 where w.owner_id = ? and w.word >= ? and w.word < ? limit ?) few",
                owner,
                from,
                upto,
                FEW
            );
            if self.db.first::<i64>(some).await? < Some(FEW) {
                return Ok(Some(word));
            }
        }
        Ok(None)
    }

    /// Tasks that have the word, and the words they have. They are picked in the words' own table first: left alone, the
    /// planner would read all texts.
    async fn with_word(
        &self,
        owner: UserId,
        word: &str,
        filter: &Filter,
        before: Option<TaskId>,
    ) -> Result<Vec<(TaskId, String)>> {
        let (from, upto) = range(word);
        let picked = sql!(
            "select distinct x.id from task_words x where x.owner_id = ? and x.word >= ? and x.word < ?",
            owner,
            from,
            upto
        );
        let texts = sql!(
            "select t.id, t.words from picked cross join task_texts t where t.owner_id = ? and t.id = picked.id \
             order by t.id desc",
            owner
        );
        Ok(self.db.scan(texts.with("picked", narrowed(picked, filter, before))).await?)
    }

    /// Any tasks, and the words they have.
    async fn with_any(
        &self,
        owner: UserId,
        filter: &Filter,
        before: Option<TaskId>,
    ) -> Result<Vec<(TaskId, String)>> {
        let texts = sql!("select x.id, x.words from task_texts x where x.owner_id = ?", owner);
        Ok(self.db.scan(narrowed(texts, filter, before)).await?)
    }
}

/// What else the tasks `x.id` must be, the newest first.
fn narrowed(mut sql: Sql, filter: &Filter, before: Option<TaskId>) -> Sql {
    for Wanted { name, degree } in filter.marks() {
        let (is, from, upto) = bounds(degree);
        sql = sql
            .push(" and exists (select 1 from task_marks m where m.owner_id = x.owner_id and m.id = x.id and m.mark = ?")
            .bind(name)
            .opt(" and m.degree = ?", is)
            .opt(" and m.degree >= ?", from)
            .opt(" and m.degree < ?", upto)
            .push(")");
    }
    sql.opt(
        " and exists (select 1 from tasks t where t.owner_id = x.owner_id and t.gone = 0 and t.id = x.id \
         and t.completed = ?)",
        filter.completed,
    )
    .opt(" and x.id < ?", before)
    .push(" order by x.id desc limit ?")
    .bind(i64::try_from(AT_ONCE).unwrap_or(0))
}

/// Everything that begins with this.
fn range(begin: &str) -> (Vec<u8>, Vec<u8>) {
    let from = begin.as_bytes().to_vec();
    let mut upto = from.clone();
    upto.push(END);
    (from, upto)
}
