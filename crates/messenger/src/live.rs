//! What happens in a person's chats, told as it happens over one connection for all of them.
//!
//! In each process one reader follows the facts (`work`) and hands each event, written once, to all who may hear it (`hub`).
//! A connection (`stay`, spoken as `sse` or as a `socket`) has a `seat` there, and knows its `place`: whoever comes back
//! with it hears exactly what they missed. `whispers` are what is kept nowhere: who writes, who comes and goes.

mod arrivals;
mod event;
mod hub;
mod place;
mod routes;
mod said;
mod seat;
mod service;
mod socket;
mod sse;
mod stay;
mod store;
mod tidings;
mod whispers;
mod work;

pub use arrivals::Arrivals;
pub use hub::Hub;
pub use routes::routes;
pub use service::{Live, Means};
pub use store::SqlLive;
pub use work::work;
