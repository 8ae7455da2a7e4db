//! Logins in the database.

use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, Rows, UnlessMissed, sql};
use types::{Result, Timestamp, UserId};

use super::login::Login;
use super::service::{Inserted, LoginStore};
use crate::Account;
use crate::accounts::{claimed, insert};

/// Logins in the table `logins`. Cheap to clone.
#[derive(Clone)]
pub struct SqlLogins {
    db: Db,
}

impl SqlLogins {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Writes a new account down with the login that opens it; false when somebody else came first.
    pub async fn welcome(&self, newcomer: &Account, login: &Login, along: Along) -> Result<bool> {
        let batch = Batch::of_one(insert(newcomer, None)).one(insert_login(login)).along(along);
        match self.db.write(batch).await.unless_missed() {
            Err(error) if error.is_constraint("users_email") || error.is_constraint("logins_pkey") => {
                Ok(false)
            }
            written => Ok(written?),
        }
    }

    /// Makes this login all that opens an account that nobody proved anything to; the account is given as it is then.
    /// False when another version of it is there, or the login is somebody's by now.
    pub async fn take_over(
        &self,
        taken: &Account,
        login: &Login,
        now: Timestamp,
        along: Along,
    ) -> Result<bool> {
        // Whatever else is done to an account, proving an address or leaving, makes another version of it.
        let batch = claimed(taken, None, now).one(insert_login(login)).along(along);
        match self.db.write(batch).await.unless_missed() {
            Err(error) if error.is_constraint("logins_pkey") => Ok(false),
            written => Ok(written?),
        }
    }
}

#[async_trait]
impl LoginStore for SqlLogins {
    async fn find(&self, provider: &str, subject: &str) -> Result<Option<Login>> {
        let find = sql!(
            "select provider, subject, user_id, email, created_at from logins where provider = ? and subject = ?",
            provider,
            subject
        );
        Ok(self.db.first(find).await?)
    }

    async fn list(&self, user: UserId) -> Result<Vec<Login>> {
        let list = sql!(
            "select provider, subject, user_id, email, created_at from logins where user_id = ? order by provider",
            user
        );
        Ok(self.db.all(list).await?)
    }

    async fn has_password(&self, user: UserId) -> Result<bool> {
        let count = sql!("select count(*) from users where id = ? and password_hash is not null", user);
        Ok(self.db.first::<i64>(count).await? == Some(1))
    }

    async fn insert(&self, login: &Login, along: Along) -> Result<Inserted> {
        // A person who is deleted meanwhile gets no further login.
        let there =
            sql!("update users set version = version + 1 where id = ? and deleted_at is null", login.user);
        let written = self.db.write(Batch::of_one(there).one(insert_login(login)).along(along)).await;
        match written.unless_missed() {
            Ok(true) => Ok(Inserted::Done),
            Ok(false) => Ok(Inserted::NobodyThere),
            Err(error) if error.is_constraint("logins_pkey") || error.is_constraint("logins_user") => {
                Ok(Inserted::Clashes)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn remove(&self, login: &Login, version: i64, now: Timestamp) -> Result<bool> {
        // The person's row is what two removals at once meet at: the second finds another version and looks again.
        let meet = sql!(
            "update users set version = version + 1, updated_at = ? where id = ? and version = ? and deleted_at is null",
            now,
            login.user,
            version
        );
        let delete = sql!(
            "delete from logins where provider = ? and subject = ? and user_id = ?",
            login.provider.as_str(),
            login.subject.as_str(),
            login.user
        );
        let batch = Batch::of_one(meet).step(delete, Rows::Exactly(1));
        Ok(self.db.write(batch).await.unless_missed()?)
    }
}

fn insert_login(login: &Login) -> db::Sql {
    sql!(
        "insert into logins (provider, subject, user_id, email, created_at) values (?, ?, ?, ?, ?)",
        login.provider.as_str(),
        login.subject.as_str(),
        login.user,
        login.email.as_deref(),
        login.created_at
    )
}

impl FromRow for Login {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            provider: row.get(0)?,
            subject: row.get(1)?,
            user: row.get(2)?,
            email: row.get(3)?,
            created_at: row.get(4)?,
        })
    }
}
