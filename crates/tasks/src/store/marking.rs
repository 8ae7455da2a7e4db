//! The rows of marks, written with the task that has them.

use db::{Batch, Value, sized, sql};
use types::{TaskId, UserId};

use crate::mark::{Mark, PLACE};
use crate::order::{self, Moved};
use crate::task::Task;

/// How marks are written down in numbers.
pub const INSERT: &str = "insert into task_marks (owner_id, mark, degree, id) values";

/// Adds these marks of a task.
pub fn added(batch: Batch, owner: UserId, task: TaskId, marks: &[Mark]) -> Batch {
    if marks.is_empty() { batch } else { batch.bulk(INSERT, values(owner, task, marks)) }
}

/// Takes all of a task's marks, if it has any.
pub fn removed(batch: Batch, owner: UserId, task: TaskId, marks: &[Mark]) -> Batch {
    if marks.is_empty() {
        return batch;
    }
    batch.any(sql!("delete from task_marks where owner_id = ? and id = ?", owner, task))
}

/// Takes all marks of these tasks, a hundred at the most, whether or not they have any.
pub fn removed_all(batch: Batch, owner: UserId, tasks: Vec<TaskId>) -> Batch {
    batch.any(sql!("delete from task_marks where owner_id = ? and id in ", owner).within(tasks))
}

/// Takes the marks that a task has no more, and adds the new ones.
pub fn replaced(mut batch: Batch, owner: UserId, before: &Task, task: &Task) -> Batch {
    let (old, new) = (before.marks(), task.marks());
    let less: Vec<&str> =
        old.iter().filter(|mark| !new.contains(mark)).map(|mark| mark.name.as_str()).collect();
    if !less.is_empty() {
        let unmark =
            sql!("delete from task_marks where owner_id = ? and id = ? and mark in ", owner, task.id);
        batch = batch.any(unmark.within(less));
    }
    let more: Vec<Mark> = new.into_iter().filter(|mark| !old.contains(mark)).collect();
    added(batch, owner, task.id, &more)
}

/// Says of tasks that are moved where they will stand.
pub fn placed(mut batch: Batch, owner: UserId, moved: &[Moved]) -> Batch {
    for part in sized(moved.iter().map(|moved| moved.id).collect()) {
        let unmark = sql!("delete from task_marks where owner_id = ? and mark = ? and id in ", owner, PLACE);
        batch = batch.any(unmark.within(part));
    }
    let dragged = moved.iter().filter(|moved| order::is_dragged(moved.id, moved.to));
    batch.bulk(INSERT, dragged.flat_map(|moved| values(owner, moved.id, &[Mark::place(moved.to)])).collect())
}

/// Rows of marks, in the order of the columns.
pub fn values(owner: UserId, task: TaskId, marks: &[Mark]) -> Vec<Vec<Value>> {
    let row = |mark: &Mark| vec![owner.into(), mark.name.as_str().into(), mark.degree.into(), task.into()];
    marks.iter().map(row).collect()
}
