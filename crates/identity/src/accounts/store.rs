//! People in the database.

use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, UnlessMissed, sql};
use types::{Language, Result, Role, Timestamp, UserId};

use super::{Account, AccountStore, Identifier};

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
            "insert into users (id, email, phone, username, name, password_hash, role, timezone, language, week_start, \
             email_verified_at, phone_verified_at, generation, version, created_at, updated_at) \
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            account.id,
            account.email.as_deref(),
            account.phone.as_deref(),
            account.username.as_deref(),
            account.name.as_str(),
            password_hash,
            account.role,
            account.timezone.as_str(),
            account.language.tag(),
            account.week_start,
            account.email_verified_at,
            account.phone_verified_at,
            account.generation,
            account.version,
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
            "select id, email, phone, username, name, role, timezone, language, week_start, email_verified_at, \
             phone_verified_at, generation, version, created_at from users where id = ? and deleted_at is null",
            id
        );
        Ok(self.db.first(find).await?)
    }

    async fn recognise(&self, identifier: &Identifier) -> Result<Option<(Account, Option<String>)>> {
        let select = sql!(
            "select id, email, phone, username, name, role, timezone, language, week_start, email_verified_at, \
             phone_verified_at, generation, version, created_at, password_hash from users where deleted_at is null"
        );
        let find = match identifier {
            Identifier::Email(address) => select.push(" and email = ?").bind(address.as_str()),
            Identifier::Phone(number) => select.push(" and phone = ?").bind(number.as_str()),
            Identifier::Username(name) => select.push(" and username = ?").bind(name.as_str()),
        };
        let found: Option<WithHash> = self.db.first(find).await?;
        Ok(found.map(|WithHash(account, hash)| (account, hash)))
    }

    async fn set_role(&self, id: UserId, role: Role, now: Timestamp, along: Along) -> Result<bool> {
        let update = sql!(
            "update users set role = ?, version = version + 1, updated_at = ? where id = ? and deleted_at is null",
            role,
            now,
            id
        );
        Ok(self.db.write(Batch::of_one(update).along(along)).await.unless_missed()?)
    }

    async fn set_password_hash(&self, id: UserId, hash: &str, now: Timestamp, along: Along) -> Result<bool> {
        let update = sql!(
            "update users set password_hash = ?, version = version + 1, updated_at = ? \
             where id = ? and deleted_at is null",
            hash,
            now,
            id
        );
        Ok(self.db.write(Batch::of_one(update).along(along)).await.unless_missed()?)
    }
}

struct WithHash(Account, Option<String>);

impl FromRow for WithHash {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self(Account::from_row(row)?, row.get(14)?))
    }
}

impl FromRow for Account {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let language: String = row.get(7)?;
        Ok(Self {
            id: row.get(0)?,
            email: row.get(1)?,
            phone: row.get(2)?,
            username: row.get(3)?,
            name: row.get(4)?,
            role: row.get(5)?,
            timezone: row.get(6)?,
            language: Language::tagged(&language).unwrap_or_default(),
            week_start: row.get(8)?,
            email_verified_at: row.get(9)?,
            phone_verified_at: row.get(10)?,
            generation: row.get(11)?,
            version: row.get(12)?,
            created_at: row.get(13)?,
        })
    }
}
