//! Facts: committed with the write they tell of, delivered to consumers, nothing lost and nothing twice.
//!
//! A service makes a [`Telling`] and gives it to its store, which commits it with the write. Each group of consumers
//! reads the facts in the order of commits and moves its position in the transaction of its own effect. A [`Feed`] is
//! for those who keep their place themselves: clients that ask what changed since, and those that want to be told. A
//! [`Follow`] is for one in each process who hands new facts on to many.

mod afar;
mod counts;
mod each;
mod fact;
mod feed;
mod follow;
mod group;
mod kafka;
mod lag;
mod leaving;
mod mark;
mod pace;
mod parked;
mod reader;
mod sequencer;
mod standing;
mod store;
mod tail;
mod tally;
mod wake;
mod way;

pub use afar::Afar;
pub use counts::{Count, Counts};
pub use each::each;
pub use fact::{Fact, Teller, Telling};
pub use feed::{Feed, News};
pub use follow::{Follow, Step};
pub use group::{Consumer, Hears, Stream};
pub use kafka::{Ferry, Kafka};
pub use lag::Lag;
pub use parked::Parked;
pub use tail::{Sign, Watch};
pub use tally::Tally;
pub use wake::{Bell, Listener};
pub use way::{Address, Way};

/// The tables of this crate.
pub const MIGRATIONS: &[db::Migration] = &[
    db::migration!("stream", 1, "0001_facts", with servers),
    db::migration!("stream", 2, "0002_positions"),
    db::migration!("stream", 3, "0003_counters"),
    db::migration!("stream", 4, "0004_feed"),
];
