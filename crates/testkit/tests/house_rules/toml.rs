//! The little of TOML that manifests are written in: sections, and a line for each key.

use super::sources::File;

/// `key = value # comment`, in its section.
pub struct Entry {
    /// What the last `[…]` said, `dependencies` for `[dependencies.name]` too.
    pub section: String,
    /// The key with its dots, `name.key` under `[dependencies.name]`.
    pub key: String,
    /// What stands between `=` and the comment.
    pub value: String,
    /// What the comment says, or nothing.
    pub comment: String,
    /// Counted from 1.
    pub line: usize,
}

impl Entry {
    /// Is it a dependency of any sort?
    pub fn is_dependency(&self) -> bool {
        self.section.ends_with("dependencies")
    }

    /// Is it one that the program itself is built with?
    pub fn is_built_in(&self) -> bool {
        self.is_dependency() && !self.section.ends_with("dev-dependencies")
    }

    /// The key up to its first dot.
    pub fn name(&self) -> &str {
        self.key.split('.').next().unwrap_or_default()
    }
}

/// The entries of a manifest.
pub fn entries(file: &File) -> Vec<Entry> {
    let (mut section, mut prefix, mut found) = (String::new(), String::new(), Vec::new());
    for (line, text) in file.lines() {
        let (text, comment) = split(text);
        if let Some(header) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let table = header.split_once("dependencies.").filter(|_| !header.ends_with("dependencies"));
            section = table.map_or_else(|| header.to_owned(), |(kind, _)| format!("{kind}dependencies"));
            prefix = table.map_or_else(String::new, |(_, name)| format!("{name}."));
        } else if let Some((key, value)) = text.split_once('=') {
            let (key, value) = (format!("{prefix}{}", key.trim()), value.trim().to_owned());
            found.push(Entry { section: section.clone(), key, value, comment: comment.to_owned(), line });
        }
    }
    found
}

/// A line's content and its comment, both trimmed.
fn split(line: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, letter) in line.char_indices() {
        quoted ^= letter == '"';
        if letter == '#' && !quoted {
            return (line[..at].trim(), line[at + 1..].trim());
        }
    }
    (line.trim(), "")
}

mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Entry> {
        entries(&File { path: "Cargo.toml".to_owned(), text: text.to_owned() })
    }

    #[test]
    fn a_line_is_a_key_a_value_and_a_comment() {
        let found = of("[workspace.dependencies]\n# first\na = { b = \"#\" } # for c\n");
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].value.as_str(), found[0].comment.as_str(), found[0].line),
            ("{ b = \"#\" }", "for c", 3)
        );
        assert!(found[0].is_dependency());
    }

    #[test]
    fn a_dependency_may_be_a_section() {
        let found = of(
            "[dependencies.a]\nworkspace = true\n[target.'cfg(unix)'.dev-dependencies]\nb.workspace = true",
        );
        assert_eq!((found[0].section.as_str(), found[0].key.as_str()), ("dependencies", "a.workspace"));
        assert!(found[0].is_built_in() && !found[1].is_built_in());
        assert_eq!(found[1].name(), "b");
    }
}
