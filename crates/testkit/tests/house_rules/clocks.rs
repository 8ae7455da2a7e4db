//! Stopwatches. The time of day is banned by `clippy.toml`; a stopwatch is harmless where something is measured, and
//! hides a decision from tests anywhere else.

use super::sources::{Source, sources};
use super::verdict;

/// Where one may be started, and what is measured there.
const STOPWATCHES: [(&str, &str); 7] = [
    ("crates/types/src/time.rs", "moments are defined there"),
    ("crates/db/", "how long a group of writes or a read takes"),
    ("crates/gateway/src/upstream.rs", "how long a service takes"),
    ("crates/gateway/src/upstream/lines/pool.rs", "how long a connection rests"),
    ("crates/stream/src/pace.rs", "how long a group worked that makes way for others"),
    ("crates/stream/src/sequencer.rs", "how long it takes to look at all facts that have no number"),
    ("crates/api/", "how long a request takes, and how long a stop may"),
];

fn lines_with_stopwatch(source: &Source) -> Vec<usize> {
    let program: Vec<_> = source.program().collect();
    let calls = program.windows(4).filter(|window| {
        window[0].is_word("Instant")
            && window[1].is_mark(':')
            && window[2].is_mark(':')
            && window[3].is_word("now")
    });
    calls.map(|window| window[0].line).collect()
}

#[test]
fn a_stopwatch_is_started_only_where_something_is_measured() {
    let elsewhere = sources()
        .iter()
        .filter(|source| !STOPWATCHES.iter().any(|(path, _)| source.file.path.starts_with(path)));
    verdict::nothing(elsewhere.flat_map(|source| {
        let advice =
            "take the moment from a `types::Clock`, or list the file in STOPWATCHES with what it measures";
        lines_with_stopwatch(source).into_iter().map(move |line| verdict::at(&source.file.path, line, advice))
    }));
}
