//! Versions, and what each dependency is for, are said once: in the root manifest.

use super::floors::manifests;
use super::sources::files;
use super::toml::{Entry, entries};
use super::verdict;

fn comes_from_workspace(entry: &Entry) -> bool {
    let spaceless = entry.value.replace(' ', "");
    match entry.key.split_once('.') {
        Some((_, "workspace")) => spaceless == "true",
        // The other lines of a `[dependencies.name]`, whose `workspace` has a line of its own.
        Some((_, key)) => key != "version" && key != "path" && key != "git",
        None => spaceless.contains("workspace=true"),
    }
}

#[test]
fn a_dependency_says_what_it_is_for() {
    let root = files().iter().filter(|file| file.path == "Cargo.toml");
    verdict::nothing(root.flat_map(|file| {
        let silent =
            entries(file).into_iter().filter(|entry| entry.is_dependency() && entry.comment.is_empty());
        silent.map(|entry| {
            verdict::at(&file.path, entry.line, format!("end the line with what `{}` is for", entry.name()))
        })
    }));
}

#[test]
fn a_crate_takes_its_dependencies_from_the_workspace() {
    verdict::nothing(manifests().flat_map(|file| {
        let own =
            entries(file).into_iter().filter(|entry| entry.is_dependency() && !comes_from_workspace(entry));
        own.map(|entry| {
            verdict::at(&file.path, entry.line, format!("write `{}.workspace = true`", entry.name()))
        })
    }));
}

#[test]
fn a_crate_takes_its_lints_from_the_workspace() {
    let lints = |entry: &Entry| entry.section == "lints" && entry.key == "workspace" && entry.value == "true";
    let without = manifests().filter(|file| !entries(file).iter().any(lints));
    verdict::nothing(without.map(|file| verdict::at(&file.path, 1, "add `[lints]` with `workspace = true`")));
}
