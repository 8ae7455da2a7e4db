#![cfg(test)]
//! What the gateway remembers, before a service that counts how often it is called.

mod remembered {
    mod door;
    mod flights;
    mod kept;
    mod redis;
    mod service;
    mod writes;
}
