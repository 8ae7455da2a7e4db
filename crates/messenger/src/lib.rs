//! The messenger: chats of two and of many, what is said in them, and what becomes of it.
//!
//! A folder a noun. `chats` are who talks with whom, `messages` what they say, in the one order of their chat. A message
//! is stored with a fact that tells of it; `processing` is what follows: it is marked, and `counts` has it. `trail` is what
//! became of each; `archive` is all of it, for a file. `members` are who is in a group and what they may do there, `blocks` who does not want to hear of whom;
//! `grpc` is the door for other programs of the house.

mod archive;
mod audit;
mod blocks;
mod chats;
mod counts;
mod grpc;
mod live;
mod members;
mod messages;
mod processing;
#[cfg(test)]
mod stage;
mod trail;

use std::sync::Arc;
use std::time::Duration;

use api::Verifier;
use api::rates::Rates;
use axum::Router;
use cache::Cache;
use db::Db;
use part::{Part, Section, Source};
use stream::{Consumer, Hears, Stream, Teller};
use types::facts::accounts::UserDeleted;
use types::facts::messages::TOPIC;
use types::{Clock, Ids};
use utoipa_axum::router::OpenApiRouter;

pub use archive::{Archive, Chapter, Extract, Spot};
pub use audit::{Findings, Look, Stuck, audit};
pub use blocks::{BlockStore, Blocked, SqlBlocks};
pub use chats::{
    Chat, ChatStore, Direct, Glance, Kind, NewGroup, People, Rank, Seat, SqlChats, Unread, View, Wanted,
};
pub use members::{Member, MemberStore, Place, SqlMembers, Wish};
pub use messages::{Message, MessageStore, NewMessage, SqlMessages};
pub use processing::GROUP;

use blocks::Blocks;
use chats::Chats;
use counts::{Counts, SqlCounts};
use live::{Arrivals, Hub, Live, Means, SqlLive};
use members::Members;
use messages::Messages;
use processing::Processing;
use trail::{SqlTrails, Trails};

/// The tables of this domain.
pub const MIGRATIONS: &[db::Migration] = &[
    db::migration!("messenger", 1, "0001_chats"),
    db::migration!("messenger", 2, "0002_messages"),
    db::migration!("messenger", 3, "0003_blocks"),
    db::migration!("messenger", 4, "0004_blocked_by"),
    db::migration!("messenger", 5, "0005_message_counts"),
    db::migration!("messenger", 6, "0006_receipts"),
    db::migration!("messenger", 7, "0007_gone_for_whom"),
];

/// What it hears of other domains.
pub const HEARS: &[Hears] = &[Hears::of::<UserDeleted>()];

/// What it shows on everybody's home.
pub const SECTIONS: &[Section] = &[Section {
    name: "messenger",
    schema: "MessengerHome",
    source: Source::Grpc(grpc::ask_home),
    without: None,
}];

/// What the routes promise.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut all = chats::routes().into_openapi();
    all.merge(members::routes().into_openapi());
    all.merge(messages().into_openapi());
    all.merge(blocks::routes().into_openapi());
    all.merge(<grpc::Documents as utoipa::OpenApi>::openapi());
    all.merge(counts().into_openapi());
    all.merge(trail::routes().into_openapi());
    all.merge(live::routes().into_openapi());
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
    /// Its facts.
    pub stream: Stream,
    /// By which its processes tell each other what is kept nowhere.
    pub cache: Cache,
    /// Whose tokens are brought on connections that are there already.
    pub verifier: Verifier,
    /// How often each may say something on them, where that is limited.
    pub rates: Option<Rates>,
    /// How many connections for events one person may have.
    pub streams: usize,
    /// How long one on which clients talk may be silent.
    pub silence: Duration,
}

/// The messenger, ready to be served.
pub fn part(needs: Needs) -> Part {
    let shelf: Arc<dyn ChatStore> = Arc::new(SqlChats::new(needs.db.clone()));
    let (people, teller, clock) = (&needs.people, &needs.teller, &needs.clock);
    let chats = Chats::new(shelf, people.clone(), teller.clone(), needs.ids.clone(), clock.clone());
    let store: Arc<dyn MessageStore> = Arc::new(SqlMessages::new(needs.db.clone()));
    let messages = Messages::new(store, chats.clone(), teller.clone(), needs.ids.clone(), clock.clone());
    let counts = Counts::new(Arc::new(SqlCounts::new(needs.db.clone())), clock.clone());
    let trails = Trails::new(SqlTrails::new(needs.db.clone()), messages.clone());
    let processing = Processing::new(needs.db.clone(), clock.clone());
    let (company, leavers) = company(&needs, &chats);
    let (follow, (hub, arrivals)) = (needs.stream.follow(TOPIC), Hub::new(needs.streams));
    let live = live(needs, hub, &chats, &messages);
    Part {
        router: Router::from(chats::routes().with_state(chats.clone()))
            .merge(self::messages().with_state(messages))
            .merge(self::counts().with_state(counts))
            .merge(trail::routes().with_state(trails))
            .merge(live::routes().with_state(live.clone()))
            .merge(company)
            .merge(grpc::routes(chats)),
        consumers: vec![processing, leavers],
        handlers: Vec::new(),
        totals: Vec::new(),
        works: vec![live::work(live, follow, arrivals)],
    }
}

/// Who may be where, and with whom.
fn company(needs: &Needs, chats: &Chats) -> (Router, Arc<dyn Consumer>) {
    let Needs { db, teller, clock, people, .. } = needs;
    let store: Arc<dyn MemberStore> = Arc::new(SqlMembers::new(db.clone()));
    let members = Members::new(store, chats.clone(), people.clone(), teller.clone(), clock.clone());
    let list: Arc<dyn BlockStore> = Arc::new(SqlBlocks::new(db.clone()));
    let leavers = members::leavers(db, members.clone(), list.clone(), clock.clone());
    let blocks = Blocks::new(list, people.clone(), clock.clone());
    let members = Router::from(members::routes().with_state(members));
    (members.merge(blocks::routes().with_state(blocks)), leavers)
}

/// What is told as it happens.
fn live(needs: Needs, hub: Hub, chats: &Chats, messages: &Messages) -> Live {
    Live::new(Means {
        hub,
        feed: needs.stream.feed(TOPIC),
        arrivals: Arrivals::default(),
        store: SqlLive::new(needs.db),
        cache: needs.cache,
        chats: chats.clone(),
        messages: messages.clone(),
        verifier: needs.verifier,
        rates: needs.rates,
        silence: needs.silence,
        clock: needs.clock,
    })
}
