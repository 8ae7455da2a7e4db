//! Words in the database.

use std::collections::HashMap;

use db::{Along, Batch, Companion, Db, Rows, Step, Value, sized, sql};
use types::{Error, Result, TaskId, UserId};

/// Words in the tables `task_words` and `task_texts`.
pub struct SqlWords {
    db: Db,
}

/// What a task says.
pub struct Text {
    /// In which version of it.
    pub version: i64,
    /// Its title.
    pub title: String,
    /// Its note.
    pub note: Option<String>,
}

/// The words that are kept of a task.
pub struct Known {
    /// Of which version of it.
    pub version: i64,
    /// With spaces between.
    pub words: String,
}

/// What there is to write for a task.
pub struct Edit {
    /// Whose.
    pub owner: UserId,
    /// Which.
    pub id: TaskId,
    /// The version whose words are there.
    pub seen: Option<i64>,
    /// The version whose words it will be, and the words; nothing when the task is gone.
    pub now: Option<(i64, String)>,
    /// Words that are no more.
    pub less: Vec<String>,
    /// Words that are new.
    pub more: Vec<String>,
}

impl SqlWords {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// What these tasks say, those that are not deleted; a hundred at the most.
    pub async fn texts(&self, owner: UserId, ids: &[TaskId]) -> Result<HashMap<TaskId, Text>> {
        let texts = sql!(
            "select id, version, title, note from tasks \
             where owner_id = ? and gone = 0 and deleted_at is null and id in ",
            owner
        );
        let texts: Vec<(TaskId, i64, String, Option<String>)> =
            self.db.all(texts.within(ids.iter().copied())).await?;
        Ok(texts.into_iter().map(|(id, version, title, note)| (id, Text { version, title, note })).collect())
    }

    /// The words that are kept of these tasks; a hundred at the most.
    pub async fn known(&self, owner: UserId, ids: &[TaskId]) -> Result<HashMap<TaskId, Known>> {
        let known = sql!("select id, version, words from task_texts where owner_id = ? and id in ", owner);
        let known: Vec<(TaskId, i64, String)> = self.db.all(known.within(ids.iter().copied())).await?;
        Ok(known.into_iter().map(|(id, version, words)| (id, Known { version, words })).collect())
    }

    /// Writes them, unless somebody else did meanwhile.
    pub async fn write(&self, edits: Vec<Edit>, along: Along) -> Result<()> {
        let (mut batch, mut texts, mut words) = (Batch::new(), Vec::new(), Vec::new());
        for Edit { owner, id, seen, now, less, more } in edits {
            batch = match (seen, now) {
                (None, Some((version, all))) => {
                    texts.push(vec![owner.into(), id.into(), version.into(), all.into()]);
                    batch
                }
                (Some(seen), Some((version, all))) => batch.one(sql!(
                    "update task_texts set version = ?, words = ? where owner_id = ? and id = ? and version = ?",
                    version,
                    all,
                    owner,
                    id,
                    seen
                )),
                (Some(seen), None) => batch.one(sql!(
                    "delete from task_texts where owner_id = ? and id = ? and version = ?",
                    owner,
                    id,
                    seen
                )),
                (None, None) => batch,
            };
            for part in sized(less) {
                let part = part.into_iter().map(String::into_bytes);
                let unword =
                    sql!("delete from task_words where owner_id = ? and id = ? and word in ", owner, id);
                batch = batch.any(unword.within(part));
            }
            words.extend(more.into_iter().map(|word| row(owner, word, id)));
        }
        // In the order of the table: neighbours are written together.
        words.sort_by(|(one, _), (other, _)| one.cmp(other));
        let words = words.into_iter().map(|(_, row)| row).collect();
        let batch = batch
            .bulk("insert into task_texts (owner_id, id, version, words) values", texts)
            .bulk("insert into task_words (owner_id, word, id) values", words);
        match self.db.write(batch.along(along)).await {
            // Another process was quicker with a task's first words.
            Err(db::Error::Constraint(_)) => Err(Error::Stale),
            other => Ok(other?),
        }
    }

    /// How far the walk has come; nothing when it is over.
    pub async fn walked(&self) -> Result<Option<(UserId, i64)>> {
        let walked = sql!("select owner_id, id from task_walks where name = 'words' and done = 0");
        Ok(self.db.first(walked).await?)
    }

    /// The owner's tasks after this one, a hundred at the most.
    pub async fn tasks_after(&self, owner: UserId, after: i64, limit: usize) -> Result<Vec<TaskId>> {
        let tasks = sql!(
            "select id from tasks where owner_id = ? and gone = 0 and deleted_at is null and id > ? order by id limit ?",
            owner,
            after,
            i64::try_from(limit).unwrap_or(0)
        );
        Ok(self.db.all(tasks).await?)
    }

    /// Who comes after this owner.
    pub async fn owner_after(&self, owner: UserId) -> Result<Option<UserId>> {
        let next = sql!("select owner_id from tasks where owner_id > ? order by owner_id limit 1", owner);
        Ok(self.db.first(next).await?)
    }
}

/// A step of the walk over the tasks that were there before; it is over when it leads nowhere.
#[derive(Debug)]
pub struct Stride {
    /// The last task that was seen.
    pub from: (UserId, i64),
    /// The last one that will have been.
    pub to: Option<(UserId, i64)>,
}

impl Companion for Stride {
    fn steps(&self) -> Vec<Step> {
        let ((owner, id), (to_owner, to)) = (self.from, self.to.unwrap_or(self.from));
        let walk = sql!(
            "update task_walks set owner_id = ?, id = ?, done = ? \
             where name = 'words' and done = 0 and owner_id = ? and id = ?",
            to_owner,
            to,
            self.to.is_none(),
            owner,
            id
        );
        vec![Step::new(walk, Rows::Exactly(1))]
    }
}

fn row(owner: UserId, word: String, id: TaskId) -> ((UserId, String), Vec<Value>) {
    let row = vec![owner.into(), word.clone().into_bytes().into(), id.into()];
    ((owner, word), row)
}
