//! How much the engines differ, in methods. It was counted once, and only shrinks.

use super::sources::sources;
use super::syntax::functions;
use super::verdict;

/// Lower it whenever fewer are needed; a new one has to replace another.
const MOST: usize = 3;

#[test]
fn the_dialects_only_shrink() {
    // Cutting text into tokens is the same for every engine.
    let dialect = sources().iter().filter(|source| {
        source.file.path.starts_with("crates/db/src/dialect") && source.file.name() != "tokens.rs"
    });
    let methods: Vec<String> = dialect
        .flat_map(|source| {
            functions(&source.code)
                .into_iter()
                .filter(|function| function.is_public && !source.is_test(function.line))
        })
        .map(|function| function.name.to_owned())
        .collect();
    if methods.is_empty() {
        return verdict::tell("no dialect in `db` yet");
    }
    verdict::tell(&format!(
        "{} methods differ between engines, at most {MOST}: {}",
        methods.len(),
        methods.join(", ")
    ));
    assert!(
        methods.len() <= MOST,
        "{} methods differ between engines, at most {MOST}: write one text for all",
        methods.len()
    );
}
