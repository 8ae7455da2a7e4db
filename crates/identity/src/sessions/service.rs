//! Signing in, staying signed in, and ending it.

use std::sync::Arc;

use api::{Ending, PublicKey, Sighting};
use async_trait::async_trait;
use db::Along;
use types::{Caller, Clock, Error, Ids, Result, SessionId, Timestamp, UserId};

use super::guard::{Attempt, Guard, Outcome};
use super::minting::{Minting, Tokens};
use super::refresh::{RefreshToken, Sealer};
use super::standing::{Standing, Verdict};
use super::{BAD_REFRESH_TOKEN, Client, Endings, NO_SESSION, Session, WRONG_CREDENTIALS};
use crate::keys::drawn;
use crate::policy::{self, Act};
use crate::{Account, Accounts, Happened, Target};

/// How many sessions a list shows.
pub const LISTED: i64 = 200;
/// Of two that renew at once one is first; the other finds its answer at the second look.
const LOOKS: usize = 3;
/// How many sightings are written together.
const TOGETHER: usize = 100;

/// Where sessions are kept. What goes `along` is committed with the write or not at all.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Writes a new session down, with its token's hash; false when the owner's tokens are of another generation by now.
    async fn insert(&self, session: &Session, hash: [u8; 32], generation: i64, along: Along) -> Result<bool>;
    /// A session, and how it stands.
    async fn find(&self, owner: UserId, id: SessionId) -> Result<Option<Standing>>;
    /// The sessions of a person that are not over, newest first.
    async fn list(&self, owner: UserId, now: Timestamp, limit: i64) -> Result<Vec<Session>>;
    /// Whose session it is.
    async fn owner(&self, id: SessionId) -> Result<Option<UserId>>;
    /// Puts the next token in the place of the one that is good now; false when that is another one by now.
    async fn renew(&self, token: &RefreshToken, next: &RefreshToken, renewed: &Renewed) -> Result<bool>;
    /// Notes that access tokens of these rotations were seen.
    async fn used(&self, sessions: &[(UserId, SessionId, i64)]) -> Result<()>;
    /// Deletes a session; false when there is none.
    async fn end(&self, owner: UserId, id: SessionId, along: Along) -> Result<bool>;
    /// Ends what comes along; false when the owner's tokens are of another generation by now.
    async fn end_all(&self, along: Along) -> Result<bool>;
    /// What ended at this moment or later.
    async fn ended_since(&self, moment: Timestamp) -> Result<Vec<Ending>>;
}

/// A renewal of a session.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// When.
    pub at: Timestamp,
    /// Until when the session is good now.
    pub expires_at: Timestamp,
    /// By which client.
    pub client: Client,
    /// What it calls itself, as it is kept.
    pub agent: String,
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    pub(super) accounts: Accounts,
    pub(super) store: Arc<dyn SessionStore>,
    pub(super) minting: Minting,
    pub(super) guard: Guard,
    endings: Endings,
    ids: Ids,
    pub(super) clock: Arc<dyn Clock>,
}

impl Sessions {
    /// Over this store.
    pub fn new(
        accounts: Accounts,
        store: Arc<dyn SessionStore>,
        minting: Minting,
        guard: Guard,
        endings: Endings,
        ids: Ids,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { accounts, store, minting, guard, endings, ids, clock }
    }

    /// Signs a person in.
    pub async fn sign_in(
        &self,
        identifier: &str,
        password: String,
        client: &Client,
    ) -> Result<(Account, Tokens)> {
        let attempt = self.admit(identifier, client).await?;
        let recognised = self.accounts.recognise(identifier, &password, &client.address).await;
        self.let_in(attempt, recognised, client).await
    }

    /// Signs a person in by the code that was sent to their address.
    pub async fn sign_in_by_code(
        &self,
        target: &Target,
        code: &str,
        client: &Client,
    ) -> Result<(Account, Tokens)> {
        let (Target::Email(name) | Target::Phone(name)) = target;
        let attempt = self.admit(name, client).await?;
        let recognised = self.accounts.recognise_by_code(target, code).await;
        self.let_in(attempt, recognised.map(Some), client).await
    }

