//! Many at once: each has a result of its own.
