#![cfg(test)]
//! Attacks on access tokens: each has a test, and what is good passes the same way.

mod tokens {
    mod cookies;
    mod fetched;
    mod forged;
    mod remembered;
    mod said;
    mod streams;
    mod vectors;
    mod workshop;
}
