//! Every statement of every store, shown to every engine: one that a test never runs cannot be wrong unnoticed.

use std::fs;
use std::path::{Path, PathBuf};

use daybook::domains::{ALL, migrations};
use testkit::TestDb;
use types::Timestamp;

/// A statement, and what is added to it, in order.
#[derive(Debug, PartialEq)]
struct Statement {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, PartialEq)]
enum Piece {
    /// There each time.
    Always(String),
    /// There when it is asked for.
    Sometimes(String),
    /// In front, by this name.
    Before(String, Statement),
}

impl Statement {
    /// The shortest text it can be, and the longest.
    fn texts(&self) -> [String; 2] {
        [self.written(false), self.written(true)]
    }

    fn written(&self, sometimes: bool) -> String {
        self.pieces.iter().fold(self.text.clone(), |text, piece| match piece {
            Piece::Sometimes(_) if !sometimes => text,
            Piece::Always(more) | Piece::Sometimes(more) => text + more,
            Piece::Before(name, inner) => format!("with {name} as ({}) {text}", inner.written(sometimes)),
        })
    }
}

/// The statements of a source: each `sql!("…")`, and the pieces that are pushed until the next one begins.
fn statements(source: &str) -> Vec<Statement> {
    let program = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found: Vec<Statement> = Vec::new();
    let mut rest = program;
    loop {
        let starts = ["sql!(", ".push(", ".opt(", ".within(", ".with("].map(|call| (rest.find(call), call));
        let Some((at, call)) = starts.into_iter().filter_map(|(at, call)| Some((at?, call))).min() else {
            return found;
        };
        rest = &rest[at + call.len()..];
        let piece = literal(rest);
        if let (".with(", Some(name), 2..) = (call, &piece, found.len()) {
            // What is put in front of a statement is the one that was made before it.
            let inner = found.remove(found.len() - 2);
            found.last_mut().unwrap().pieces.push(Piece::Before(name.clone(), inner));
            continue;
        }
        match (call, piece, found.last_mut()) {
            ("sql!(", Some(text), _) => found.push(Statement { text, pieces: Vec::new() }),
            (".push(", Some(text), Some(last)) => last.pieces.push(Piece::Always(text)),
            (".opt(", Some(text), Some(last)) => last.pieces.push(Piece::Sometimes(text)),
            (".within(", _, Some(last)) => last.pieces.push(Piece::Always("(?)".to_owned())),
            // A vector's `push`, or the macro itself.
            _ => {}
        }
    }
}

/// The pieces of statements that a source has names for, as they are pushed: by name, and written out.
fn named(source: &str) -> Vec<(String, String)> {
    let constants = source.split("const ").skip(1).filter_map(|rest| rest.split_once(": &str ="));
    let pushed = |piece: &str| format!(".push({piece})");
    constants
        .filter_map(|(name, rest)| Some((pushed(name), pushed(&format!("{:?}", literal(rest)?)))))
        .collect()
}

/// The string literal that this begins with, with numbers for what is formatted into it.
fn literal(source: &str) -> Option<String> {
    let source = source.trim_start();
    let source = source.strip_prefix("&format!(").unwrap_or(source).trim_start();
    let mut letters = source.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(text.replace("{}", "1")),
            '\\' => match letters.next()? {
                '\n' => letters = letters.as_str().trim_start().chars(),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}

/// Every `store.rs`, what lies in a folder `store`, and the slots of `db`.
fn stores(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            stores(&path, found);
        } else if path.ends_with("store.rs")
            || path.ends_with("db/src/slots.rs")
            || path.parent().unwrap().ends_with("store")
        {
            found.push(path);
        }
    }
}

on_every_engine! {
    async fn every_statement_of_every_store_prepares(engine) {
        let test = TestDb::empty(engine).await;
        test.db.migrate(&migrations(ALL), Timestamp::default()).await.unwrap();
        let mut files = Vec::new();
        stores(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut files);
        let sources: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        let named: Vec<_> = sources.iter().flat_map(|source| named(source)).collect();
        let (mut shown, mut wrong) = (0, Vec::new());
        for (file, source) in files.iter().zip(sources) {
            let written = named.iter().fold(source, |source, (name, piece)| source.replace(name, piece));
            for statement in statements(&written) {
                for text in statement.texts() {
                    shown += 1;
                    if let Err(error) = test.db.prepares(&text).await {
                        wrong.push(format!("{}: {text}\n    {error}", file.display()));
                    }
                }
            }
        }
        assert!(shown > 50, "only {shown} statements were found in {files:?}");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(test.db.prepares("select nothing from nowhere").await.is_err());
    }
}

#[test]
fn statements_are_found_with_their_pieces() {
    let source = r#"
        let one = sql!("select a from t \
                        where b = ?", b).opt(" and c = ?", c).push(" limit ?").bind(limit);
        parts.push(part);
        let two = sql!("delete from t where a in ").within(ids);
        sql = sql.push(&format!(" when ? then {}", at + 1));
        let picked = sql!("select id from t where b = ?", b).opt(" and c = ?", c);
        self.db.all(sql!("select t.a from t join picked on t.id = picked.id").with("picked", picked))
        #[cfg(test)] mod tests { sql!("nonsense") }
    "#;
    let found: Vec<[String; 2]> = statements(source).iter().map(Statement::texts).collect();
    let wanted = [
        ["select a from t where b = ? limit ?", "select a from t where b = ? and c = ? limit ?"],
        ["delete from t where a in (?) when ? then 1", "delete from t where a in (?) when ? then 1"],
        [
            "with picked as (select id from t where b = ?) select t.a from t join picked on t.id = picked.id",
            "with picked as (select id from t where b = ? and c = ?) select t.a from t join picked on t.id = picked.id",
        ],
    ];
    assert_eq!(found, wanted.map(|texts| texts.map(str::to_owned)));
}

#[test]
fn pieces_with_a_name_are_read_where_they_are_pushed() {
    let source = r#"
        const MOST: usize = 3;
        pub const PAIR: &str =
            "a, b";
        sql!("select ").push(PAIR).push(" from t")
    "#;
    let written =
        named(source).iter().fold(source.to_owned(), |source, (name, piece)| source.replace(name, piece));
    assert_eq!(statements(&written)[0].texts(), ["select a, b from t", "select a, b from t"]);
}
