//! The messenger: chats of two and of many, what is said in them, and what becomes of it.
//!
//! A folder a noun. `chats` are who talks with whom, `messages` what they say, in the one order of their chat. A message
//! is stored with a fact that tells of it; `processing` is what follows.

mod chats;
mod live;
mod messages;
mod processing;
mod trail;

use std::sync::Arc;

use api::Verifier;
use axum::Router;
use cache::Cache;
use db::Db;
use part::Part;
use stream::{Stream, Teller};
use types::facts::messages::TOPIC;
use types::{Clock, Ids};
use utoipa_axum::router::OpenApiRouter;

pub use chats::{Chat, ChatStore, Direct, Kind, People, Rank, Seat, SqlChats};
pub use messages::{Message, MessageStore, NewMessage, SqlMessages};

use chats::Chats;
use live::{Arrivals, Hub, Live, Means, SqlLive};
use messages::Messages;
use processing::Processing;

/// The tables of this domain.
pub const MIGRATIONS: &[db::Migration] = &[
    db::migration!("messenger", 1, "0001_chats"),
    db::migration!("messenger", 2, "0002_messages"),
    db::migration!("messenger", 3, "0003_blocks"),
    db::migration!("messenger", 6, "0006_receipts"),
];

/// What the routes promise.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut all = chats::routes().into_openapi();
    all.merge(messages().into_openapi());
    all.merge(live::routes().into_openapi());
    all
}

fn messages() -> OpenApiRouter<Messages> {
    messages::routes().merge(messages::classic())
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
    /// Its facts.
    pub stream: Stream,
    /// By which its processes tell each other what is kept nowhere.
    pub cache: Cache,
    /// Whose tokens are brought on connections that are there already.
    pub verifier: Verifier,
    /// How many connections for events one person may have.
    pub streams: usize,
}

/// The messenger, ready to be served.
pub fn part(needs: Needs) -> Part {
    let Needs { db, teller, ids, clock, people, stream, cache, verifier, streams } = needs;
    let shelf: Arc<dyn ChatStore> = Arc::new(SqlChats::new(db.clone()));
    let chats = Chats::new(shelf, people, teller.clone(), ids.clone(), clock.clone());
    let store: Arc<dyn MessageStore> = Arc::new(SqlMessages::new(db.clone()));
    let processing = Processing::new(db.clone(), clock.clone());
    let messages = Messages::new(store, chats.clone(), teller, ids, clock.clone());
    let (hub, arrivals) = Hub::new(streams);
    let (arrived, feed, store) = (Arrivals::default(), stream.feed(TOPIC), SqlLive::new(db));
    let (talks, said) = (chats.clone(), messages.clone());
    let live = Live::new(Means {
        hub,
        feed,
        arrivals: arrived,
        store,
        cache,
        chats: talks,
        messages: said,
        verifier,
        clock,
    });
    Part {
        router: Router::from(chats::routes().with_state(chats))
            .merge(self::messages().with_state(messages))
            .merge(live::routes().with_state(live.clone())),
        consumers: vec![processing],
        totals: Vec::new(),
        works: vec![live::work(live, stream.follow(TOPIC), arrivals)],
    }
}
