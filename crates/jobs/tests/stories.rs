//! Jobs put, done, failed, lost and called off, on every engine.
#![cfg(test)]

mod stories {
    mod chaos;
    mod clearing;
    mod clockwork;
    mod everywhere;
    mod kafka;
    mod leavers;
    mod outside;
    mod reports;
    mod trial;
}
