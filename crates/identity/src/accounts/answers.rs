//! What people read about accounts.

use api::{Etag, Versioned};
use serde::Serialize;
use serde_json::{Value, json};
use types::{Caller, Language, Role, Timestamp, UserId};
use utoipa::ToSchema;

use super::Account;

/// A person, as they see themselves.
#[derive(Serialize, ToSchema)]
pub struct Me {
    #[schema(value_type = u64)]
    id: UserId,
    email: Option<String>,
    phone_number: Option<String>,
    username: Option<String>,
    name: String,
    #[schema(value_type = String)]
    role: Role,
    timezone: String,
    #[schema(value_type = String)]
    language: Language,
    /// The day that weeks start on: 1 is Monday, 7 is Sunday.
    week_start: i64,
    /// Since when the address is known to be theirs.
    #[schema(value_type = Option<String>, format = DateTime)]
    email_verified_at: Option<Timestamp>,
    /// Since when the number is known to be theirs.
    #[schema(value_type = Option<String>, format = DateTime)]
    phone_verified_at: Option<Timestamp>,
    /// Grows with each change.
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// A new account, in the words of all older clients.
#[derive(Serialize, ToSchema)]
pub struct SignedUp {
    message: &'static str,
    #[schema(value_type = u64)]
    id: UserId,
    /// The id again, for clients that read it here.
    #[schema(value_type = u64)]
    user_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
}

/// A code is on its way.
#[derive(Serialize, ToSchema)]
pub struct Sent {
    message: &'static str,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    otp_expires_at: Timestamp,
}

/// An account on its way out.
#[derive(Serialize, ToSchema)]
pub struct Leaving {
    message: &'static str,
    /// When it will be removed, unless its owner signs in before.
    #[schema(value_type = String, format = DateTime)]
    removed_at: Timestamp,
}

/// What a token alone says of its bearer, in the words of [`Me`].
pub fn known_by_token(caller: &Caller) -> Value {
    json!({ "id": caller.user, "role": caller.role })
}

impl Sent {
    pub const fn until(otp_expires_at: Timestamp) -> Self {
        Self { message: "If this address can be reached, a code is on its way", otp_expires_at }
    }
}

impl Leaving {
    pub const fn at(removed_at: Timestamp) -> Self {
        Self { message: "The account will be removed; sign in before then to keep it", removed_at }
    }
}

impl From<Account> for SignedUp {
    fn from(account: Account) -> Self {
        let Account { id, email, phone, username, .. } = account;
        Self { message: "User registered", id, user_id: id, email, phone_number: phone, username }
    }
}

impl From<Account> for Me {
    fn from(account: Account) -> Self {
        let Account { id, email, phone, username, name, role, timezone, language, week_start, .. } = account;
        let Account { email_verified_at, phone_verified_at, version, created_at, .. } = account;
        Self {
            id,
            email,
            phone_number: phone,
            username,
            name,
            role,
            timezone,
            language,
            week_start,
            email_verified_at,
            phone_verified_at,
            version,
            created_at,
        }
    }
}

impl Versioned for Me {
    fn version(&self) -> i64 {
        self.version
    }

    fn tag(&self) -> Etag {
        Etag::of_ones_own(self.id.number(), self.version)
    }
}
