//! Jobs that people have put in the queue by the clock, again and again.

mod bodies;
pub mod routes;
mod service;

pub use service::Schedules;
