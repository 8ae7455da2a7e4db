//! Who hears what.

