//! The files of the workspace, read once.

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::lexer::{Kind, Token, tokens};
use super::syntax::test_only;

/// What no rule looks into: what is built or written at run time, at the root.
const MADE: [&str; 3] = ["target", "data", "coverage"];

/// A file of the repository.
#[derive(Clone)]
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    /// Its text; empty when it is not UTF-8.
    pub text: String,
}

impl File {
    /// The folders and the file's name.
    pub fn parts(&self) -> Vec<&str> {
        self.path.split('/').collect()
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// What stands after the name's last dot.
    pub fn ending(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, ending)| ending)
    }

    /// The text's lines, counted from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(at, line)| (at + 1, line))
    }

    /// The folder under `crates/` that it lies in.
    pub fn crate_name(&self) -> &str {
        self.path.strip_prefix("crates/").and_then(|rest| rest.split('/').next()).unwrap_or_default()
    }
}

/// A Rust file, cut into tokens.
pub struct Source {
    /// The file itself.
    pub file: File,
    /// Its tokens without comments.
    pub code: Vec<Token>,
    /// Its comments.
    pub comments: Vec<Token>,
    /// How many of its lines are not a module of tests.
    pub lines_without_tests: usize,
    /// The paths of files that it takes in for tests only.
    test_files: Vec<String>,
    is_for_tests: bool,
    test_lines: Vec<RangeInclusive<usize>>,
}

impl Source {
    fn new(file: File) -> Self {
        let (comments, code): (Vec<Token>, _) =
            tokens(&file.text).into_iter().partition(|token| token.kind == Kind::Comment);
        let found = test_only(&code);
        let lines = file.text.lines().count();
        let of_tests =
            (1..=lines).filter(|line| found.lines.iter().any(|range| range.contains(line))).count();
        let test_files = found.modules.iter().flat_map(|module| module_paths(&file.path, module)).collect();
        let is_for_tests = file.path.split('/').any(|part| part == "tests") || file.crate_name() == "testkit";
        let test_lines = found.lines;
        Self {
            file,
            code,
            comments,
            lines_without_tests: lines - of_tests,
            test_files,
            is_for_tests,
            test_lines,
        }
    }

    /// Does this line exist in tests only?
    pub fn is_test(&self, line: usize) -> bool {
        self.is_for_tests || self.test_lines.iter().any(|range| range.contains(&line))
    }

    /// The tokens that are part of the program.
    pub fn program(&self) -> impl Iterator<Item = &Token> {
        self.code.iter().filter(|token| !self.is_test(token.line))
    }

    /// Is it `role.rs`, or in a folder `role/`?
    pub fn plays(&self, role: &str) -> bool {
        let parts = self.file.parts();
        parts.last().is_some_and(|name| name.strip_suffix(".rs") == Some(role))
            || parts.iter().rev().nth(1) == Some(&role)
    }
}

/// Where a module with its own file may lie: beside its parent, or in the parent's folder.
fn module_paths(parent: &str, module: &str) -> [String; 2] {
    let stem = parent.trim_end_matches(".rs");
    let folder = stem.rsplit_once('/').map_or("", |(folder, _)| folder);
    let owner = if stem.ends_with("/lib") || stem.ends_with("/main") { folder } else { stem };
    [format!("{owner}/{module}.rs"), format!("{owner}/{module}/")]
}

/// The root of the repository. Cargo tells a test where its crate lies when it runs it.
pub fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&own).join("../..")
}

/// Every file of the repository that people write.
pub fn files() -> &'static [File] {
    static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
        let mut found = Vec::new();
        walk(&root(), "", &mut found);
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    });
    &FILES
}

/// Every Rust file of the repository.
pub fn sources() -> &'static [Source] {
    static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let rust = files().iter().filter(|file| file.ending() == "rs");
        let mut all: Vec<Source> = rust.map(|file| Source::new(file.clone())).collect();
        let test_files: Vec<String> = all.iter().flat_map(|source| source.test_files.clone()).collect();
        for source in &mut all {
            source.is_for_tests |= test_files.iter().any(|path| source.file.path.starts_with(path));
        }
        all
    });
    &SOURCES
}

fn walk(folder: &Path, path: &str, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with('.') || path.is_empty() && MADE.contains(&name.as_str()) {
            continue;
        }
        let path = if path.is_empty() { name } else { format!("{path}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &path, found);
        } else {
            let text = fs::read_to_string(entry.path()).unwrap_or_default();
            found.push(File { path, text });
        }
    }
}

mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::new(File { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn a_crate_is_known_by_its_folder() {
        assert_eq!(source("crates/tasks/src/lib.rs", "").file.crate_name(), "tasks");
        assert_eq!(source("benches/lists.rs", "").file.crate_name(), "");
    }

    #[test]
    fn a_role_is_a_file_or_a_folder() {
        assert!(source("crates/tasks/src/store.rs", "").plays("store"));
        assert!(source("crates/tasks/src/store/rows.rs", "").plays("store"));
        assert!(!source("crates/tasks/src/restore.rs", "").plays("store"));
    }

    #[test]
    fn tests_are_not_counted_as_program() {
        let tasks =
            source("crates/tasks/src/store.rs", "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n");
        assert_eq!(tasks.lines_without_tests, 2);
        assert!(!tasks.is_test(1) && tasks.is_test(5));
        assert!(tasks.program().all(|token| token.text != "b"));
    }

    #[test]
    fn a_module_of_tests_is_found_in_its_own_file() {
        assert_eq!(module_paths("crates/a/src/lib.rs", "tests")[0], "crates/a/src/tests.rs");
        assert_eq!(module_paths("crates/a/src/store.rs", "tests")[0], "crates/a/src/store/tests.rs");
    }
}
