//! `kill -9`, again and again, on the same file.

use std::collections::BTreeSet;

use super::scribe::{Scribe, acknowledged_before_the_kill, whole_file};

#[test]
fn what_was_acknowledged_outlives_thirty_kills() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("daybook.db");
    let mut acked = BTreeSet::new();
    for round in 0..30_u16 {
        // Every sixth is killed while it opens what the one before left behind.
        let writes = if round % 6 == 5 { 0 } else { 20 + usize::from(round) * 67 % 250 };
        let command = Scribe::new(&file, 1 + i64::from(round) * 1_000_000).command();
        acked.extend(acknowledged_before_the_kill(command, writes));
        let there = whole_file(&file);
        let lost: Vec<&i64> = acked.difference(&there).collect();
        assert!(lost.is_empty(), "round {round} lost {lost:?}");
    }
    assert!(acked.len() > 3_000);
}
