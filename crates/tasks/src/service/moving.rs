//! Dragging.

use types::facts::tasks::{TaskChanged, TasksChanged};
use types::{Caller, Error, Result, TaskId, Text};

use super::{TRIES, Tasks};
use crate::order::{self, Moved, Place};
use crate::task::Task;

/// How many tasks are moved apart where there is no room between two, in one transaction; few when few are enough.
const WINDOWS: [usize; 3] = [20, 100, 500];
/// Tasks moved in one transaction where even that is not enough.
const AT_ONCE: i64 = 500;

const NO_SUCH_TASK: Text = Text {
    code: "no_such_task",
    en: "there is no such task to put it after",
    uk: "немає такого завдання, щоб поставити після нього",
    ru: "нет такой задачи, чтобы поставить после неё",
};
const ITSELF: Text = Text {
    code: "itself",
    en: "a task cannot stand after itself",
    uk: "завдання не може стояти після самого себе",
    ru: "задача не может стоять после самой себя",
};

impl Tasks {
    /// Puts a task right after another, or before all; writes that one task.
    pub async fn put_after(&self, caller: &Caller, id: TaskId, after: Option<TaskId>) -> Result<Task> {
        if after == Some(id) {
            return Err(Error::invalid("after", ITSELF));
        }
        // Making room takes a try of its own.
        for _ in 0..TRIES * 2 {
            let task = self.find(caller, id).await?;
            let before = self.place_of(caller, after).await?;
            let next = self.store.places(caller.user, before, 1).await?.into_iter().next();
            if next.as_ref().is_some_and(|next| next.id == id) {
                return Ok(task);
            }
            let room = order::between(before.map(|place| place.position), next.map(|next| next.position));
            let Some(position) = room else {
                self.make_room(caller, before).await?;
                continue;
            };
            let now = self.clock.now().max(task.updated_at);
            let moved = Task { position, version: task.version + 1, updated_at: now, ..task.clone() };

            let along = self.telling(&TaskChanged { id, owner: caller.user, version: moved.version })?;
            if self.store.update(caller.user, &task, &moved, along).await? {
                return Ok(moved);
            }
        }
        Err(Error::Stale)
    }

    async fn place_of(&self, caller: &Caller, task: Option<TaskId>) -> Result<Option<Place>> {
        let Some(id) = task else { return Ok(None) };
        let found = self.store.find(caller.user, id).await?;
        found.map(|task| Some(Place::from(&task))).ok_or_else(|| Error::invalid("after", NO_SUCH_TASK))
    }

    /// Moves the tasks behind this place apart, as few as it takes. Whoever comes in between makes it nothing, and the
    /// caller looks again.
    async fn make_room(&self, caller: &Caller, after: Option<Place>) -> Result<()> {
        for window in WINDOWS {
            let limit = i64::try_from(window).unwrap_or(0);
            let places = self.store.places(caller.user, after, limit).await?;
            let from = after.map_or(i64::MIN, |place| place.position);
            if let Some(moved) = order::spread(from, &places, places.len() < window) {
                return self.move_all(caller, &moved).await.map(drop);
            }
        }
        self.step_back(caller, after).await
    }

    /// Moves everything up to this place far to the front, first things first, and so in order at any moment: before the
    /// first there is room without end. Rare: hundreds of tasks were put in this one place.
    async fn step_back(&self, caller: &Caller, upto: Option<Place>) -> Result<()> {
        let mut after = None;
        loop {
            let places = self.store.places(caller.user, after, AT_ONCE).await?;
            let front: Vec<Place> = places.iter().copied().take_while(|place| Some(*place) <= upto).collect();
            let moved = order::step_back(&front).ok_or(Error::Stale)?;
            if moved.is_empty() || !self.move_all(caller, &moved).await? || front.len() < places.len() {
                return Ok(());
            }
            after = front.last().copied();
        }
    }

    async fn move_all(&self, caller: &Caller, moved: &[Moved]) -> Result<bool> {
        let ids = moved.iter().map(|moved| moved.id).collect();
        let along = self.telling(&TasksChanged { ids, owner: caller.user })?;
        self.store.move_all(caller.user, moved, self.clock.now(), along).await
    }
}
