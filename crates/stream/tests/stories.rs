//! Facts told, delivered, parked and replayed, on every engine and every way.
#![cfg(test)]

mod stories {
    mod everywhere;
    mod kafka;
    mod trial;
}
