//! The program: command line, configuration, wiring. The only place where everything meets.

pub mod cli;
mod commands;
pub mod config;
pub mod domains;
mod facts;
pub mod house;
mod memory;
mod orders;
mod socket;
