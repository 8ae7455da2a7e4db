//! Webhooks: telling somebody else's server, signed so that it knows who speaks, and nobody whom it is not for us to call.
//!
//! A message is a POST by the rules of Standard Webhooks. Where it goes is judged twice: the address when it is written down
//! ([`Guard::read`]), and whatever its name leads to each time it is called ([`Guard::judge`]); the connection goes to
//! the very addresses that were judged.

mod addresses;
mod allowed;
mod guard;
mod resolver;
mod send;
mod sign;
mod texts;
mod verdict;

pub use guard::Guard;
pub use resolver::{Resolver, SystemResolver};
pub use send::{Limits, Message, Sender, web_roots};
pub use sign::{Secret, sign, verify};
pub use verdict::{Answer, Verdict};
