//! The invitation in the database.

use db::{Batch, Companion, Db, Rows, Step, sql};
use types::{Result, Timestamp, UserId};

/// Where the one invitation is.
const PLACE: i64 = 1;

/// The invitation in the table `invitations`. Cheap to clone.
#[derive(Clone)]
pub struct SqlInvitations {
    db: Db,
}

/// Uses an invitation up with the account that it makes: of many at once, one does.
#[derive(Debug, Clone, Copy)]
pub struct Spending(pub i64);

impl SqlInvitations {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// The invitation that is good now.
    pub async fn find(&self, now: Timestamp) -> Result<Option<i64>> {
        let find = sql!("select id from invitations where place = ? and expires_at > ?", PLACE, now);
        Ok(self.db.first(find).await?)
    }

    /// Puts an invitation where there is none, or one that is over.
    pub async fn offer(&self, id: i64, now: Timestamp, until: Timestamp) -> Result<()> {
        let over = sql!("delete from invitations where place = ? and expires_at <= ?", PLACE, now);
        let offer = sql!(
            "insert into invitations (place, id, expires_at) values (?, ?, ?) on conflict (place) do nothing",
            PLACE,
            id,
            until
        );
        Ok(self.db.write(Batch::new().any(over).any(offer)).await?)
    }

    /// Whether anybody has an account here.
    pub async fn is_inhabited(&self) -> Result<bool> {
        Ok(self.db.first::<(UserId,)>(sql!("select id from users limit 1")).await?.is_some())
    }

    /// Whether anybody runs the house, or did and may come back. It looks at everybody, and so is asked only while there
    /// is an invitation.
    pub async fn is_run(&self) -> Result<bool> {
        let admin = sql!("select id from users where role = 'admin' limit 1");
        Ok(self.db.first::<(UserId,)>(admin).await?.is_some())
    }
}

impl Companion for Spending {
    fn steps(&self) -> Vec<Step> {
        let spend = sql!("delete from invitations where place = ? and id = ?", PLACE, self.0);
        vec![Step::new(spend, Rows::Exactly(1))]
    }
}
