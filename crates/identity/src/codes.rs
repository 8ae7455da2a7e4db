//! One-time codes: six digits by which somebody proves that an address or a number is theirs.
//!
//! The digits are an HMAC of the code's id, made where a letter is written and where a code is checked. Neither the
//! database nor the cache nor a topic ever has them.

mod addressees;
mod cached;
mod caps;
mod classic;
mod digits;
mod resend;
mod service;
mod store;
mod whither;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use types::{Id, Language, Text, Timestamp};

pub use addressees::{Addressees, Owner};
pub use cached::CachedCodes;
pub use classic::routes;
pub use digits::Digits;
pub use resend::Resend;
pub use service::{CodeStore, Codes};
pub use store::SqlCodes;
pub use whither::Whither;

use crate::{Reason, Target};

/// The code is not the one that was sent, or is good no more: whoever guesses learns no more than that.
pub const WRONG_CODE: Text = Text {
    code: "wrong_code",
    en: "this code is not right, or not good any more",
    uk: "цей код неправильний або вже недійсний",
    ru: "этот код неверен или уже недействителен",
};

/// What codes' ids name.
#[derive(Debug)]
pub enum OneTime {}
/// A code's id.
pub type CodeId = Id<OneTime>;

/// What is set about codes.
#[derive(Clone)]
pub struct CodeSettings {
    /// What digits are made with.
    pub key: [u8; 32],
    /// How long a code is good.
    pub lifetime: Duration,
    /// How long to wait before each further one; the last goes on.
    pub resend: Vec<Duration>,
    /// How many tries a code allows.
    pub tries: i64,
    /// How many codes go to one address or number in an hour.
    pub per_target: i64,
    /// How many codes one client may ask for in an hour.
    pub per_address: i64,
    /// Whether people must prove their address to sign up.
    pub required: bool,
    /// Whether codes are kept in the cache, which several processes share, and not in the database.
    pub in_cache: bool,
}

/// Where a code is kept: one for each target and reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where it goes.
    pub target: Target,
    /// What it is for.
    pub reason: Reason,
}

/// A code, as it is kept: nothing here tells its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Which one.
    pub id: CodeId,
    /// Whether it was sent. One that only looks like it is never right.
    pub is_real: bool,
    /// The how manyth it is in a row.
    pub sent: i64,
    /// When it was asked for.
    pub sent_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// A letter with a code has to go out: told with the write that keeps the code, and heard by whoever sends letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeDue {
    /// Of which the digits are made.
    pub code: CodeId,
    /// What it is for.
    pub reason: Reason,
    /// Where to.
    pub to: Target,
    /// In which language.
    pub language: Language,
    /// Where whoever asked calls from.
    pub from: String,
    /// What really goes out.
    pub sends: Sends,
    /// Until when the code is good; a letter that comes later helps nobody.
    pub expires_at: Timestamp,
}

/// What goes out when a code was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sends {
    /// The code.
    Code,
    /// Nothing: it only looks like it, so that nobody learns who has an account.
    Nothing,
    /// A word to the owner of the address that somebody tried to sign up with it.
    Warning,
}

impl types::facts::Tell for CodeDue {
    const TOPIC: &'static str = types::facts::accounts::TOPIC;
    const KIND: &'static str = "code_due";
    fn key(&self) -> i64 {
        self.code.number()
    }
}

impl Place {
    /// This reason, there.
    pub fn new(target: &Target, reason: Reason) -> Self {
        Self { target: target.clone(), reason }
    }

    /// The reason's name, as it is stored.
    pub const fn reason(&self) -> &'static str {
        match self.reason {
            Reason::Verify => "verify",
            Reason::Register => "register",
            Reason::Reset => "reset",
            Reason::Login => "login",
        }
    }

    /// The target in one word, as it is stored: an address is never taken for a number.
    pub fn target(&self) -> String {
        written(&self.target)
    }
}

/// The target in one word.
fn written(target: &Target) -> String {
    match target {
        Target::Email(address) => format!("email:{address}"),
        Target::Phone(number) => format!("phone:{number}"),
    }
}
