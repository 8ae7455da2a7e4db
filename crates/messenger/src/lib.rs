//! The messenger: chats of two and of many, what is said in them, and what becomes of it.
//!
//! A folder a noun. `chats` are who talks with whom, `messages` what they say, in the one order of their chat. A message
//! is stored with a fact that tells of it; `processing` is what follows: it is marked, and `counts` has it. `trail` is what
//! became of each.

mod audit;
mod chats;
mod counts;
mod messages;
mod processing;
#[cfg(test)]
mod stage;
mod trail;

use std::sync::Arc;

use axum::Router;
use db::Db;
use part::Part;
use stream::Teller;
use types::{Clock, Ids};
use utoipa_axum::router::OpenApiRouter;

pub use audit::{Findings, Look, Stuck, audit};
pub use chats::{Chat, ChatStore, Direct, Kind, People, Rank, Seat, SqlChats};
pub use messages::{Message, MessageStore, NewMessage, SqlMessages};
pub use processing::GROUP;

use chats::Chats;
use counts::{Counts, SqlCounts};
use messages::Messages;
use processing::Processing;
use trail::{SqlTrails, Trails};

/// The tables of this domain.
pub const MIGRATIONS: &[db::Migration] = &[
    db::migration!("messenger", 1, "0001_chats"),
    db::migration!("messenger", 2, "0002_messages"),
    db::migration!("messenger", 3, "0003_blocks"),
    db::migration!("messenger", 5, "0005_message_counts"),
    db::migration!("messenger", 6, "0006_receipts"),
];

/// What the routes promise.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut all = chats::routes().into_openapi();
    all.merge(messages().into_openapi());
    all.merge(counts().into_openapi());
    all.merge(trail::routes().into_openapi());
    all
}

fn messages() -> OpenApiRouter<Messages> {
    messages::routes().merge(messages::classic())
}

fn counts() -> OpenApiRouter<Counts> {
    counts::routes().merge(counts::classic())
}

/// What the messenger needs from the house.
pub struct Needs {
    /// Its database.
    pub db: Db,
    /// What it tells facts with.
    pub teller: Teller,
    /// What it makes ids with.
    pub ids: Ids,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Who there is to talk with.
    pub people: Arc<dyn People>,
}

/// The messenger, ready to be served.
pub fn part(needs: Needs) -> Part {
    let Needs { db, teller, ids, clock, people } = needs;
    let shelf: Arc<dyn ChatStore> = Arc::new(SqlChats::new(db.clone()));
    let chats = Chats::new(shelf, people, teller.clone(), ids.clone(), clock.clone());
    let store: Arc<dyn MessageStore> = Arc::new(SqlMessages::new(db.clone()));
    let processing = Processing::new(db.clone(), clock.clone());
    let counts = Counts::new(Arc::new(SqlCounts::new(db.clone())), clock.clone());
    let messages = Messages::new(store, chats.clone(), teller, ids, clock);
    let trails = Trails::new(SqlTrails::new(db), messages.clone());
    Part {
        router: Router::from(chats::routes().with_state(chats))
            .merge(self::messages().with_state(messages))
            .merge(self::counts().with_state(counts))
            .merge(trail::routes().with_state(trails)),
        consumers: vec![processing],
        totals: Vec::new(),
    }
}
