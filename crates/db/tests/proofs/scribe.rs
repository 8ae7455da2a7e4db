//! A process that writes without end and tells what was acknowledged, and the look at what it left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use db::{Batch, Db, Durability, Error, Migration, Result, Script, Settings, sql};
use futures_util::FutureExt;
use futures_util::future::join_all;

use super::child::{self, Child};

/// Every pair is two pieces and one more in the tally, or nothing.
pub const SCHEMA: &[Migration] = &[Migration {
    domain: "proof",
    number: 1,
    name: "0001_pieces",
    up: Script {
        any: "create table pieces (id bigint not null, pair bigint not null, body text not null, \
              constraint pieces_pkey primary key (id)); \
              create table tallies (id bigint not null, pairs bigint not null, \
              constraint tallies_pkey primary key (id)); \
              insert into tallies (id, pairs) values (1, 0);",
        servers: None,
    },
    down: "drop table tallies; drop table pieces;",
}];

/// Tasks that write at once.
const TASKS: i64 = 8;

/// How it is to write.
pub struct Scribe {
    /// Into which file.
    pub file: PathBuf,
    /// The ids it may use begin here.
    pub first: i64,
    /// Whether a commit waits for the disk.
    pub durability: Durability,
    /// Closes and opens again when each task has written so often.
    pub reopens_after: i64,
}

impl Scribe {
    /// One that writes durably into this file.
    pub fn new(file: &Path, first: i64) -> Self {
        Self { file: file.to_owned(), first, durability: Durability::Full, reopens_after: i64::MAX }
    }

    /// The process, not yet started.
    pub fn command(&self) -> Command {
        let mut command = child::command("scribe::writes_until_it_is_killed");
        command.env("PROOF_SCRIBE", &self.file).env("PROOF_FIRST", self.first.to_string());
        command.env("PROOF_REOPENS_AFTER", self.reopens_after.to_string());
        command.env("PROOF_UNSYNCED", (self.durability == Durability::Normal).to_string());
        command
    }
}

/// Runs the command until it has told of so many writes, kills it, and gives back what was acknowledged. None at all
/// means: kills it while it opens the file.
pub fn acknowledged_before_the_kill(command: Command, writes: usize) -> Vec<i64> {
    let mut child = Child::start(command);
    child.says("opening");
    let is_word = |line: &String| !line.is_empty() && line != "opening";
    let mut said: Vec<String> = std::iter::from_fn(|| child.line()).filter(is_word).take(writes).collect();
    assert_eq!(said.len(), writes, "it ended by itself: {:?}", said.last());
    said.extend(child.kill());
    said.iter()
        .filter(|line| is_word(line))
        .flat_map(|line| ids("acked", line).unwrap_or_else(|| panic!("{line}")))
        .collect()
}

/// The ids that a line tells of, if it begins with this word.
pub fn ids(word: &str, line: &str) -> Option<Vec<i64>> {
    let rest = line.strip_prefix(word)?;
    Some(rest.split_whitespace().map_while(|id| id.parse().ok()).collect())
}

/// Looks for everything that may not be: half a pair, a tally that is off, a broken file. Gives back all ids there are.
pub async fn whole(db: &Db) -> BTreeSet<i64> {
    let halves = sql!("select pair from pieces where pair > 0 group by pair having count(*) <> 2");
    assert_eq!(db.all::<i64>(halves).await.unwrap(), [0_i64; 0], "half a pair");
    let pairs: Option<i64> = db.first(sql!("select count(*) / 2 from pieces where pair > 0")).await.unwrap();
    let tally: Option<i64> = db.first(sql!("select pairs from tallies where id = 1")).await.unwrap();
    assert_eq!(tally, pairs, "the tally is off");
    let verdict: Vec<String> = db.all(sql!("pragma integrity_check")).await.unwrap();
    assert_eq!(verdict, ["ok"]);
    db.all::<i64>(sql!("select id from pieces")).await.unwrap().into_iter().collect()
}

/// The same for a file that nobody else has open.
pub fn whole_file(file: &Path) -> BTreeSet<i64> {
    testkit::run(async {
        let db = open(file, Durability::Full).await;
        let ids = whole(&db).await;
        db.close().await;
        ids
    })
}

async fn open(file: &Path, durability: Durability) -> Db {
    let url = format!("sqlite:{}", file.display());
    let db = Db::open(&Settings { durability, ..Settings::new(url) }).unwrap();
    db.migrate(SCHEMA, types::Timestamp::default()).await.unwrap();
    db
}

/// Writes one piece, or a pair as a batch, or a pair in a transaction, by turns; the ids it wrote, and how it ended.
pub async fn write(db: &Db, id: i64) -> (Vec<i64>, Result<()>) {
    // Of all lengths, so that rows also lie on several pages.
    let body = "x".repeat(usize::try_from(id * 379 % 6_000).unwrap());
    let piece = move |id: i64, pair: i64| {
        sql!("insert into pieces (id, pair, body) values (?, ?, ?)", id, pair, body.as_str())
    };
    if id % 3 == 0 {
        return (vec![id], db.write(Batch::of_one(piece(id, 0))).await);
    }
    let ids = vec![id, -id];
    if id % 3 == 1 {
        let count = sql!("update tallies set pairs = pairs + 1 where id = 1");
        return (ids, db.write(Batch::new().one(piece(id, id)).one(piece(-id, id)).one(count)).await);
    }
    let done = db.tx::<(), Error, _>(move |tx| {
        let (first, second) = (piece(id, id), piece(-id, id));
        async move {
            let pairs: Option<i64> = tx.first(sql!("select pairs from tallies where id = 1")).await?;
            tx.run(first).await?;
            tx.run(second).await?;
            tx.run(sql!("update tallies set pairs = ? where id = 1", pairs.unwrap_or(0) + 1)).await?;
            Ok(())
        }
        .boxed()
    });
    (ids, done.await)
}

async fn writes(file: &Path, durability: Durability, mut first: i64, reopens_after: i64) {
    loop {
        println!("\nopening");
        let db = open(file, durability).await;
        let last = first.saturating_add(reopens_after.saturating_mul(TASKS));
        let next = Arc::new(AtomicI64::new(first));
        join_all((0..TASKS).map(|_| {
            let (db, next) = (db.clone(), next.clone());
            tokio::spawn(async move {
                loop {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if id >= last {
                        break;
                    }
                    let (ids, done) = write(&db, id).await;
                    let ids = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
                    match done {
                        Ok(()) => println!("acked {ids}"),
                        Err(error) => println!("refused {ids} {error:?}"),
                    }
                }
            })
        }))
        .await;
        db.close().await;
        first = last;
    }
}

#[test]
#[ignore = "a process that other tests start"]
fn writes_until_it_is_killed() {
    let Some(file) = std::env::var_os("PROOF_SCRIBE") else { return };
    let number = |name: &str| std::env::var(name).unwrap().parse::<i64>().unwrap();
    let unsynced = std::env::var("PROOF_UNSYNCED").unwrap() == "true";
    let durability = if unsynced { Durability::Normal } else { Durability::Full };
    testkit::run(writes(Path::new(&file), durability, number("PROOF_FIRST"), number("PROOF_REOPENS_AFTER")));
}
