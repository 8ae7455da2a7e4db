//! A server is killed while writes run, and comes back.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use db::{Batch, Db, Error, Result, Settings};
use futures_util::FutureExt;
use futures_util::future::join_all;

use super::transactions::{SCHEMA, mark};

const KILLS: usize = 3;
/// Nobody waits longer for bad news.
const PATIENCE: Duration = Duration::from_secs(10);

/// Servers of this test's own, gone with it.
struct Services(tempfile::TempDir);

impl Services {
    fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        // The servers' accounts must get through.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    /// What the script says, if it succeeds.
    fn run(&self, arguments: &[&str]) -> Option<String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/services");
        let output =
            Command::new(script).arg("-d").arg(self.0.path().join("set")).args(arguments).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }

    /// The server's URL, once it answers.
    fn up(&self, server: &str) -> Option<String> {
        let said = self.run(&["up", server]).expect("a server that starts");
        let url = said.lines().find_map(|line| line.split_once('=').map(|(_, url)| url.to_owned()));
        if url.is_none() {
            println!("left out, because {server} is not installed");
        }
        url
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        self.run(&["down", "--wipe"]);
    }
}

/// What the writers know, all of them together.
#[derive(Default)]
struct Known {
    next: AtomicI64,
    acked: std::sync::Mutex<BTreeSet<i64>>,
    refusals: AtomicI64,
    done: AtomicBool,
}

impl Known {
    async fn write(&self, db: &Db) {
        while !self.done.load(Ordering::Relaxed) {
            let id = self.next.fetch_add(2, Ordering::Relaxed) + 1;
            let started = Instant::now();
            let done = write(db, id).await;
            assert!(started.elapsed() < PATIENCE, "{:?} to hear {done:?}", started.elapsed());
            match done {
                Ok(()) => self.acked.lock().unwrap().extend([id, id + 1]),
                Err(Error::Unavailable(_) | Error::Unknown(_)) => {
                    self.refusals.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }

    async fn until(&self, what: impl Fn(&Self) -> bool) {
        let reached = async {
            while !what(self) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), reached).await.unwrap();
    }

    fn acked(&self) -> usize {
        self.acked.lock().unwrap().len()
    }
}

/// A pair, as a batch or as a transaction.
async fn write(db: &Db, id: i64) -> Result<()> {
    if id % 4 == 1 {
        return db.write(Batch::new().one(mark(id, "a")).one(mark(id + 1, "b"))).await;
    }
    let act = db.tx::<(), Error, _>(move |tx| {
        async move {
            tx.run(mark(id, "a")).await?;
            tx.run(mark(id + 1, "b")).await.map(drop)
        }
        .boxed()
    });
    act.await
}

async fn outlives_kills(server: &str) {
    let services = Services::new();
    let Some(url) = services.up(server) else { return };
    let db = Db::open(&Settings { connections: 6, ..Settings::new(url) }).unwrap();
    db.migrate(SCHEMA, types::Timestamp::default()).await.unwrap();
    let known = Arc::new(Known::default());
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (db, known) = (db.clone(), known.clone());
            tokio::spawn(async move { known.write(&db).await })
        })
        .collect();
    for _ in 0..KILLS {
        let enough = known.acked() + 200;
        known.until(|known| known.acked() >= enough).await;
        let refused = known.refusals.load(Ordering::Relaxed);
        services.run(&["kill", server]).expect("a kill");
        known.until(|known| known.refusals.load(Ordering::Relaxed) > refused + 20).await;
        services.up(server).unwrap();
    }
    let enough = known.acked() + 200;
    known.until(|known| known.acked() >= enough).await;
    known.done.store(true, Ordering::Relaxed);
    join_all(writers).await.into_iter().for_each(Result::unwrap);

    let there: BTreeSet<i64> = db.all(db::sql!("select id from marks")).await.unwrap().into_iter().collect();
    assert_eq!(known.acked.lock().unwrap().difference(&there).count(), 0, "acknowledged and lost");
    let half =
        there.iter().filter(|id| !there.contains(&if *id % 2 == 1 { *id + 1 } else { *id - 1 })).count();
    assert_eq!(half, 0, "half a batch");
    db.close().await;
}

#[test]
#[ignore = "starts and kills a server of its own"]
fn chaos_postgres_is_killed_while_writes_run() {
    testkit::run(outlives_kills("postgres"));
}

#[test]
#[ignore = "starts and kills a server of its own"]
fn chaos_mariadb_is_killed_while_writes_run() {
    testkit::run(outlives_kills("mariadb"));
}
