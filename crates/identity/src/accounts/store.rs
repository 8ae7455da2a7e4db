//! People in the database.

mod writing;

use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, UnlessMissed, sql};
use types::{Language, Result, Timestamp, UserId};

use super::people::Person;
use super::{Account, AccountStore, Identifier, Known, Written};
use crate::Target;
pub use writing::{claimed, insert};
use writing::{update, with_password};

/// People in the table `users`, the addresses they want in `wanted_addresses`, and whoever leaves in `leavers` too.
pub struct SqlAccounts {
    db: Db,
}

impl SqlAccounts {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    async fn written(&self, batch: Batch, account: &Account) -> Result<Written> {
        let names = [
            ("users_email", account.email.clone().map(Identifier::Email)),
            ("users_phone", account.phone.clone().map(Identifier::Phone)),
            ("users_username", account.username.clone().map(Identifier::Username)),
        ];
        let written = self.db.write(batch).await;
        if let Err(error) = &written {
            let taken = names.into_iter().find(|(constraint, _)| error.is_constraint(constraint));
            if let Some(taken) = taken.and_then(|(_, taken)| taken) {
                return Ok(Written::Taken(taken));
            }
        }
        Ok(if written.unless_missed()? { Written::Done } else { Written::Stale })
    }
}

#[async_trait]
impl AccountStore for SqlAccounts {
    async fn insert(
        &self,
        account: &Account,
        password_hash: Option<String>,
        along: Along,
    ) -> Result<Written> {
        self.written(Batch::of_one(insert(account, password_hash)).along(along), account).await
    }

    async fn find(&self, id: UserId) -> Result<Option<Account>> {
        let find = sql!(
            "select id, email, phone, username, name, role, timezone, language, week_start, email_verified_at, \
             phone_verified_at, generation, version, created_at from users where id = ? and deleted_at is null",
            id
        );
        Ok(self.db.first(find).await?)
    }

    async fn those_of(&self, ids: &[UserId]) -> Result<Vec<Person>> {
        let list = sql!("select id, name, username from users where deleted_at is null and id in ");
        Ok(self.db.all(list.within(ids.iter().copied())).await?)
    }

    async fn called(&self, keys: [String; 2], limit: i64) -> Result<Vec<Person>> {
        let list = sql!("select id, name, username from users where deleted_at is null and name_key in ")
            .within(keys)
            .push(" order by id limit ?")
            .bind(limit);
        Ok(self.db.all(list).await?)
    }

    async fn know(&self, id: UserId) -> Result<Option<Known>> {
        let find = sql!(
            "select id, email, phone, username, name, role, timezone, language, week_start, email_verified_at, \
             phone_verified_at, generation, version, created_at, password_hash, deleted_at from users where id = ?",
            id
        );
        Ok(self.db.first(find).await?)
    }

    async fn recognise(&self, identifier: &Identifier) -> Result<Option<Known>> {
        let select = sql!(
            "select id, email, phone, username, name, role, timezone, language, week_start, email_verified_at, \
             phone_verified_at, generation, version, created_at, password_hash, deleted_at from users where 1 = 1"
        );
        let find = match identifier {
            Identifier::Email(address) => select.push(" and email = ?").bind(address.as_str()),
            Identifier::Phone(number) => select.push(" and phone = ?").bind(number.as_str()),
            Identifier::Username(name) => select.push(" and username = ?").bind(name.as_str()),
        };
        Ok(self.db.first(find).await?)
    }

    async fn update(&self, account: &Account, now: Timestamp, along: Along) -> Result<Written> {
        self.written(Batch::of_one(update(account, now)).along(along), account).await
    }

    async fn set_password(
        &self,
        account: &Account,
        hash: &str,
        now: Timestamp,
        along: Along,
    ) -> Result<Written> {
        self.written(with_password(account, Some(hash.to_owned()), now).along(along), account).await
    }

    async fn claim(
        &self,
        account: &Account,
        hash: Option<String>,
        now: Timestamp,
        along: Along,
    ) -> Result<Written> {
        self.written(claimed(account, hash, now).along(along), account).await
    }

