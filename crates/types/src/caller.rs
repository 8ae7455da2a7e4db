//! Who is asking.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, SessionId, UserId};

/// What a user may do, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Their own data.
    #[default]
    User,
    /// Also what a team shares.
    Manager,
    /// Everybody's accounts and sessions.
    Admin,
}

impl Role {
    /// The role's name, as it is stored and as tokens carry it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Manager => "manager",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        [Self::User, Self::Manager, Self::Admin]
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or_else(|| Error::internal(format!("there is no role {name:?}")))
    }
}

/// The person a request comes from, as their access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// With what rights.
    pub role: Role,
}
