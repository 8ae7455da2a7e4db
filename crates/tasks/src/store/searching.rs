//! Lists of tasks that have words, newest first.

use std::cmp::Reverse;

use db::sql;
use types::{Result, TaskId, UserId};

use super::SqlTasks;
use super::reading::bounds;
use crate::filter::{Filter, Order};
use crate::mark::Wanted;
use crate::service::TaskStore;
use crate::task::Task;

/// Rows read at once.
const AT_ONCE: usize = 100;
/// Comes after every letter, and in no text.
const END: u8 = 0xff;

impl SqlTasks {
    /// Words follow their tasks: some that are picked may be gone by now, and more are picked in their place.
    pub(super) async fn searched(
        &self,
        owner: UserId,
        words: &[String],
        filter: &Filter,
    ) -> Result<Vec<Task>> {
        let Some((first, rest)) = words.split_first() else { return Ok(Vec::new()) };
        let wanted = usize::try_from(filter.limit).unwrap_or(0);
        let mut before = match filter.order {
            Order::Newest { before } => before,
            Order::Position { .. } | Order::Due { .. } | Order::Priority { .. } => None,
        };
        let mut found: Vec<Task> = Vec::new();
        loop {
            let left = wanted - found.len();
            let ids = self.picked(owner, (first, rest), filter, before, left).await?;
            for part in ids.chunks(AT_ONCE) {
                found.extend(self.find_all(owner, part).await?);
            }
            before = ids.last().copied();
            if ids.len() < left || found.len() == wanted {
                break;
            }
        }
        found.sort_unstable_by_key(|task| Reverse(task.id));
        Ok(found)
    }

    /// A range of what begins like the first word, in which are those that the ranges of the others have too.
    async fn picked(
        &self,
        owner: UserId,
        (first, rest): (&str, &[String]),
        filter: &Filter,
        before: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<TaskId>> {
        let (from, upto) = range(first);
        let mut picked = sql!(
            "select distinct w.id from task_words w where w.owner_id = ? and w.word >= ? and w.word < ?",
            owner,
            from,
            upto
        )
        .opt(" and w.id < ?", before);
        for word in rest {
            let (from, upto) = range(word);
            picked = picked
                .push(" and w.id in (select o.id from task_words o where o.owner_id = ? and o.word >= ? and o.word < ?)")
                .bind(owner)
                .bind(from)
                .bind(upto);
        }
        for Wanted { name, degree } in filter.marks() {
            let (is, from, upto) = bounds(degree);
            picked = picked
                .push(" and exists (select 1 from task_marks m where m.owner_id = w.owner_id and m.id = w.id and m.mark = ?")
                .bind(name)
                .opt(" and m.degree = ?", is)
                .opt(" and m.degree >= ?", from)
                .opt(" and m.degree < ?", upto)
                .push(")");
        }
        let picked = picked
            .opt(
                " and exists (select 1 from tasks t where t.owner_id = w.owner_id and t.gone = 0 and t.id = w.id \
                 and t.completed = ?)",
                filter.completed,
            )
            .push(" order by w.id desc limit ?")
            .bind(i64::try_from(limit).unwrap_or(0));
        Ok(self.db.scan(picked).await?)
    }
}

/// Everything that begins with this.
fn range(begin: &str) -> (Vec<u8>, Vec<u8>) {
    let from = begin.as_bytes().to_vec();
    let mut upto = from.clone();
    upto.push(END);
    (from, upto)
}