    async fn rehash(&self, id: UserId, old: &str, new: &str) -> Result<()> {
        let rehash =
            sql!("update users set password_hash = ? where id = ? and password_hash = ?", new, id, old);
        Ok(self.db.write(Batch::new().any(rehash)).await?)
    }

    async fn want(&self, id: UserId, target: &Target, now: Timestamp) -> Result<()> {
        let want = sql!(
            "insert into wanted_addresses (user_id, kind, address, wanted_at) values (?, ?, ?, ?) \
             on conflict (user_id, kind) do update set address = excluded.address, wanted_at = excluded.wanted_at",
            id,
            kind(target),
            address(target),
            now
        );
        Ok(self.db.write(Batch::new().any(want)).await?)
    }

    async fn wanted(&self, id: UserId, phone: bool) -> Result<Option<Target>> {
        let kind = if phone { PHONE } else { EMAIL };
        let wanted = sql!("select address from wanted_addresses where user_id = ? and kind = ?", id, kind);
        let address: Option<String> = self.db.first(wanted).await?;
        Ok(address.map(if phone { Target::Phone } else { Target::Email }))
    }

    async fn move_to(
        &self,
        account: &Account,
        target: &Target,
        now: Timestamp,
        along: Along,
    ) -> Result<Written> {
        let done =
            sql!("delete from wanted_addresses where user_id = ? and kind = ?", account.id, kind(target));
        self.written(Batch::of_one(update(account, now)).any(done).along(along), account).await
    }

    async fn leave(&self, account: &Account, now: Timestamp, along: Along) -> Result<Written> {
        let leave = sql!(
            "update users set deleted_at = ? where id = ? and version = ? and deleted_at is null",
            now,
            account.id,
            account.version
        );
        let due = sql!("insert into leavers (user_id, left_at) values (?, ?)", account.id, now);
        // What ends the sessions comes first: it looks for somebody who is still here.
        let batch = Batch::new().along(along).one(update(account, now)).one(leave).one(due);
        self.written(batch, account).await
    }

    async fn come_back(&self, account: &Account, left_at: Timestamp, now: Timestamp) -> Result<bool> {
        let come_back =
            sql!("update users set deleted_at = null where id = ? and deleted_at = ?", account.id, left_at);
        let stays = sql!("delete from leavers where user_id = ?", account.id);
        let batch = Batch::of_one(update(account, now)).one(come_back).one(stays);
        Ok(self.db.write(batch).await.unless_missed()?)
    }

    async fn left_before(&self, moment: Timestamp, limit: i64) -> Result<Vec<UserId>> {
        let due =
            sql!("select user_id from leavers where left_at < ? order by left_at limit ?", moment, limit);
        Ok(self.db.all::<(UserId,)>(due).await?.into_iter().map(|(id,)| id).collect())
    }

    async fn bury(&self, id: UserId, moment: Timestamp, along: Along) -> Result<bool> {
        let due = sql!("delete from leavers where user_id = ? and left_at < ?", id, moment);
        let person = sql!("delete from users where id = ? and deleted_at is not null", id);
        let wanted = sql!("delete from wanted_addresses where user_id = ?", id);
        // A login that stayed would lead to nobody, and whoever it is of could never sign up with it again.
        let logins = sql!("delete from logins where user_id = ?", id);
        let batch = Batch::of_one(due).one(person).any(wanted).any(logins).along(along);
        Ok(self.db.write(batch).await.unless_missed()?)
    }
}

const EMAIL: &str = "email";
const PHONE: &str = "phone";

const fn kind(target: &Target) -> &'static str {
    match target {
        Target::Email(_) => EMAIL,
        Target::Phone(_) => PHONE,
    }
}

fn address(target: &Target) -> &str {
    let (Target::Email(address) | Target::Phone(address)) = target;
    address
}

impl FromRow for Person {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self { id: row.get(0)?, name: row.get(1)?, username: row.get(2)? })
    }
}

impl FromRow for Known {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self { account: Account::from_row(row)?, password_hash: row.get(14)?, left_at: row.get(15)? })
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
