//! Workers outside the house: programs in any language that take their owner's jobs over HTTP, and say what came of them.
//!
//! A job that is lent has no process that answers for it, but a moment (`held_until`) by which its worker has to be heard of;
//! after that it is another's. `asks` is who asks for which queue, `ticket` what a worker proves its claim with, `service` the
//! verbs, `waiting` how one waits for a job without being taken for a service that hangs, `routes` the door.

mod asks;
mod bodies;
mod routes;
mod service;
mod ticket;
mod waiting;

pub use asks::KNOWN_DAYS;
pub use routes::routes;
pub use service::{Failing, KIND, Outside, Taken, Wanted};
pub use ticket::Ticket;
