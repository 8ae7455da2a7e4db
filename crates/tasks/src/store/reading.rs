//! Lists, each with the index that serves it.

use db::{FromRow, Row, Sql, sql};
use types::{Result, TaskId, UserId};

use super::SqlTasks;
use crate::filter::{Filter, Order};
use crate::mark::{Degree, Mark, PLACE, Wanted};
use crate::order::{self, Place};
use crate::task::Task;

impl SqlTasks {
    pub(super) async fn listed(&self, owner: UserId, filter: &Filter) -> Result<Vec<Task>> {
        let Filter { completed, limit, .. } = *filter;
        match (filter.marks().split_first(), &filter.order, completed) {
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

    /// In the person's order.
    pub(super) async fn ordered(
        &self,
        owner: UserId,
        completed: Option<bool>,
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<Task>> {
        let list = sql!(
            "select t.id, t.title, t.note, t.completed, t.position, t.version, t.created_at, t.updated_at, t.details \
             from picked cross join tasks t \
             where t.owner_id = ? and t.gone = 0 and t.id = picked.id and t.deleted_at is null \
             order by t.position, t.id",
            owner
        );
        Ok(self.db.scan(list.with("picked", placed(owner, completed, after, limit))).await?)
    }

    /// The same without what is in the rows.
    pub(super) async fn places_after(
        &self,
        owner: UserId,
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<Place>> {
        Ok(self.db.scan(placed(owner, None, after, limit)).await?)
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
        let name = match filter.completed {
            Some(completed) => Mark::of_those(&first.name, completed),
            None => first.name.clone(),
        };
        let (is, from, upto) = bounds(first.degree);
        let Ordering { sorting, page, shown, before, position, due, priority } = Ordering::of(filter);

        let mut picked =
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
        for Wanted { name, degree } in rest {
            let (is, from, upto) = bounds(*degree);
            picked = picked
                .push(" and exists (select 1 from task_marks o where o.owner_id = m.owner_id and o.id = m.id and o.mark = ?")
                .bind(name.as_str())
                .opt(" and o.degree = ?", is)
                .opt(" and o.degree >= ?", from)
                .opt(" and o.degree < ?", upto)
                .push(")");
        }
        let picked = picked.push(sorting).opt(" limit ?", page);
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

/// Two ranges, each read no further than a page: of tasks that stand where they were made, which is by their ids, and of
/// those that were dragged. Only the few dragged ones may be read further for those done, or to do, among them.
fn placed(owner: UserId, completed: Option<bool>, after: Option<Place>, limit: i64) -> Sql {
    let (position, id) = (after.map(|place| place.position), after.map(|place| place.id));
    let undragged = sql!(
        "select position, id from (select position, id from tasks \
         where owner_id = ? and gone = 0 and deleted_at is null and position = id * ?",
        owner,
        order::STEP
    )
    .opt(" and completed = ?", completed)
    .opt(" and id >= ?", position.map(order::first_at))
    .opt(" and (position > ?", position)
    .opt(" or position = ?", position)
    .opt(" and id > ?)", id)
    .push(" order by id limit ?")
    .bind(limit);
    let dragged = undragged
        .push(
            ") undragged union all select position, id from (select m.degree as position, m.id from task_marks m \
             where m.owner_id = ? and m.mark = ?",
        )
        .bind(owner)
        .bind(PLACE)
        .opt(
            " and exists (select 1 from tasks t where t.owner_id = m.owner_id and t.gone = 0 and t.id = m.id and t.completed = ?)",
            completed,
        )
        .opt(" and m.degree >= ?", position)
        .opt(" and (m.degree > ?", position)
        .opt(" or m.id > ?)", id)
        .push(" order by m.degree, m.id limit ?")
        .bind(limit);
    dragged.push(") dragged order by position, id limit ?").bind(limit)
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

impl FromRow for Place {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self { position: row.get(0)?, id: row.get(1)? })
    }
}
