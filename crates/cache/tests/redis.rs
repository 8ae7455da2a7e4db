//! What a cache on Redis promises beyond every other: what happens when the server dies, hangs, forgets or comes back.
#![cfg(test)]

mod redis {
    mod away;
    mod hearing;
    mod refused;
    mod server;
}
