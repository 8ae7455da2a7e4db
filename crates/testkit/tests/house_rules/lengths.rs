//! Short files and short handlers. The length of functions is clippy's.

use super::sources::{Source, files, sources};
use super::syntax::{functions, words};
use super::verdict;

const FILE: usize = 400;
const FILE_OF_TESTS: usize = 600;
const HANDLER: usize = 25;
const COMPONENT: usize = 100;

/// What a file of a role may have, its tests not counted.
const ROLES: [(&str, usize); 3] = [("routes", 200), ("service", 300), ("store", 300)];

fn is_in_tests(source: &Source) -> bool {
    source.file.parts().contains(&"tests")
}

#[test]
fn a_rust_file_has_at_most_400_lines_and_one_of_tests_600() {
    verdict::nothing(sources().iter().filter_map(|source| {
        let most = if is_in_tests(source) { FILE_OF_TESTS } else { FILE };
        let lines = source.file.lines().count();
        let advice = format!("split it by noun: {lines} lines, at most {most}");
        (lines > most).then(|| verdict::at(&source.file.path, most + 1, advice))
    }));
}

#[test]
fn routes_services_and_stores_are_short() {
    verdict::nothing(sources().iter().filter(|source| !is_in_tests(source)).filter_map(|source| {
        let (role, most) = ROLES.into_iter().find(|(role, _)| source.plays(role))?;
        let lines = source.lines_without_tests;
        let advice = format!("give each noun its own folder: {lines} lines of {role}, at most {most}");
        (lines > most).then(|| verdict::at(&source.file.path, most + 1, advice))
    }));
}

#[test]
fn a_handler_has_at_most_25_lines() {
    let edges = sources().iter().filter(|source| source.plays("routes") || source.plays("classic"));
    verdict::nothing(edges.filter(|source| !is_in_tests(source)).flat_map(|source| {
        let handlers = functions(&source.code).into_iter().filter(|function| {
            // The table of contents may be as long as the contents.
            !source.is_test(function.line) && !words(function.signature).any(|word| word.ends_with("Router"))
        });
        handlers.filter(|handler| handler.length > HANDLER).map(|handler| {
            let advice = format!(
                "`{}` is {} lines, at most {HANDLER}: its work is the service's",
                handler.name, handler.length
            );
            verdict::at(&source.file.path, handler.line, advice)
        })
    }));
}

#[test]
fn a_web_component_has_at_most_100_lines() {
    let scripts = files().iter().filter(|file| file.crate_name() == "web" && file.ending() == "js");
    let components = scripts.filter(|file| file.text.contains("extends HTMLElement"));
    verdict::nothing(components.filter_map(|file| {
        let lines = file.lines().count();
        let advice = format!("make two components of it: {lines} lines, at most {COMPONENT}");
        (lines > COMPONENT).then(|| verdict::at(&file.path, COMPONENT + 1, advice))
    }));
}

#[test]
fn the_length_of_the_median_file_is_told() {
    let program = sources().iter().filter(|source| !is_in_tests(source));
    let mut lengths: Vec<usize> = program.map(|source| source.lines_without_tests).collect();
    lengths.sort_unstable();
    let (median, longest) = (lengths[lengths.len() / 2], lengths[lengths.len() - 1]);
    verdict::tell(&format!(
        "{} Rust files, {median} lines in the median, {longest} in the longest",
        lengths.len()
    ));
}
