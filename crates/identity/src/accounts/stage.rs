//! What tests of accounts stand on: the real store, the real endings, and codes that nobody has to wait for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::Ended;
use async_trait::async_trait;
use db::{Along, Db, Migration, sql};
use stream::Teller;
use testkit::StillClock;
use types::{Caller, Clock, Error, Ids, Language, Result, Role, SessionId, Text, Timestamp, UserId};

use super::{Account, Accounts, Means, PasswordRule, Registration, SqlAccounts};
use crate::sessions::Endings;
use crate::{
    Asking, Cost, MIGRATIONS, Passwords, Proofs, Reason, Session, SessionStore, SqlSessions, Target,
};

/// A hash that costs next to nothing.
pub const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
/// A password that is always good.
pub const PASSWORD: &str = "correct horse battery";
/// The code that is always sent.
pub const CODE: &str = "271828";
/// It is not that one.
const WRONG_CODE: Text =
    Text { code: "wrong_code", en: "wrong", uk: "неправильно", ru: "неправильно" };

/// The tables of identity, and those of facts before them.
pub const SCHEMA: &[Migration] =
    &testkit::joined::<{ stream::MIGRATIONS.len() + MIGRATIONS.len() }>(stream::MIGRATIONS, MIGRATIONS);

/// Sends one code, at once, and remembers to whom.
#[derive(Default)]
pub struct Post {
    /// What was sent, and what only looked like it.
    pub sent: Mutex<Vec<(Target, Reason, bool)>>,
    /// Whether people must prove their address to sign up.
    pub required: bool,
}

#[async_trait]
impl Proofs for Post {
    async fn send(&self, to: &Target, reason: Reason, _: &Asking, really: bool) -> Result<Timestamp> {
        self.sent.lock().unwrap().push((to.clone(), reason, really));
        Ok(Timestamp::from_millis(1))
    }

    async fn check(&self, to: &Target, reason: Reason, code: &str) -> Result<()> {
        let mut sent = self.sent.lock().unwrap();
        let known = sent.iter().position(|it| *it == (to.clone(), reason, true));
        let known = known.filter(|_| code == CODE).ok_or_else(|| Error::invalid("code", WRONG_CODE))?;
        sent.remove(known);
        Ok(())
    }

    fn required(&self) -> bool {
        self.required
    }
}

/// Accounts over a real database.
pub struct Stage {
    pub accounts: Accounts,
    pub post: Arc<Post>,
    pub clock: StillClock,
    pub sessions: SqlSessions,
    pub db: Db,
    ids: Ids,
}

impl Stage {
    pub fn new(db: &Db) -> Self {
        Self::at_cost(db, CHEAP, false)
    }

    /// Where addresses must be proved to sign up.
    pub fn strict(db: &Db) -> Self {
        Self::at_cost(db, CHEAP, true)
    }

    pub fn at_cost(db: &Db, cost: Cost, required: bool) -> Self {
        let clock = StillClock::default();
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        // Stages on one database must not make the same ids.
        let slot = i64::from(required) + 2 * i64::from(cost.passes > 1);
        let ids = Ids::new(shared.clone(), slot, clock.now().plus(Duration::from_hours(24 * 365)));
        let post = Arc::new(Post { required, ..Post::default() });
        let means = means(shared, &ids, cost, post.clone());
        let accounts = Accounts::new(Arc::new(SqlAccounts::new(db.clone())), means);
        let sessions = SqlSessions::new(db.clone());
        Self { accounts, post, clock, sessions, db: db.clone(), ids }
    }

    /// Somebody who signs up with this, whatever it is.
    pub async fn sign_up(&self, login: &str) -> Result<Account> {
        self.accounts.sign_up(Registration { login: Some(login.into()), ..anna() }).await
    }

    /// Somebody who signs up with this and the code that was sent there.
    pub async fn sign_up_with_proof(&self, login: &str) -> Result<Account> {
        let target = super::Identifier::parse(login).unwrap().target().unwrap();
        self.post.sent.lock().unwrap().push((target, Reason::Register, true));
        let code = Some(CODE.to_owned());
        self.accounts.sign_up(Registration { login: Some(login.into()), code, ..anna() }).await
    }

    /// Opens a session of this account.
    pub async fn enter(&self, account: &Account) -> Caller {
        let now = self.clock.now();
        let session = Session {
            id: self.ids.next().unwrap(),
            owner: account.id,
            agent: String::new(),
            address: String::new(),
            created_at: now,
            seen_at: now,
            expires_at: now.plus(Duration::from_hours(24)),
        };
        let opened = self.sessions.insert(&session, [0; 32], account.generation, Along::none()).await;
        assert!(opened.unwrap());
        Caller { user: account.id, session: session.id, role: account.role }
    }

    /// The sessions that somebody has.
    pub async fn sessions_of(&self, user: UserId) -> Vec<SessionId> {
        let list = self.sessions.list(user, self.clock.now(), 10).await.unwrap();
        list.into_iter().map(|session| session.id).collect()
    }

    /// Who this and the usual password opens.
    pub async fn recognise(&self, login: &str) -> Option<Account> {
        self.accounts.recognise(login, PASSWORD, "").await.unwrap()
    }

    /// The account as it is kept, also when its deletion has begun.
    pub async fn known(&self, login: &str) -> Option<super::Known> {
        self.accounts.store.recognise(&super::Identifier::parse(login).unwrap()).await.unwrap()
    }

    /// The facts of this kind, as JSON, oldest first.
    pub async fn told(&self, kind: &str) -> Vec<String> {
        let told = sql!("select body from facts where kind = ? order by id", kind);
        let told: Vec<(String,)> = self.db.all(told).await.unwrap();
        told.into_iter().map(|(body,)| body).collect()
    }
}

/// Means whose facts wake nobody.
pub fn means(clock: Arc<dyn Clock>, ids: &Ids, cost: Cost, proofs: Arc<dyn Proofs>) -> Means {
    let ttl = Duration::from_mins(5);
    Means {
        passwords: Passwords::start(cost, 1, 64).unwrap(),
        rule: PasswordRule { least: 8, most: 128 },
        proofs,
        endings: Endings::new(Ended::default(), ttl, ids.clone(), clock.clone()),
        teller: Teller::unheard(ids.clone(), clock.clone()),
        ids: ids.clone(),
        clock,
    }
}

/// Who is [`somebody`].
pub const SOMEBODY: UserId = UserId::trusted(7);

/// Somebody with an address that nobody has proved.
pub fn somebody() -> Account {
    Account {
        id: SOMEBODY,
        email: Some("anna@example.org".into()),
        phone: None,
        username: None,
        name: "Anna".into(),
        role: Role::User,
        timezone: "UTC".into(),
        language: Language::Uk,
        week_start: 1,
        email_verified_at: None,
        phone_verified_at: None,
        generation: 1,
        version: 3,
        created_at: Timestamp::default(),
    }
}

/// Somebody who is yet to be named.
pub fn anna() -> Registration {
    Registration { password: PASSWORD.into(), ..Registration::default() }
}

/// Somebody who asks for a code.
pub fn asking() -> Asking {
    Asking { address: "192.0.2.7".into(), language: Language::Uk }
}

/// The e-mail address.
pub fn mail(address: &str) -> Target {
    Target::Email(address.into())
}
