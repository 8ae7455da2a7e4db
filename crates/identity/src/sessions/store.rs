//! Sessions in the database.

use api::Ending;
use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, Rows, Step, UnlessMissed, sql};
use types::{Result, SessionId, Timestamp, UserId};

use super::refresh::RefreshToken;
use super::service::{Renewed, SessionStore};
use super::standing::Standing;
use super::{Client, Session};

/// Sessions in the table `sessions`, and their ends in `endings`.
pub struct SqlSessions {
    db: Db,
}

impl SqlSessions {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl SessionStore for SqlSessions {
    async fn insert(&self, session: &Session, hash: [u8; 32], generation: i64, along: Along) -> Result<bool> {
        // Whoever signs in while their password changes signs in with the old one.
        let same = sql!(
            "update users set generation = generation where id = ? and generation = ? and deleted_at is null",
            session.owner,
            generation
        );
        let insert = sql!(
            "insert into sessions (owner_id, id, agent, address, created_at, seen_at, expires_at, rotation, \
             rotated_at, used, current_hash, previous_hash) values (?, ?, ?, ?, ?, ?, ?, 0, ?, 1, ?, null)",
            session.owner,
            session.id,
            session.agent.as_str(),
            session.address.as_str(),
            session.created_at,
            session.seen_at,
            session.expires_at,
            session.created_at,
            hash.to_vec()
        );
        Ok(self.db.write(Batch::of_one(same).one(insert).along(along)).await.unless_missed()?)
    }

    async fn find(&self, owner: UserId, id: SessionId) -> Result<Option<Standing>> {
        let find = sql!(
            "select s.owner_id, s.id, s.agent, s.address, s.created_at, s.seen_at, s.expires_at, u.role, \
             u.generation, s.rotation, s.rotated_at, s.used, s.current_hash, s.previous_hash \
             from sessions s join users u on u.id = s.owner_id \
             where s.owner_id = ? and s.id = ? and u.deleted_at is null",
            owner,
            id
        );
        Ok(self.db.first(find).await?)
    }

    async fn list(&self, owner: UserId, now: Timestamp, limit: i64) -> Result<Vec<Session>> {
        let list = sql!(
            "select owner_id, id, agent, address, created_at, seen_at, expires_at from sessions \
             where owner_id = ? and expires_at > ? order by id desc limit ?",
            owner,
            now,
            limit
        );
        Ok(self.db.all(list).await?)
    }

    async fn owner(&self, id: SessionId) -> Result<Option<UserId>> {
        Ok(self
            .db
            .first::<(UserId,)>(sql!("select owner_id from sessions where id = ?", id))
            .await?
            .map(|(id,)| id))
    }

    async fn renew(&self, token: &RefreshToken, next: &RefreshToken, renewed: &Renewed) -> Result<bool> {
        let Renewed { at, expires_at, client: Client { address, .. }, agent } = renewed;
        let renew = sql!(
            "update sessions set agent = ?, address = ?, seen_at = ?, expires_at = ?, rotation = ?, rotated_at = ?, \
             used = 0, current_hash = ?, previous_hash = ? where owner_id = ? and id = ? and current_hash = ?",
            agent.as_str(),
            address.as_str(),
            *at,
            *expires_at,
            next.rotation,
            *at,
            next.hash().to_vec(),
            token.hash().to_vec(),
            token.owner,
            token.session,
            token.hash().to_vec()
        );
        Ok(self.db.write(Batch::of_one(renew)).await.unless_missed()?)
    }

    async fn used(&self, sessions: &[(UserId, SessionId, i64)]) -> Result<()> {
        let batch = sessions.iter().fold(Batch::new(), |batch, (owner, session, rotation)| {
            batch.any(sql!(
                "update sessions set used = 1 where owner_id = ? and id = ? and rotation = ? and used = 0",
                *owner,
                *session,
                *rotation
            ))
        });
        Ok(self.db.write(batch).await?)
    }

    async fn end(&self, owner: UserId, id: SessionId, along: Along) -> Result<bool> {
        let delete = sql!("delete from sessions where owner_id = ? and id = ?", owner, id);
        Ok(self.db.write(Batch::of_one(delete).along(along)).await.unless_missed()?)
    }

    async fn end_all(&self, along: Along) -> Result<bool> {
        Ok(self.db.write(Batch::new().along(along)).await.unless_missed()?)
    }

    async fn ended_since(&self, moment: Timestamp) -> Result<Vec<Ending>> {
        let news = sql!(
            "select user_id, session_id, generation, happened_at, expires_at from endings \
             where happened_at >= ? order by happened_at",
            moment
        );
        Ok(self.db.scan(news).await?.into_iter().map(|News(ending)| ending).collect())
    }
}

/// The owner's access tokens are of this generation from now on, and were of the one before until now.
pub fn next_generation(user: UserId, generation: i64) -> Step {
    let update = sql!(
        "update users set generation = ? where id = ? and generation = ? and deleted_at is null",
        generation,
        user,
        generation - 1
    );
    Step::new(update, Rows::Exactly(1))
}

/// All sessions of a user go, or all but one.
pub fn delete_all_but(user: UserId, keep: Option<SessionId>) -> Step {
    Step::new(sql!("delete from sessions where owner_id = ?", user).opt(" and id <> ?", keep), Rows::Any)
}

/// What ended is written down for every process that verifies tokens.
pub fn insert_ending(id: i64, ending: &Ending) -> Step {
    let insert = sql!(
        "insert into endings (id, user_id, session_id, generation, happened_at, expires_at) values (?, ?, ?, ?, ?, ?)",
        id,
        ending.user,
        ending.session,
        ending.generation,
        ending.at,
        ending.until
    );
    Step::new(insert, Rows::Exactly(1))
}

struct News(Ending);

impl FromRow for News {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self(Ending {
            user: row.get(0)?,
            session: row.get(1)?,
            generation: row.get(2)?,
            at: row.get(3)?,
            until: row.get(4)?,
        }))
    }
}

impl FromRow for Session {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            owner: row.get(0)?,
            id: row.get(1)?,
            agent: row.get(2)?,
            address: row.get(3)?,
            created_at: row.get(4)?,
            seen_at: row.get(5)?,
            expires_at: row.get(6)?,
        })
    }
}

impl FromRow for Standing {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            session: Session::from_row(row)?,
            role: row.get(7)?,
            generation: row.get(8)?,
            rotation: row.get(9)?,
            rotated_at: row.get(10)?,
            used: row.get(11)?,
            current: row.get(12)?,
            previous: row.get(13)?,
        })
    }
}
