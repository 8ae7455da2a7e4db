//! How an account is written down.

use db::{Batch, Sql, sql};
use types::Timestamp;

use crate::accounts::{Account, rules};

/// A new account, with this password if it has one.
pub fn insert(account: &Account, password_hash: Option<String>) -> Sql {
    sql!(
        "insert into users (id, email, phone, username, name, name_key, password_hash, role, timezone, language, week_start, \
         email_verified_at, phone_verified_at, generation, version, created_at, updated_at) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        account.id,
        account.email.as_deref(),
        account.phone.as_deref(),
        account.username.as_deref(),
        account.name.as_str(),
        rules::name_key(&account.name),
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
    )
}

/// The account replaces the version before it, with this password or none.
pub fn with_password(account: &Account, hash: Option<String>, now: Timestamp) -> Batch {
    // The version is this one once the account is written; both happen or neither.
    let password = sql!(
        "update users set password_hash = ? where id = ? and version = ?",
        hash,
        account.id,
        account.version
    );
    Batch::of_one(update(account, now)).one(password)
}

/// The same, and no other login opens it.
pub fn claimed(account: &Account, hash: Option<String>, now: Timestamp) -> Batch {
    let logins = sql!("delete from logins where user_id = ?", account.id);
    with_password(account, hash, now).any(logins)
}

/// The account replaces the version before it. Its generation is the endings' to change.
pub fn update(account: &Account, now: Timestamp) -> Sql {
    sql!(
        "update users set email = ?, phone = ?, username = ?, name = ?, name_key = ?, role = ?, timezone = ?, language = ?, \
         week_start = ?, email_verified_at = ?, phone_verified_at = ?, version = ?, updated_at = ? \
         where id = ? and version = ?",
        account.email.as_deref(),
        account.phone.as_deref(),
        account.username.as_deref(),
        account.name.as_str(),
        rules::name_key(&account.name),
        account.role,
        account.timezone.as_str(),
        account.language.tag(),
        account.week_start,
        account.email_verified_at,
        account.phone_verified_at,
        account.version,
        now,
        account.id,
        account.version - 1
    )
}
