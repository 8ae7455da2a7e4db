//! What a task may be a part of, and in which list it may be.

use types::{Caller, Error, ListId, Result, TaskId, Text};

use super::{Filter, Tasks};
use crate::details::Details;

const NO_SUCH_LIST: Text = Text {
    code: "no_such_list",
    en: "you have no such list",
    uk: "у вас немає такого списку",
    ru: "у вас нет такого списка",
};
const NO_SUCH_PARENT: Text = Text {
    code: "no_such_task",
    en: "there is no such task for this to be a part of",
    uk: "немає такого завдання, щоб це стало його частиною",
    ru: "нет такой задачи, чтобы эта стала её частью",
};
const ONE_LEVEL: Text = Text {
    code: "one_level",
    en: "a part of a task has no parts of its own",
    uk: "частина завдання не має власних частин",
    ru: "у части задачи нет своих частей",
};

impl Tasks {
    /// Whether the task, or one to be, may be a part of that one and in that list. Most have neither, and nothing is
    /// read for them.
    pub(super) async fn may_stand(
        &self,
        caller: &Caller,
        task: Option<TaskId>,
        parent: Option<TaskId>,
        list: Option<ListId>,
    ) -> Result<()> {
        if let Some(parent) = parent {
            self.may_be_part(caller, task, parent).await?;
        }
        let Some(list) = list else { return Ok(()) };
        let known = self.lists.find(caller.user, list).await?.is_some();
        if known { Ok(()) } else { Err(Error::invalid("list_id", NO_SUCH_LIST)) }
    }

    /// What a deleted task comes back with: its list or its whole may be gone by now.
    pub(super) async fn still_standing(
        &self,
        caller: &Caller,
        details: Option<&Details>,
    ) -> Result<Option<Box<Details>>> {
        let Some(mut details) = details.cloned() else { return Ok(None) };
        if let Some(list) = details.list_id
            && self.lists.find(caller.user, list).await?.is_none()
        {
            details.list_id = None;
        }
        if let Some(parent) = details.parent_id
            && self.store.find(caller.user, parent).await?.is_none_or(|whole| whole.parent().is_some())
        {
            details.parent_id = None;
        }
        Ok(details.kept())
    }

    async fn may_be_part(&self, caller: &Caller, task: Option<TaskId>, parent: TaskId) -> Result<()> {
        let found = self.store.find(caller.user, parent).await?;
        let found = found.ok_or_else(|| Error::invalid("parent_id", NO_SUCH_PARENT))?;
        if found.parent().is_some() || task == Some(parent) {
            return Err(Error::invalid("parent_id", ONE_LEVEL));
        }
        let Some(task) = task else { return Ok(()) };
        let parts = Filter { parent: Some(task), limit: 1, ..Filter::default() };
        let is_whole = self.store.list(caller.user, &parts).await?.is_empty();
        if is_whole { Ok(()) } else { Err(Error::invalid("parent_id", ONE_LEVEL)) }
    }
}
