//! Proof that an address or a number is somebody's: what accounts ask of codes, and what letters are about.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use types::{Language, Result, Timestamp, UserId};

/// Where a code or a notice goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// An e-mail address in lower case.
    Email(String),
    /// A phone number, as E.164.
    Phone(String),
}

/// What a code is for. A code for one thing opens nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// An address of an account is its owner's, or becomes it.
    Verify,
    /// Somebody signs up.
    Register,
    /// A password was forgotten.
    Reset,
    /// Somebody signs in without a password.
    Login,
}

/// Somebody who asks for a code.
#[derive(Debug, Clone)]
pub struct Asking {
    /// Where they call from, as text.
    pub address: String,
    /// What they read.
    pub language: Language,
}

/// Sends codes and checks them.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait Proofs: Send + Sync {
    /// Sends a code there, and says until when it is good. `TooMany` when the last one is too recent, or a cap is
    /// reached. Without `really`, all is done and answered in the same way and nothing is sent: nobody learns who has
    /// an account.
    async fn send(&self, to: &Target, reason: Reason, asking: &Asking, really: bool) -> Result<Timestamp>;

    /// Takes a code, which is then used up; `Invalid` on field `code` when it is not the one that was sent, and also
    /// when nothing was. A few wrong tries burn it.
    async fn check(&self, to: &Target, reason: Reason, code: &str) -> Result<()>;

    /// Whether people must prove their address to sign up.
    fn required(&self) -> bool;
}

/// What somebody should hear about their account. Told as a fact with the write that is the reason, and sent from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Whose account.
    pub user: UserId,
    /// Where to.
    pub to: Target,
    /// In which language.
    pub language: String,
    /// What happened.
    pub what: Happened,
}

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// Its address is another one now; told at the old one.
    EmailChanged,
    /// Its number is another one now; told at the old one.
    PhoneChanged,
    /// Its password is another one now.
    PasswordChanged,
    /// A session ended because its refresh token was used by somebody else.
    SessionStolen,
    /// It will be deleted when its days of grace are over.
    DeletionBegun,
    /// Another way to sign in was linked to it.
    LoginLinked,
    /// Somebody proved its address, which nobody had before, and whatever opened it so far does no more.
    Claimed,
    /// Somebody tried to sign up with its address.
    TriedToSignUp,
}

impl types::facts::Tell for Notice {
    const TOPIC: &'static str = types::facts::accounts::TOPIC;
    const KIND: &'static str = "notice";
    fn key(&self) -> i64 {
        self.user.number()
    }
}