    /// Notes what came of a try, and opens a session for whoever was recognised.
    async fn let_in(
        &self,
        attempt: Attempt,
        recognised: Result<Option<Account>>,
        client: &Client,
    ) -> Result<(Account, Tokens)> {
        let outcome = match &recognised {
            Ok(Some(_)) => Outcome::Right,
            // A code that is wrong is a wrong field.
            Ok(None) | Err(Error::Invalid(_)) => Outcome::Wrong,
            Err(_) => Outcome::Unknown,
        };
        self.guard.note(attempt, outcome).await;
        let account = recognised?.ok_or(Error::Unauthenticated(WRONG_CREDENTIALS))?;
        let tokens = self.open(&account, client).await?;
        Ok((account, tokens))
    }

    /// Opens a session for somebody who has proved who they are.
    pub async fn open(&self, account: &Account, client: &Client) -> Result<Tokens> {
        let now = self.clock.now();
        let session = Session {
            id: self.ids.next()?,
            owner: account.id,
            agent: client.agent(),
            address: client.address.clone(),
            created_at: now,
            seen_at: now,
            expires_at: now.plus(self.minting.ttl),
        };
        let token = Sealer::first(account.id, session.id, drawn()?);
        let opened = self.store.insert(&session, token.hash(), account.generation, Along::none()).await?;
        if !opened {
            return Err(Error::Unauthenticated(WRONG_CREDENTIALS));
        }
        let caller = Caller { user: account.id, session: session.id, role: account.role };
        self.minting.pair(caller, account.generation, &token)
    }

    /// Gives the next pair of tokens for this one. A repeated call hears the same; a thief ends the session.
    pub async fn refresh(&self, token: &str, client: &Client) -> Result<Tokens> {
        let refused = || Error::Unauthenticated(BAD_REFRESH_TOKEN);
        let token = self.minting.sealer.read(token).ok_or_else(refused)?;
        for _ in 0..LOOKS {
            let now = self.clock.now();
            let standing = self.standing(&token, now).await?.ok_or_else(refused)?;
            let next = self.minting.sealer.successor(&token);
            match standing.judge(&token, now) {
                Verdict::Repeat => return self.minting.pair(standing.caller(), standing.generation, &next),
                Verdict::Stolen => {
                    tracing::warn!(
                        user_id = token.owner.number(),
                        session_id = token.session.number(),
                        "a refresh token was used again after its successor; the session has ended"
                    );
                    let notice = self.accounts.notice(token.owner, Happened::SessionStolen).await?;
                    self.end_one(token.owner, token.session, notice).await?;
                    return Err(refused());
                }
                Verdict::Replace => {
                    let expires_at = now.plus(self.minting.ttl);
                    let renewed =
                        Renewed { at: now, expires_at, client: client.clone(), agent: client.agent() };
                    if self.store.renew(&token, &next, &renewed).await? {
                        return self.minting.pair(standing.caller(), standing.generation, &next);
                    }
                }
            }
        }
        Err(Error::unavailable("a session is renewed by too many at once"))
    }

    /// A fresh access token for the session of this refresh token, which stays as it is.
    pub async fn renew(&self, token: &str) -> Result<Option<String>> {
        let Some(token) = self.minting.sealer.read(token) else { return Ok(None) };
        let now = self.clock.now();
        let Some(standing) = self.standing(&token, now).await? else { return Ok(None) };
        // Only a refresh tells a thief for certain; here a token that is too old merely counts for nothing.
        if standing.judge(&token, now) == Verdict::Stolen {
            return Ok(None);
        }
        self.minting.access(standing.caller(), standing.generation, token.rotation).map(Some)
    }

