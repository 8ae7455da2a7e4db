#![cfg(test)]
//! The house from outside: over HTTP, and as a program. Files are named after the paths that they ask.

mod e2e {
    #[macro_use]
    mod every_engine;

    mod accounts;
    mod apart;
    mod api_v1;
    mod bad_input;
    mod brokers;
    mod brute_force;
    mod caches;
    mod chores;
    mod client;
    mod codes;
    mod contracts;
    mod cookies;
    mod elsewhere;
    mod engines;
    mod eventually;
    mod every_endpoint;
    mod first_administrator;
    mod forwarded;
    mod grpc;
    mod house;
    mod identity_headers;
    mod listening;
    mod login_codes;
    mod normal;
    mod oauth;
    mod pages;
    mod program;
    mod proxy;
    mod rates;
    mod remembered;
    mod removed;
    mod road;
    mod safety;
    mod sessions;
    mod slow_and_raw;
    mod smuggling;
    mod talking;
    mod tokens;
    mod well_known;
}
