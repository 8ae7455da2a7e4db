//! Identity: who people are, and how a request proves whose it is.
//!
//! `accounts` are people, `sessions` are where they are signed in, `passwords` turns passwords into hashes without
//! starving the rest of the house, `keys` signs what everybody else verifies. `codes` prove that an address is somebody's,
//! and `letters` bring them there; `oauth` takes the word of providers.

mod accounts;
mod codes;
mod done;
mod events;
mod founding;
mod jobs;
mod keyed;
mod keys;
mod letters;
mod oauth;
mod passwords;
mod policy;
mod proofs;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use api::Verifier;
use axum::Router;
use cache::Cache;
use db::Db;
use part::{Part, Section, Source, Total};
use stream::Teller;
use types::{Clock, Ids, Result};

pub use accounts::{
    Account, AccountStore, Accounts, Change, Demand, Identifier, Known, Means, NO_ACCOUNT, PasswordRule,
    Person, Registration, SqlAccounts, Written,
};
pub use codes::{
    Addressees, CachedCodes, Code, CodeDue, CodeId, CodeSettings, CodeStore, Codes, Owner, Place, Sends,
    SqlCodes,
};
pub use founding::Founding;
use founding::SqlInvitations;
pub use keys::{Retired, SigningKeys, secret};
pub use letters::{Letter, Letters, Outbox, Outcome, Post, Sms, Smtp};
pub use oauth::{Endpoints, Kind, Oauth, ProviderSettings, Providers};
use oauth::{HousePeople, Parts, SqlLogins};
pub use passwords::{Cost, Passwords};
pub use proofs::{Asking, Happened, Notice, Proofs, Reason, Target};
use sessions::{Endings, Guard, Minting, Sealer};
pub use sessions::{LoginLimits, Session, SessionStore, Sessions, SqlSessions};

/// The tables of this domain.
pub const MIGRATIONS: &[db::Migration] = &[
    db::migration!("identity", 1, "0001_users"),
    db::migration!("identity", 2, "0002_sessions"),
    db::migration!("identity", 3, "0003_endings"),
    db::migration!("identity", 4, "0004_wanted_addresses"),
    db::migration!("identity", 5, "0005_leavers"),
    db::migration!("identity", 6, "0006_codes"),
    db::migration!("identity", 7, "0007_logins"),
    db::migration!("identity", 8, "0008_invitations"),
    db::migration!("identity", 9, "0009_names"),
];

/// What it shows on everybody's home.
pub const SECTIONS: &[Section] = &[Section {
    name: "profile",
    schema: "Me",
    source: Source::Http("/api/v1/me"),
    without: Some(accounts::known_by_token),
}];

/// What identity needs from the house.
pub struct Needs {
    /// Its database.
    pub db: Db,
    /// Where short-lived state lives.
    pub cache: Cache,
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
    /// How often people may fail to sign in.
    pub logins: LoginLimits,
    /// How long an access token lives.
    pub access_ttl: Duration,
    /// How long a session lives without being renewed.
    pub session_ttl: Duration,
    /// Whether cookies are for encrypted connections alone.
    pub secure: bool,
    /// What is set about codes.
    pub codes: CodeSettings,
    /// Who brings letters.
    pub letters: Letters,
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
    /// What signs access tokens.
    pub keys: SigningKeys,
    /// How the house gets its first administrator.
    pub founding: Founding,
    codes: Codes,
    letters: Letters,
    clock: Arc<dyn Clock>,
    oauth: Oauth,
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
    let people = accounts::routes().into_openapi();
    let people = people.merge_from(sessions::routes().into_openapi());
    let people = people.merge_from(founding::routes().into_openapi());
    people.merge_from(codes::routes().into_openapi()).merge_from(oauth::routes().into_openapi())
}

impl Identity {
    /// Over what the house gives.
    pub fn new(needs: Needs) -> Result<Self> {
        let Needs { db, cache, teller, ids, clock, keys, secret, verifier, passwords, password_rule, .. } =
            needs;
        let (access_ttl, ttl, secure) = (needs.access_ttl, needs.session_ttl, needs.secure);
        let store = Arc::new(SqlAccounts::new(db.clone()));
        let kept: Arc<dyn CodeStore> = if needs.codes.in_cache {
            Arc::new(CachedCodes::new(cache.clone(), db.clone()))
        } else {
            Arc::new(SqlCodes::new(db.clone()))
        };
        let (tell, number, time) = (teller.clone(), ids.clone(), clock.clone());
        let codes = Codes::new(needs.codes, kept, store.clone(), cache.clone(), tell, number, time);
        let endings = Endings::new(verifier.ended().clone(), access_ttl, ids.clone(), clock.clone());
        let means = Means {
            passwords,
            rule: password_rule,
            proofs: Arc::new(codes.clone()),
            endings: endings.clone(),
            teller: teller.clone(),
            ids: ids.clone(),
            clock: clock.clone(),
        };
        let accounts = Accounts::new(store, means);
        let minting =
            Minting { keys: keys.clone(), verifier, sealer: Sealer::new(&secret), access_ttl, ttl, secure };
        let guard = Guard::new(cache, needs.logins, clock.clone());
        let store = Arc::new(SqlSessions::new(db.clone()));
        let (number, time) = (ids.clone(), clock.clone());
        let sessions = Sessions::new(accounts.clone(), store, minting, guard, endings.clone(), number, time);
        let invitations = SqlInvitations::new(db.clone());
        let founding = Founding::new(accounts.clone(), invitations, &secret, clock.clone());
        let logins = SqlLogins::new(db);
        let people = HousePeople::new(accounts.clone(), logins.clone(), endings, teller.clone());
        let (people, logins) = (Arc::new(people), Arc::new(logins));
        let (sessions_too, time) = (sessions.clone(), clock.clone());
        let parts = Parts { people, logins, sessions: sessions_too, teller, ids, clock: time };
        let oauth = Oauth::new(needs.providers, parts)?;
        Ok(Self { accounts, sessions, keys, founding, codes, letters: needs.letters, clock, oauth })
    }

    /// Who brings mail.
    pub fn mail(&self) -> Arc<dyn Post> {
        self.letters.mail.clone()
    }

    /// Identity, ready to be served.
    pub fn part(&self, db: &Db) -> Part {
        let router: Router = accounts::routes().with_state(self.accounts.clone()).into();
        let router = router.merge(Router::from(sessions::routes().with_state(self.sessions.clone())));
        let router = router.merge(Router::from(founding::routes().with_state(self.founding.clone())));
        let mut consumers = events::letters(&self.letters, &self.codes, &self.clock);
        consumers.push(events::tally(db));
        let router = router.merge(Router::from(codes::routes().with_state(self.codes.clone())));
        Part {
            router: router.merge(Router::from(oauth::routes().with_state(self.oauth.clone()))),
            consumers,
            handlers: jobs::chores(db, &self.accounts, &self.clock),
            totals: vec![Total {
                metric: "daybook_users",
                help: "People with an account",
                tally: events::TALLY,
            }],
            works: Vec::new(),
        }
    }
}
