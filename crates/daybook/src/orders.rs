//! What the program's own commands ask of a house: the same whether it runs or was only opened for this.

use std::fmt::Write;
use std::sync::Arc;

use identity::{Account, Identity, NO_ACCOUNT, Registration};
use serde::{Deserialize, Serialize};
use types::{Error, Result, Role, SessionId};

use crate::facts::{FactsOrder, Shelf};

/// One thing to be done. It cannot be printed: in some there are passwords.
#[derive(Serialize, Deserialize)]
pub enum Order {
    /// About people and keys.
    Identity(IdentityOrder),
    /// About facts that were set aside.
    Facts(FactsOrder),
}

/// What orders are carried out with, in one process.
#[derive(Clone)]
pub struct Desk {
    /// Accounts, sessions and keys, where identity runs.
    pub identity: Option<Identity>,
    /// The facts of each database.
    pub shelves: Arc<[Shelf]>,
}

impl Order {
    /// Does it; what to tell whoever asked, in lines.
    pub async fn obeyed(self, desk: &Desk) -> Result<String> {
        match (self, &desk.identity) {
            (Self::Facts(order), _) => order.obeyed(&desk.shelves).await,
            (Self::Identity(order), Some(identity)) => order.obeyed(identity).await,
            (Self::Identity(_), None) => Err(Error::unavailable("identity does not run here")),
        }
    }
}

/// What can be done about people and keys.
#[derive(Serialize, Deserialize)]
pub enum IdentityOrder {
    /// Make an account.
    CreateUser {
        /// Their address.
        email: String,
        /// Their password.
        password: String,
        /// What they are called.
        name: Option<String>,
        /// What they may do.
        role: Role,
    },
    /// Say what a person may do from now on.
    ChangeRole {
        /// Their address, number or user name.
        user: String,
        /// The role.
        role: Role,
    },
    /// Give a person a new password.
    ResetPassword {
        /// Their address, number or user name.
        user: String,
        /// The password.
        password: String,
    },
    /// List a person's sessions.
    ListSessions {
        /// Their address, number or user name.
        user: String,
    },
    /// End one of a person's sessions, or all of them.
    EndSessions {
        /// Their address, number or user name.
        user: String,
        /// The one; all of them when there is none.
        session: Option<SessionId>,
    },
    /// Make a new signing key.
    RotateKeys,
    /// List the keys.
    ListKeys,
}

impl IdentityOrder {
    async fn obeyed(self, house: &Identity) -> Result<String> {
        match self {
            Self::CreateUser { email, password, name, role } => {
                let email = Some(email);
                let new =
                    Registration { email, password, name, role, vouched: true, ..Registration::default() };
                let account = house.accounts.sign_up(new).await?;
                Ok(format!("made account {}", account.id))
            }
            Self::ChangeRole { user, role } => {
                let account = named(house, &user).await?;
                house.accounts.give_role(account.id, role).await?;
                Ok(format!("account {} has the role {} now", account.id, role.name()))
            }
            Self::ResetPassword { user, password } => {
                let account = named(house, &user).await?;
                house.accounts.give_password(account.id, &password).await?;
                Ok(format!("account {} has a new password, and its sessions have ended", account.id))
            }
            Self::ListSessions { user } => sessions(house, &user).await,
            Self::EndSessions { user, session: Some(session) } => {
                let account = named(house, &user).await?;
                house.sessions.end_of(account.id, session).await?;
                Ok(format!("session {session} has ended"))
            }
            Self::EndSessions { user, session: None } => {
                let account = named(house, &user).await?;
                house.sessions.end_all_of(account.id).await?;
                Ok(format!("all sessions of account {} have ended", account.id))
            }
            Self::RotateKeys => Ok(format!("{} signs from now on", house.keys.rotate()?)),
            Self::ListKeys => Ok(keys(house)),
        }
    }
}

async fn named(house: &Identity, user: &str) -> Result<Account> {
    house.accounts.named(user).await?.ok_or(Error::NotFound(NO_ACCOUNT))
}

async fn sessions(house: &Identity, user: &str) -> Result<String> {
    let account = named(house, user).await?;
    let mut lines = format!("account {}, {}", account.id, account.role.name());
    for session in house.sessions.all_of(account.id).await? {
        let (id, since, seen) = (session.id, session.created_at.plain(), session.seen_at.plain());
        let _ = write!(lines, "\nsession {id}\tsince {since}\tseen {seen}\t{}", session.address);
        if !session.agent.is_empty() {
            let _ = write!(lines, "\t{}", session.agent);
        }
    }
    Ok(lines)
}

fn keys(house: &Identity) -> String {
    let (newest, retired) = house.keys.list();
    let mut lines = format!("{newest}\tsigns");
    for retired in retired {
        let _ = write!(lines, "\n{}\tverifies until {}", retired.key.kid, retired.until.plain());
    }
    lines
}
