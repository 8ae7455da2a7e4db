//! `config.example.yml`, written from the table.

use super::table::{Row, Table};

const HEAD: &str = "\
# Every setting of Daybook, with its default. Copy this file to config.yml and keep the lines that you change.
#
# The same settings can stand in .env or in the environment, which win over this file, in that order: the path of the
# key in capitals, joined by `_` (tokens.access_ttl is DAYBOOK_TOKENS_ACCESS_TTL); lists with commas.
";

/// The text of the file.
pub fn text(table: &Table) -> String {
    let mut lines = vec![HEAD.trim_end().to_owned()];
    for row in table.rows() {
        write_down(row, &mut lines);
    }
    lines.join("\n") + "\n"
}

fn write_down(row: &Row, lines: &mut Vec<String>) {
    let depth = row.path.matches('.').count();
    let indent = "  ".repeat(depth);
    // Air above what stands at the left margin; inside a group the comments are enough.
    if depth == 0 {
        lines.push(String::new());
    }
    lines.extend(row.about.lines().map(|line| format!("{indent}#{line}")));
    let name = row.path.rsplit('.').next().unwrap_or_default();
    let value = row.default.as_ref().map(|default| format!(" {}", default.in_yaml())).unwrap_or_default();
    lines.push(format!("{indent}{name}:{value}"));
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::super::{Config, Sources};

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config.example.yml");

    #[test]
    fn the_committed_example_file_is_the_one_the_table_gives() {
        if env::var_os("UPDATE").is_some() {
            fs::write(COMMITTED, Config::example()).unwrap();
        }
        let committed = fs::read_to_string(COMMITTED).unwrap_or_default();
        assert_eq!(
            committed,
            Config::example(),
            "run `UPDATE=1 cargo test -p daybook` and look at the difference"
        );
    }

    #[test]
    fn the_example_file_read_as_a_config_file_gives_the_defaults() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("config.yml"), Config::example()).unwrap();
        let config = Config::load(Sources { dir: dir.path().to_owned(), ..Sources::default() }).unwrap();
        assert_eq!(config, Config::default());
    }
}
