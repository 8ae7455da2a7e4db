//! Identity: who people are, and how a request proves whose it is.
//!
//! `accounts` are people, `sessions` are where they are signed in, `passwords` turns passwords into hashes without
//! starving the rest of the house, `keys` signs what everybody else verifies.

mod accounts;
mod events;
mod keys;
mod passwords;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use api::Verifier;
use axum::Router;
use db::Db;
use part::{Part, Total};
use stream::Teller;
use types::{Clock, Ids};

pub use accounts::{Account, AccountStore, Accounts, PasswordRule, Registration, SqlAccounts};
pub use keys::SigningKeys;
pub use passwords::{Cost, Passwords};
use sessions::Minting;
pub use sessions::{Session, SessionStore, Sessions, SqlSessions};

/// The tables of this domain.
pub const MIGRATIONS: &[db::Migration] =
    &[db::migration!("identity", 1, "0001_users"), db::migration!("identity", 2, "0002_sessions")];

/// What identity needs from the house.
pub struct Needs {
    /// Its database.
    pub db: Db,
    /// What it tells facts with.
    pub teller: Teller,
    /// What it makes ids with.
    pub ids: Ids,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// What it signs tokens with.
    pub keys: SigningKeys,
    /// Who verifies them, by the same rules.
    pub verifier: Verifier,
    /// What hashes passwords.
    pub passwords: Passwords,
    /// Which of them are taken.
    pub password_rule: PasswordRule,
    /// How long an access token lives.
    pub access_ttl: Duration,
    /// How long a session lives without being renewed.
    pub session_ttl: Duration,
}

/// What the routes promise.
pub fn openapi() -> utoipa::openapi::OpenApi {
    accounts::routes().into_openapi().merge_from(sessions::routes().into_openapi())
}

/// The verbs about people, for the program's own commands.
pub fn accounts(needs: &Needs) -> Accounts {
    let Needs { db, passwords, password_rule, teller, ids, clock, .. } = needs;
    let store = Arc::new(SqlAccounts::new(db.clone()));
    Accounts::new(store, passwords.clone(), *password_rule, teller.clone(), ids.clone(), clock.clone())
}

/// Identity, ready to be served.
pub fn part(needs: Needs) -> Part {
    let accounts = accounts(&needs);
    let minting = Minting {
        keys: needs.keys,
        verifier: needs.verifier,
        access_ttl: needs.access_ttl,
        ttl: needs.session_ttl,
    };
    let store = Arc::new(SqlSessions::new(needs.db.clone()));
    let sessions = Sessions::new(accounts.clone(), store, minting, needs.ids, needs.clock);
    let router: Router = accounts::routes().with_state(accounts).into();
    Part {
        router: router.merge(Router::from(sessions::routes().with_state(sessions))),
        consumers: vec![events::tally(&needs.db)],
        totals: vec![Total { metric: "daybook_users", help: "People with an account", tally: events::TALLY }],
    }
}
