//! Sessions in the database.

use async_trait::async_trait;
use db::{Batch, Db, sql};
use types::Result;

use super::{Session, SessionStore};

/// Sessions in the table `sessions`.
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
    async fn insert(&self, session: &Session) -> Result<()> {
        let insert = sql!(
            "insert into sessions (owner_id, id, agent, address, created_at, expires_at) values (?, ?, ?, ?, ?, ?)",
            session.owner,
            session.id,
            session.agent.as_str(),
            session.address.as_str(),
            session.created_at,
            session.expires_at
        );
        Ok(self.db.write(Batch::of_one(insert)).await?)
    }
}
