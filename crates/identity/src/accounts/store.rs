//! People in the database.

use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, sql};
use types::{Result, UserId};

use super::{Account, AccountStore};

/// People in the table `users`.
pub struct SqlAccounts {
    db: Db,
}

impl SqlAccounts {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl AccountStore for SqlAccounts {
    async fn insert(&self, account: &Account, password_hash: &str, along: Along) -> Result<bool> {
        let insert = sql!(
            "insert into users (id, email, name, password_hash, role, timezone, generation, version, created_at, updated_at) \
             values (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
            account.id,
            account.email.as_str(),
            account.name.as_str(),
            password_hash,
            account.role,
            account.timezone.as_str(),
            account.generation,
            account.created_at,
            account.created_at
        );
        match self.db.write(Batch::of_one(insert).along(along)).await {
            Err(error) if error.is_constraint("users_email") => Ok(false),
            written => Ok(written.map(|()| true)?),
        }
    }

    async fn find(&self, id: UserId) -> Result<Option<Account>> {
        let find = sql!(
            "select id, email, name, role, timezone, generation, created_at from users \
             where id = ? and deleted_at is null",
            id
        );
        Ok(self.db.first(find).await?)
    }

    async fn find_by_email(&self, email: &str) -> Result<Option<(Account, String)>> {
        let find = sql!(
            "select id, email, name, role, timezone, generation, created_at, password_hash from users \
             where email = ? and deleted_at is null",
            email
        );
        let found: Option<WithHash> = self.db.first(find).await?;
        Ok(found.map(|WithHash(account, hash)| (account, hash)))
    }
}

struct WithHash(Account, String);

impl FromRow for WithHash {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self(Account::from_row(row)?, row.get(7)?))
    }
}

impl FromRow for Account {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            email: row.get(1)?,
            name: row.get(2)?,
            role: row.get(3)?,
            timezone: row.get(4)?,
            generation: row.get(5)?,
            created_at: row.get(6)?,
        })
    }
}