    /// Ends the session of the caller or of this refresh token, or all of its owner's.
    pub async fn sign_out(&self, caller: Option<Caller>, token: Option<&str>, all: bool) -> Result<()> {
        let refused = || Error::Unauthenticated(BAD_REFRESH_TOKEN);
        let mut ended = caller.map(|caller| (caller.user, caller.session));
        if let Some(token) = token.and_then(|token| self.minting.sealer.read(token)) {
            let standing = self.standing(&token, self.clock.now()).await?;
            let known = standing.filter(|it| it.judge(&token, self.clock.now()) != Verdict::Stolen);
            ended = ended.or(known.map(|it| (it.session.owner, it.session.id)));
        }
        let (owner, session) = ended.ok_or_else(refused)?;
        if all { self.end_all(owner, None).await } else { self.end_one(owner, session, Along::none()).await }
    }

    /// The sessions of a person: one's own, or with the right to, anybody's.
    pub async fn list(&self, caller: &Caller, owner: UserId) -> Result<Vec<Session>> {
        policy::allow_about(caller, owner, Act::SeeSessions)?;
        self.store.list(owner, self.clock.now(), LISTED).await
    }

    /// Ends a session: one's own, or with the right to, anybody's.
    pub async fn end(&self, caller: &Caller, session: SessionId) -> Result<()> {
        let owner = self.store.owner(session).await?.ok_or(Error::NotFound(NO_SESSION))?;
        // Whoever may not is not told that there is such a session.
        policy::allow_about(caller, owner, Act::EndSessions).map_err(|_| Error::NotFound(NO_SESSION))?;
        self.end_one(owner, session, Along::none()).await
    }

    /// Ends all sessions of a person, but for the caller's own where only the others are meant.
    pub async fn end_many(&self, caller: &Caller, owner: UserId, others: bool) -> Result<()> {
        policy::allow_about(caller, owner, Act::EndSessions)?;
        self.end_all(owner, others.then_some(caller.session)).await
    }

    /// Notes that renewed tokens have reached their clients.
    pub async fn seen(&self, sightings: &[Sighting]) -> Result<()> {
        let seen: Vec<_> = sightings
            .iter()
            .map(|Sighting { grant, .. }| (grant.caller.user, grant.caller.session, grant.rotation))
            .collect();
        for part in seen.chunks(TOGETHER) {
            self.store.used(part).await?;
        }
        Ok(())
    }

    /// Notes that these renewed tokens have reached their clients, as they themselves prove.
    pub async fn seen_tokens(&self, tokens: &[String]) -> Result<()> {
        let proved = |token: &String| {
            let grant = self.minting.verifier.verify(token).ok()?;
            Some(Sighting { token: token.clone(), grant })
        };
        let seen: Vec<Sighting> = tokens.iter().take(TOGETHER).filter_map(proved).collect();
        self.seen(&seen).await
    }

    /// What ended at this moment or later.
    pub async fn ended_since(&self, moment: Timestamp) -> Result<Vec<Ending>> {
        self.store.ended_since(moment).await
    }

    /// Ends that were heard of here.
    pub fn endings(&self) -> &Endings {
        &self.endings
    }

    /// The keys that tokens are verified with.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.minting.keys.public().public()
    }

    pub(super) async fn end_one(&self, owner: UserId, session: SessionId, along: Along) -> Result<()> {
        let along = along.with(self.endings.session(owner, session)?);
        // It may have ended meanwhile, which is what was wanted.
        self.store.end(owner, session, along).await.map(drop)
    }

    pub(super) async fn end_all(&self, owner: UserId, keep: Option<SessionId>) -> Result<()> {
        let account = self.accounts.find(owner).await?;
        let along = Along::none().with(self.endings.sessions(&account, keep)?);
        if self.store.end_all(along).await? { Ok(()) } else { Err(Error::Stale) }
    }

    pub(super) async fn standing(&self, token: &RefreshToken, now: Timestamp) -> Result<Option<Standing>> {
        let standing = self.store.find(token.owner, token.session).await?;
        Ok(standing.filter(|standing| standing.session.expires_at > now))
    }
}

impl Standing {
    fn caller(&self) -> Caller {
        Caller { user: self.session.owner, session: self.session.id, role: self.role }
    }
}
