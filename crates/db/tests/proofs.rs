//! What the store promises, and attacks on it: killed programs, lost power, full disks, lost lines, servers that die.
#![cfg(test)]

mod proofs {
    mod child;
    mod contention;
    mod folder;
    mod full;
    mod kill;
    mod line;
    mod log;
    mod power;
    mod schema;
    mod scribe;
    mod server;
    mod slots;
    mod transactions;
}
