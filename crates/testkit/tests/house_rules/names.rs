//! Names that say where a thing is, so that nothing becomes an attic.

use super::sources::{files, sources};
use super::syntax::functions;
use super::verdict;

/// What a file is called when nobody knew what it is about.
const ATTICS: [&str; 8] = ["util", "utils", "helper", "helpers", "common", "commons", "misc", "stuff"];

fn is_attic(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default();
    stem.rsplit(['_', '-']).next().is_some_and(|last| ATTICS.contains(&last))
}

#[test]
fn a_module_has_the_name_of_its_folder_and_not_mod_rs() {
    let old = files().iter().filter(|file| file.name() == "mod.rs");
    verdict::nothing(old.map(|file| verdict::at(&file.path, 1, "call it `folder.rs`, beside the folder")));
}

#[test]
fn nothing_is_kept_in_an_attic() {
    let attics = files().iter().filter(|file| file.parts().into_iter().any(is_attic));
    verdict::nothing(
        attics.map(|file| verdict::at(&file.path, 1, "name it after the noun that it is about")),
    );
}

#[test]
fn a_test_is_named_by_what_it_shows() {
    verdict::nothing(sources().iter().flat_map(|source| {
        let tests = functions(&source.code).into_iter().filter(|function| function.is_test);
        let prefixed = tests.filter(|test| test.name.starts_with("test_"));
        prefixed.map(|test| {
            verdict::at(&source.file.path, test.line, format!("make a sentence of `{}`", test.name))
        })
    }));
}

#[test]
fn an_attic_is_known_by_its_last_word() {
    assert!(is_attic("utils.rs") && is_attic("test_helpers") && is_attic("date-util.js"));
    assert!(!is_attic("commonplace.rs") && !is_attic("utility_bills.rs"));
}
