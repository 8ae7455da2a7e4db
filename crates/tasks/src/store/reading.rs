//! Lists, each with the index that serves it.

use db::sql;
use types::{Result, TaskId, UserId};

use super::SqlTasks;
use crate::order::Place;
use crate::service::{Filter, Order};
use crate::task::Task;

const NEWEST: &str = " order by t.id desc";
const DRAGGED: &str = " order by t.position, t.id";

impl SqlTasks {
    pub(super) async fn listed(&self, owner: UserId, filter: &Filter) -> Result<Vec<Task>> {
        let Filter { completed, limit, .. } = *filter;
        match (filter.marks(), &filter.order, completed) {
            (marks, ..) if !marks.is_empty() => self.marked(owner, &marks, filter).await,
            (_, Order::Position { after }, _) => self.ordered(owner, completed, *after, limit).await,
            (_, Order::Newest { before }, None) => self.all_newest(owner, *before, limit).await,
            (_, Order::Newest { before }, Some(completed)) => {
                self.completed_newest(owner, completed, *before, limit).await
            }
        }
    }

    async fn all_newest(&self, owner: UserId, before: Option<TaskId>, limit: i64) -> Result<Vec<Task>> {
        let list = sql!(
            "select id, title, note, completed, priority, due_on, due_at, due_zone, labels, parent_id, list_id, position, \
             version, created_at, updated_at from tasks where owner_id = ? and gone = 0 and deleted_at is null",
            owner
        )
        .opt(" and id < ?", before)
        .push(" order by id desc limit ?")
        .bind(limit);
        Ok(self.db.all(list).await?)
    }

    /// The few that are wanted are found in the index before their rows are looked at: a range of the table alone
    /// would be read to its end for the last completed one among millions. `cross` keeps the order of the two.
    async fn completed_newest(
        &self,
        owner: UserId,
        completed: bool,
        before: Option<TaskId>,
        limit: i64,
    ) -> Result<Vec<Task>> {
        let picked =
            sql!("select id from tasks where owner_id = ? and gone = 0 and completed = ?", owner, completed)
                .opt(" and id < ?", before)
                .push(" order by id desc limit ?")
                .bind(limit);
        let list = sql!(
            "select t.id, t.title, t.note, t.completed, t.priority, t.due_on, t.due_at, t.due_zone, t.labels, t.parent_id, \
             t.list_id, t.position, t.version, t.created_at, t.updated_at from picked cross join tasks t \
             where t.owner_id = ? and t.gone = 0 and t.id = picked.id and t.deleted_at is null order by t.id desc",
            owner
        );
        Ok(self.db.all(list.with("picked", picked)).await?)
    }

    /// In the person's order; it may be read far for the few that are done, or are not.
    pub(super) async fn ordered(
        &self,
        owner: UserId,
        completed: Option<bool>,
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<Task>> {
        let position = after.map(|place| place.position);
        let list = sql!(
            "select id, title, note, completed, priority, due_on, due_at, due_zone, labels, parent_id, list_id, position, \
             version, created_at, updated_at from tasks where owner_id = ? and gone = 0 and deleted_at is null",
            owner
        )
        .opt(" and completed = ?", completed)
        .opt(" and position >= ?", position)
        .opt(" and (position > ?", position)
        .opt(" or id > ?)", after.map(|place| place.id))
        .push(" order by position, id limit ?")
        .bind(limit);
        Ok(self.db.scan(list).await?)
    }

    /// Of those that have all of these marks. Where nothing more is asked of the newest, no more than a page is picked.
    async fn marked(&self, owner: UserId, marks: &[String], filter: &Filter) -> Result<Vec<Task>> {
        let Filter { completed, order, limit, .. } = *filter;
        let (before, after, sorting) = match order {
            Order::Newest { before } => (before, None, NEWEST),
            Order::Position { after } => (None, after, DRAGGED),
        };
        let page = (completed.is_none() && sorting == NEWEST).then_some(limit);
        let position = after.map(|place| place.position);
        let (first, rest) = marks.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));

        let mut picked =
            sql!("select m.id from task_marks m where m.owner_id = ? and m.mark = ?", owner, first)
                .opt(" and m.id < ?", before);
        for mark in rest {
            picked = picked
                .push(" and exists (select 1 from task_marks o where o.owner_id = m.owner_id and o.mark = ? and o.id = m.id)")
                .bind(mark.as_str());
        }
        let picked = picked.opt(" order by m.id desc limit ?", page);
        let list = sql!(
            "select t.id, t.title, t.note, t.completed, t.priority, t.due_on, t.due_at, t.due_zone, t.labels, t.parent_id, \
             t.list_id, t.position, t.version, t.created_at, t.updated_at from picked cross join tasks t \
             where t.owner_id = ? and t.gone = 0 and t.id = picked.id and t.deleted_at is null",
            owner
        )
        .opt(" and t.completed = ?", completed)
        .opt(" and t.position >= ?", position)
        .opt(" and (t.position > ?", position)
        .opt(" or t.id > ?)", after.map(|place| place.id))
        .push(sorting)
        .push(" limit ?")
        .bind(limit);
        Ok(self.db.scan(list.with("picked", picked)).await?)
    }
}
