//! What people may have the house do for them: each kind is a handler, and says what is wrong with a payload before it is
//! put in the queue.
//!
//! `webhook` tells another server, signed with a secret that its owner alone sees; `email` writes to a person; `report` makes a
//! file of somebody's own data, a page at a time, for them to fetch.

pub mod email;
mod payload;
pub mod report;
pub mod secrets;
mod webhook;

pub use email::Email;
pub use report::Report;
pub use secrets::Secrets;
pub use webhook::Webhook;
