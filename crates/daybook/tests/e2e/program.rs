//! The program as a process: what it says, how it ends, and what it leaves behind.

mod commands;
mod committed;
mod crash;
mod facts;
mod invitation;
mod keys;
mod kills;
mod orders;
pub mod process;
mod refusals;
mod server;
mod stops;
mod users;
