//! What every cache promises, wherever it keeps things: one story a promise.
#![cfg(test)]

mod promises {
    mod broadcast;
    mod counters;
    mod races;
    mod sample;
    mod values;
}
