//! Lists in the person's own order: two ranges, each read no further than a page, of tasks that stand where they were
//! made, which is by their ids, and of those that were dragged. Only the few dragged ones may be read further, for those
//! that are wanted among them.

use db::{FromRow, Row, Sql, sql};
use types::{Result, UserId};

use super::SqlTasks;
use super::reading::bounds;
use crate::mark::{PLACE, Wanted};
use crate::order::{self, Place};
use crate::task::Task;

/// Of these rows of a mark, those of tasks that have the others too.
pub(super) fn having(picked: Sql, others: &[Wanted]) -> Sql {
    others.iter().fold(picked, |picked, Wanted { name, degree }| {
        let (is, from, upto) = bounds(*degree);
        picked
            .push(" and exists (select 1 from task_marks o where o.owner_id = m.owner_id and o.id = m.id and o.mark = ?")
            .bind(name.as_str())
            .opt(" and o.degree = ?", is)
            .opt(" and o.degree >= ?", from)
            .opt(" and o.degree < ?", upto)
            .push(")")
    })
}

/// All tasks, those done, or those to do.
fn of_all(owner: UserId, completed: Option<bool>, after: Option<Place>, limit: i64) -> Sql {
    let (position, id) = (after.map(|place| place.position), after.map(|place| place.id));
    let undragged = sql!(
        "select position, id from (select position, id from tasks \
         where owner_id = ? and gone = 0 and deleted_at is null and position = id * ?",
        owner,
        order::STEP
    )
    .opt(" and completed = ?", completed)
    .opt(" and id >= ?", after.map(order::first_behind))
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

/// Those that have exactly so much of a mark, and all the others. Rows of the mark lie by their ids.
fn of_marked(
    owner: UserId,
    (mark, degree): (&str, i64),
    rest: &[Wanted],
    after: Option<Place>,
    limit: i64,
) -> Sql {
    let (position, id) = (after.map(|place| place.position), after.map(|place| place.id));
    let undragged = sql!(
        "select position, id from (select m.id * ? as position, m.id from task_marks m \
         where m.owner_id = ? and m.mark = ? and m.degree = ? and not exists \
         (select 1 from task_marks p where p.owner_id = m.owner_id and p.id = m.id and p.mark = ?)",
        order::STEP,
        owner,
        mark,
        degree,
        PLACE
    )
    .opt(" and m.id >= ?", after.map(order::first_behind));
    let undragged = having(undragged, rest).push(" order by m.id limit ?").bind(limit);
    let dragged = undragged
        .push(
            ") undragged union all select position, id from (select m.degree as position, m.id from task_marks m \
             where m.owner_id = ? and m.mark = ?",
        )
        .bind(owner)
        .bind(PLACE)
        .push(" and exists (select 1 from task_marks o where o.owner_id = m.owner_id and o.id = m.id and o.mark = ?")
        .bind(mark)
        .push(" and o.degree = ?)")
        .bind(degree)
        .opt(" and m.degree >= ?", position)
        .opt(" and (m.degree > ?", position)
        .opt(" or m.id > ?)", id);
    let dragged = having(dragged, rest).push(" order by m.degree, m.id limit ?").bind(limit);
    dragged.push(") dragged order by position, id limit ?").bind(limit)
}

impl SqlTasks {
    /// In the person's order.
    pub(super) async fn ordered(
        &self,
        owner: UserId,
        completed: Option<bool>,
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<Task>> {
        self.in_places(owner, of_all(owner, completed, after, limit)).await
    }

    /// The same without what is in the rows.
    pub(super) async fn places_after(
        &self,
        owner: UserId,
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<Place>> {
        Ok(self.db.scan(of_all(owner, None, after, limit)).await?)
    }

    /// Those that have exactly so much of a mark, and all the others, in the person's order.
    pub(super) async fn marked_in_order(
        &self,
        owner: UserId,
        mark: (&str, i64),
        rest: &[Wanted],
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<Task>> {
        self.in_places(owner, of_marked(owner, mark, rest, after, limit)).await
    }

    async fn in_places(&self, owner: UserId, picked: Sql) -> Result<Vec<Task>> {
        let list = sql!(
            "select t.id, t.title, t.note, t.completed, t.position, t.version, t.created_at, t.updated_at, t.details \
             from picked cross join tasks t \
             where t.owner_id = ? and t.gone = 0 and t.id = picked.id and t.deleted_at is null \
             order by t.position, t.id",
            owner
        );
        Ok(self.db.scan(list.with("picked", picked)).await?)
    }
}

impl FromRow for Place {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self { position: row.get(0)?, id: row.get(1)? })
    }
}
