//! What must be the same on every engine, beside the road.

mod schema;
mod statements;
mod two_houses;
