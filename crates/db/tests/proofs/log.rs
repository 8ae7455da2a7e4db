//! The write-ahead log stays small, whoever reads meanwhile: a log that nobody can empty fills the disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use db::{Batch, Db, Error, Migration, Script, sql};
use testkit::{Engine, TestDb};
use tokio::task::JoinHandle;

const SCHEMA: &[Migration] = &[Migration {
    domain: "proof",
    number: 1,
    name: "0001_sheets",
    up: Script {
        any: "create table sheets (id bigint not null, body blob not null, constraint sheets_pkey primary key (id));",
        servers: None,
    },
    down: "drop table sheets;",
}];

const WRITTEN: u64 = 300 << 20;
const LONGEST_LOG: u64 = 200 << 20;
const BODY: usize = 4_000;
/// The same few sheets are written over and over, so that it is the log that grows and not the file.
const SHEETS: u64 = 4_096;

/// Counts what is done while others are at work.
#[derive(Default)]
struct Counters {
    written: AtomicU64,
    reads: AtomicU64,
    longest_log: AtomicU64,
    done: AtomicBool,
}

impl Counters {
    async fn write(&self, db: &Db, log: &str) {
        while self.written.load(Ordering::Relaxed) < WRITTEN {
            let batch = (0..50).fold(Batch::new(), |batch, _| {
                let at = self.written.fetch_add(BODY as u64, Ordering::Relaxed);
                batch.any(sql!(
                    "insert into sheets (id, body) values (?, ?) on conflict (id) do update set body = excluded.body",
                    i64::try_from(at / BODY as u64 * 769 % SHEETS).unwrap(),
                    vec![u8::try_from(at % 251).unwrap(); BODY]
                ))
            });
            db.write(batch).await.unwrap();
            self.longest_log.fetch_max(std::fs::metadata(log).unwrap().len(), Ordering::Relaxed);
        }
        self.done.store(true, Ordering::Relaxed);
    }

    fn both(&self) -> (u64, u64) {
        (self.written.load(Ordering::Relaxed), self.reads.load(Ordering::Relaxed))
    }

    async fn read(&self, db: &Db) {
        while !self.done.load(Ordering::Relaxed) {
            let id = i64::try_from(self.reads.fetch_add(1, Ordering::Relaxed) % SHEETS).unwrap();
            db.all::<i64>(sql!("select id from sheets where id >= ? order by id limit 50", id))
                .await
                .unwrap();
            tokio::task::yield_now().await;
        }
    }
}

/// A query that would take hours.
async fn endless(db: &Db) -> Result<Vec<i64>, Error> {
    db.scan(sql!(
        "select count(*) from sheets a, sheets b, sheets c where a.body > b.body and b.body > c.body"
    ))
    .await
}

/// Two that write and two that read, until enough was written.
fn others(db: &Db, counters: &Arc<Counters>, log: &str) -> Vec<JoinHandle<()>> {
    (0..4)
        .map(|task| {
            let (db, counters, log) = (db.clone(), counters.clone(), log.to_owned());
            tokio::spawn(async move {
                if task < 2 { counters.write(&db, &log).await } else { counters.read(&db).await }
            })
        })
        .collect()
}

#[test]
fn the_log_stays_small_while_others_read() {
    testkit::run(async {
        let test = TestDb::new(Engine::Embedded, SCHEMA).await;
        let log = format!("{}-wal", test.url.strip_prefix("sqlite:").unwrap());
        let counters = Arc::new(Counters::default());
        let others = others(&test.db, &counters, &log);
        let mut cut_off = 0;
        loop {
            let (written, reads) = counters.both();
            let started = Instant::now();
            let (answer, _) = tokio::join!(endless(&test.db), endless(&test.db));
            if counters.done.load(Ordering::Relaxed) {
                break;
            }
            // It is short as long as there are few sheets.
            if answer.is_err() {
                cut_off += 1;
                assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
                assert!(started.elapsed() < Duration::from_secs(10));
                assert!(counters.both().0 > written, "no write got through");
                assert!(counters.both().1 > reads, "no short read got through");
            }
        }
        for other in others {
            other.await.unwrap();
        }
        let longest = counters.longest_log.load(Ordering::Relaxed);
        println!("{cut_off} long reads were cut off, the log had up to {} MiB", longest >> 20);
        assert!(cut_off > 0);
        assert!(longest < LONGEST_LOG, "the log grew to {} MiB", longest >> 20);
    });
}
