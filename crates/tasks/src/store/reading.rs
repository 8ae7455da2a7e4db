//! Lists, each with the index that serves it.

use db::sql;
use types::{Result, TaskId, UserId};

use super::SqlTasks;
use super::placed::having;
use crate::filter::{Filter, Order};
use crate::mark::{Degree, Mark, Wanted};
use crate::order::Place;
use crate::task::Task;

impl SqlTasks {
    pub(super) async fn listed(&self, owner: UserId, filter: &Filter) -> Result<Vec<Task>> {
        let Filter { completed, limit, .. } = *filter;
        match (filter.marks().split_first(), &filter.order, completed) {
            (Some((Wanted { name, degree: Degree::Is(degree) }, rest)), Order::Position { after }, _) => {
                self.marked_in_order(owner, (&of(name, completed), *degree), rest, *after, limit).await
            }
            (Some((first, rest)), ..) => self.marked(owner, first, rest, filter).await,
            (None, Order::Newest { before }, None) => self.all_newest(owner, *before, limit).await,
            (None, Order::Newest { before }, Some(completed)) => {
                self.completed_newest(owner, completed, *before, limit).await
            }
            (None, order, _) => self.ordered(owner, completed, order.after(), limit).await,
        }
    }

    async fn all_newest(&self, owner: UserId, before: Option<TaskId>, limit: i64) -> Result<Vec<Task>> {
        let list = sql!(
            "select id, title, note, completed, position, version, created_at, updated_at, details from tasks \
             where owner_id = ? and gone = 0 and deleted_at is null",
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
            "select t.id, t.title, t.note, t.completed, t.position, t.version, t.created_at, t.updated_at, t.details \
             from picked cross join tasks t \
             where t.owner_id = ? and t.gone = 0 and t.id = picked.id and t.deleted_at is null order by t.id desc",
            owner
        );
        Ok(self.db.all(list.with("picked", picked)).await?)
    }

    /// Those that have all of these marks: a range of the first one, in which the others are looked for. Those done and
    /// those to do have ranges of their own. No more than a page is picked, except where the order is another one.
    async fn marked(
        &self,
        owner: UserId,
        first: &Wanted,
        rest: &[Wanted],
        filter: &Filter,
    ) -> Result<Vec<Task>> {
        let name = of(&first.name, filter.completed);
        let (is, from, upto) = bounds(first.degree);
        let Ordering { sorting, page, shown, before, position, due, priority } = Ordering::of(filter);

        let picked =
            sql!("select m.id, m.degree from task_marks m where m.owner_id = ? and m.mark = ?", owner, name)
                .opt(" and m.degree = ?", is)
                .opt(" and m.degree >= ?", from)
                .opt(" and m.degree < ?", upto)
                .opt(" and m.id < ?", before)
                .opt(" and m.degree >= ?", due.map(|place| place.position))
                .opt(" and (m.degree > ?", due.map(|place| place.position))
                .opt(" or m.id > ?)", due.map(|place| place.id))
                .opt(" and m.degree <= ?", priority.map(|place| place.position))
                .opt(" and (m.degree < ?", priority.map(|place| place.position))
                .opt(" or m.id < ?)", priority.map(|place| place.id));
        let picked = having(picked, rest).push(sorting).opt(" limit ?", page);
        let list = sql!(
            "select t.id, t.title, t.note, t.completed, t.position, t.version, t.created_at, t.updated_at, t.details \
             from picked cross join tasks t \
             where t.owner_id = ? and t.gone = 0 and t.id = picked.id and t.deleted_at is null",
            owner
        )
        .opt(" and t.position >= ?", position.map(|place| place.position))
        .opt(" and (t.position > ?", position.map(|place| place.position))
        .opt(" or t.id > ?)", position.map(|place| place.id))
        .push(shown)
        .push(" limit ?")
        .bind(filter.limit);
        Ok(self.db.scan(list.with("picked", picked)).await?)
    }
}

/// The mark of those that are wanted.
fn of(name: &str, completed: Option<bool>) -> String {
    completed.map_or_else(|| name.to_owned(), |completed| Mark::of_those(name, completed))
}

/// How the rows of a mark are picked and how the tasks are then shown, and from where on.
#[derive(Default)]
struct Ordering {
    sorting: &'static str,
    shown: &'static str,
    page: Option<i64>,
    before: Option<TaskId>,
    position: Option<Place>,
    due: Option<Place>,
    priority: Option<Place>,
}

impl Ordering {
    fn of(filter: &Filter) -> Self {
        let page = Some(filter.limit);
        match filter.order {
            Order::Newest { before } => Self {
                sorting: " order by m.id desc",
                shown: " order by t.id desc",
                page,
                before,
                ..Self::default()
            },
            Order::Position { after: position } => {
                Self { shown: " order by t.position, t.id", position, ..Self::default() }
            }
            Order::Due { after: due } => Self {
                sorting: " order by m.degree, m.id",
                shown: " order by picked.degree, t.id",
                page,
                due,
                ..Self::default()
            },
            Order::Priority { after: priority } => Self {
                sorting: " order by m.degree desc, m.id desc",
                shown: " order by picked.degree desc, t.id desc",
                page,
                priority,
                ..Self::default()
            },
        }
    }
}

/// The degree that is wanted, or the least, and what is too much.
pub(super) const fn bounds(degree: Degree) -> (Option<i64>, Option<i64>, Option<i64>) {
    match degree {
        Degree::Is(degree) => (Some(degree), None, None),
        Degree::Within(from, upto) => (None, from, upto),
    }
}
