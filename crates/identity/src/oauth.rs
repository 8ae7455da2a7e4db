//! Signing in by the word of somebody else: OAuth 2 and OpenID Connect.
//!
//! A provider is data: where it is asked, and which quirk it has. All of them are asked in one dance (`service`): the
//! browser leaves with a sealed cookie that says what it has to come back with, and comes back with a code, which is
//! exchanged for the provider's word (`exchange`). What that word is worth here is decided by `plan` alone.

mod answers;
mod arrival;
mod classic;
mod dance;
mod discovery;
mod exchange;
mod id_token;
mod login;
mod outward;
mod people;
mod plan;
mod profile;
mod provider;
mod return_path;
mod routes;
mod service;
mod store;
mod texts;

use utoipa_axum::router::OpenApiRouter;

pub use people::HousePeople;
pub use provider::{Endpoints, Kind, ProviderSettings};
pub use service::{Oauth, Parts};
pub use store::SqlLogins;

/// What the dance needs from the house.
pub struct Providers {
    /// Who is asked.
    pub list: Vec<ProviderSettings>,
    /// Where browsers reach this house: providers send them back there.
    pub public_url: String,
    /// What seals the cookie that a browser carries meanwhile.
    pub secret: [u8; 32],
    /// Where it is remembered which dances have ended.
    pub cache: cache::Cache,
}

/// The routes about providers and logins.
pub fn routes() -> OpenApiRouter<Oauth> {
    routes::routes().merge(classic::routes())
}
