//! What happens to people, over the real store, on every engine.

mod addresses;
mod by_code;
mod governed;
mod leaving;
mod over_http;
mod passwords;
mod profile;
mod signing_up;
