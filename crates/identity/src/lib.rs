//! Identity: who people are, and how a request proves whose it is.
//!
//! `accounts` are people, `sessions` are where they are signed in, `passwords` turns passwords into hashes without
//! starving the rest of the house, `keys` signs what everybody else verifies, `oauth` takes the word of providers.

mod accounts;
mod events;
mod keys;
mod oauth;
mod passwords;
mod policy;
mod proofs;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use api::Verifier;
use axum::Router;
use db::Db;
use part::{Part, Total};
use stream::Teller;
use types::{Clock, Ids};

pub use accounts::{Account, AccountStore, Accounts, Identifier, PasswordRule, Registration, SqlAccounts};
pub use keys::{SigningKeys, secret};
pub use oauth::{Endpoints, Kind, Oauth, ProviderSettings, Providers};
use oauth::{HousePeople, Parts, SqlLogins};
pub use passwords::{Cost, Passwords};
pub use proofs::{Asking, Happened, Notice, Proofs, Reason, Target};
use sessions::{Endings, Minting, Sealer};
pub use sessions::{Session, SessionStore, Sessions, SqlSessions};

/// The tables of this domain.
pub const MIGRATIONS: &[db::Migration] = &[
    db::migration!("identity", 1, "0001_users"),
    db::migration!("identity", 2, "0002_sessions"),
    db::migration!("identity", 3, "0003_endings"),
    db::migration!("identity", 5, "0005_logins"),
];

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
    /// What it seals refresh tokens with.
    pub secret: [u8; 32],
    /// Who verifies access tokens, by the same rules.
    pub verifier: Verifier,
    /// What hashes passwords.
    pub passwords: Passwords,
    /// Which of them are taken.
    pub password_rule: PasswordRule,
    /// How long an access token lives.
    pub access_ttl: Duration,
    /// How long a session lives without being renewed.
    pub session_ttl: Duration,
    /// Whether cookies are for encrypted connections alone.
    pub secure: bool,
    /// Who else may say who somebody is.
    pub providers: Providers,
}

/// Identity's verbs, for its routes and for the program itself. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    /// The verbs about people.
    pub accounts: Accounts,
    /// The verbs about where they are signed in.
    pub sessions: Sessions,
    /// Signing in by the word of a provider.
    pub oauth: Oauth,
}

/// Paths where people say who they are: nobody's token is renewed there in passing.
pub fn is_door(path: &str) -> bool {
    const ROOMS: [&str; 2] = ["/auth/", "/api/auth/"];
    const ROOT: [&str; 6] = ["/signup", "/register", "/login", "/auth", "/refresh", "/logout"];
    let in_room = ROOMS.iter().find_map(|room| path.strip_prefix(room));
    // Whoever leaves for a provider to link it has to be known there.
    let known = |rest: &str| rest == "hello" || rest.starts_with("sessions") || rest.starts_with("oauth/");
    ROOT.contains(&path) || in_room.is_some_and(|rest| !known(rest))
}

/// What the routes promise.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let accounts = accounts::routes().into_openapi();
    accounts.merge_from(sessions::routes().into_openapi()).merge_from(oauth::routes().into_openapi())
}

impl Identity {
    /// Over what the house gives.
    pub fn new(needs: Needs) -> types::Result<Self> {
        let Needs {
            db, teller, ids, clock, keys, secret, verifier, passwords, password_rule, providers, ..
        } = needs;
        let (access_ttl, ttl, secure) = (needs.access_ttl, needs.session_ttl, needs.secure);
        let store = Arc::new(SqlAccounts::new(db.clone()));
        let accounts =
            Accounts::new(store, passwords, password_rule, teller.clone(), ids.clone(), clock.clone());
        let endings = Endings::new(verifier.ended().clone(), access_ttl, ids.clone(), clock.clone());
        let minting = Minting { keys, verifier, sealer: Sealer::new(&secret), access_ttl, ttl, secure };
        let store = Arc::new(SqlSessions::new(db.clone()));
        let sessions =
            Sessions::new(accounts.clone(), store, minting, endings.clone(), ids.clone(), clock.clone());
        let logins = SqlLogins::new(db);
        let people = HousePeople::new(accounts.clone(), logins.clone(), endings, teller.clone());
        let (people, logins) = (Arc::new(people), Arc::new(logins));
        let parts = Parts { people, logins, sessions: sessions.clone(), teller, ids, clock };
        Ok(Self { accounts, sessions, oauth: Oauth::new(providers, parts)? })
    }

    /// Identity, ready to be served.
    pub fn part(&self, db: &Db) -> Part {
        let router: Router = accounts::routes().with_state(self.accounts.clone()).into();
        Part {
            router: router
                .merge(Router::from(sessions::routes().with_state(self.sessions.clone())))
                .merge(Router::from(oauth::routes().with_state(self.oauth.clone()))),
            consumers: vec![events::tally(db)],
            totals: vec![Total {
                metric: "daybook_users",
                help: "People with an account",
                tally: events::TALLY,
            }],
        }
    }
}
