#![cfg(test)]
//! The house from outside: over HTTP, and as a program. Files are named after the paths that they ask.

mod e2e {
    #[macro_use]
    mod every_engine;

    mod apart;
    mod api_v1;
    mod bad_input;
    mod client;
    mod contracts;
    mod engines;
    mod eventually;
    mod every_endpoint;
    mod house;
    mod identity_headers;
    mod normal;
    mod oauth;
    mod pages;
    mod program;
    mod road;
    mod slow_and_raw;
    mod tokens;
    mod well_known;
}
