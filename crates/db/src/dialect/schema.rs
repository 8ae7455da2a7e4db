//! Migrations are written once, with `bigint`, `varchar(n)`, `varbinary(n)`, `text`, `blob`, `decimal` and `without
//! rowid`, and read here as each engine wants them.

use super::tokens::{Token, tokens};

/// The engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// `PostgreSQL`.
    Postgres,
    /// `MySQL` and `MariaDB`.
    Mysql,
}

impl Engine {
    fn column(self, word: &str) -> Option<&'static str> {
        Some(match (self, word) {
            // STRICT tables know five types; `integer` is what makes a primary key the row's own number.
            (Self::Sqlite, "bigint") => "integer",
            (Self::Sqlite, "varchar" | "decimal") => "text",
            (Self::Sqlite, "varbinary") => "blob",
            (Self::Postgres, "blob" | "varbinary") => "bytea",
            (Self::Postgres, "decimal") => "numeric(38,18)",
            (Self::Mysql, "text") => "mediumtext",
            (Self::Mysql, "blob") => "longblob",
            (Self::Mysql, "decimal") => "decimal(38,18)",
            _ => return None,
        })
    }

    /// What follows a table's last bracket. Tables `without rowid` are clustered by their key, as `MySQL`'s all are.
    const fn table_end(self, without_rowid: bool) -> &'static str {
        match (self, without_rowid) {
            (Self::Sqlite, true) => " strict, without rowid",
            (Self::Sqlite, false) => " strict",
            (Self::Postgres, _) => "",
            (Self::Mysql, _) => " engine = innodb default charset = utf8mb4 collate = utf8mb4_bin",
        }
    }
}

/// The statements of a migration's text, as this engine wants them.
pub fn statements(text: &str, engine: Engine) -> Vec<String> {
    let mut out = Vec::new();
    let mut one = Vec::new();
    for token in tokens(text).filter(|t| !matches!(t, Token::Blank(text) if text.starts_with("--"))) {
        if token == Token::Sign(";") {
            out.extend(statement(&std::mem::take(&mut one), engine));
        } else {
            one.push(token);
        }
    }
    out.extend(statement(&one, engine));
    out
}

fn statement(all: &[Token<'_>], engine: Engine) -> Option<String> {
    let words: Vec<&Token<'_>> = all.iter().filter(|t| !t.is_blank()).collect();
    let creates = |kind: &str| matches!(&words[..], [a, b, ..] if a.is_word("create") && b.is_word(kind));
    if words.is_empty() {
        return None;
    }
    let whole = |tokens: &[Token<'_>]| tokens.iter().map(Token::text).collect::<String>().trim().to_owned();
    if let [drop, index, name, ..] = &words[..]
        && drop.is_word("drop")
        && index.is_word("index")
        && engine != Engine::Mysql
    {
        // `MySQL` alone names indexes within their table, and has to be told which.
        return Some(format!("drop index {}", name.text()));
    }
    if !creates("table") && !words[0].is_word("alter") {
        return Some(whole(all));
    }
    let last = all.iter().rposition(|t| *t == Token::Sign(")"));
    let (body, tail) = all.split_at(last.filter(|_| creates("table")).map_or(all.len(), |at| at + 1));
    let mut out = columns(body, engine).trim().to_owned();
    if creates("table") {
        out.push_str(engine.table_end(tail.iter().any(|t| t.is_word("rowid"))));
    }
    Some(out)
}

fn columns(body: &[Token<'_>], engine: Engine) -> String {
    let mut out = String::new();
    let mut pieces = body.iter().peekable();
    // What comes first in its line is a name, also when it is called `text`.
    let mut first = false;
    while let Some(piece) = pieces.next() {
        let known = (matches!(piece, Token::Word(_)) && !first)
            .then(|| engine.column(&piece.text().to_ascii_lowercase()))
            .flatten();
        first = matches!(piece, Token::Sign("(" | ",")) || (first && piece.is_blank());
        out.push_str(known.unwrap_or(piece.text()));
        // A type that takes no length loses the one that was written: `varchar(40)` is `text`.
        if known.is_some() && pieces.peek() == Some(&&Token::Sign("(")) {
            for skipped in pieces.by_ref() {
                if *skipped == Token::Sign(")") {
                    break;
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "-- Why; it is.\ncreate table t (\n    id bigint not null,\n    name varchar(40) not null,\n    text text,\n    \
        sum decimal,\n    constraint t_pkey primary key (id)\n) without rowid;\ncreate index t_name on t (name);\n";

    #[test]
    fn each_engine_gets_its_own_types_and_table_end() {
        let [sqlite, index] = &statements(TEXT, Engine::Sqlite)[..] else { panic!("two statements") };
        assert!(sqlite.contains("id integer not null") && sqlite.contains("name text not null"), "{sqlite}");
        assert!(sqlite.ends_with("primary key (id)\n) strict, without rowid"), "{sqlite}");
        assert_eq!(index, "create index t_name on t (name)");
        let dropped = |engine| statements("drop index t_name on t;", engine);
        assert_eq!(dropped(Engine::Sqlite), ["drop index t_name"]);
        assert_eq!(dropped(Engine::Mysql), ["drop index t_name on t"]);
        let postgres = &statements(TEXT, Engine::Postgres)[0];
        assert!(postgres.contains("sum numeric(38,18)") && postgres.ends_with("\n)"), "{postgres}");
        let mysql = &statements(TEXT, Engine::Mysql)[0];
        assert!(mysql.contains("text mediumtext") && mysql.ends_with("collate = utf8mb4_bin"), "{mysql}");
    }
}
