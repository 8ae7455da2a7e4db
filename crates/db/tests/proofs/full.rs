//! A full disk: nothing that was acknowledged is lost, nothing that was refused is there, and all goes on once there is
//! room again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use db::{Batch, Db, Error, Settings, sql};
use futures_util::future::join_all;

use super::child::{Child, mount_small, with_own_mounts};
use super::scribe::{self, SCHEMA, Scribe};

/// What writers heard.
#[derive(Default)]
struct Heard {
    acked: BTreeSet<i64>,
    refused: BTreeSet<i64>,
}

impl Heard {
    fn note(&mut self, ids: Vec<i64>, done: Result<(), Error>) -> bool {
        match done {
            Ok(()) => self.acked.extend(ids),
            Err(Error::Full(_)) => self.refused.extend(ids),
            // It met the full disk between its last page and its answer: it may be there or not.
            Err(Error::Unknown(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
        !self.refused.is_empty()
    }

    async fn compare(&self, db: &Db) {
        let there = scribe::whole(db).await;
        assert_eq!(self.acked.difference(&there).count(), 0, "acknowledged and lost");
        let undead: Vec<&i64> = self.refused.intersection(&there).collect();
        assert!(undead.is_empty(), "refused and there all the same: {undead:?}");
    }
}

struct Disk {
    folder: PathBuf,
    db: Db,
    next: Arc<AtomicI64>,
    heard: Heard,
}

impl Disk {
    async fn open(folder: &Path) -> Self {
        let db = Db::open(&Settings::new(url(folder))).unwrap();
        db.migrate(SCHEMA, types::Timestamp::default()).await.unwrap();
        Self { folder: folder.to_owned(), db, next: Arc::new(AtomicI64::new(1)), heard: Heard::default() }
    }

    /// Six tasks write until each has been refused a few times.
    async fn fill(&mut self) {
        let tasks = (0..6).map(|_| {
            let (db, next) = (self.db.clone(), self.next.clone());
            tokio::spawn(async move {
                let mut heard = Heard::default();
                let mut refusals = 0;
                while refusals < 5 {
                    let (ids, done) = scribe::write(&db, next.fetch_add(1, Ordering::Relaxed)).await;
                    refusals += i32::from(heard.note(ids, done));
                }
                heard
            })
        });
        for heard in join_all(tasks).await.into_iter().map(Result::unwrap) {
            self.heard.acked.extend(heard.acked);
            self.heard.refused.extend(heard.refused);
        }
    }

    async fn goes_on_with_more_room(&mut self, ballast: &str) {
        std::fs::remove_file(self.folder.join(ballast)).unwrap();
        for _ in 0..30 {
            let id = self.next.fetch_add(1, Ordering::Relaxed);
            let (ids, done) = scribe::write(&self.db, id).await;
            done.unwrap();
            self.heard.acked.extend(ids);
        }
        self.heard.compare(&self.db).await;
    }

    /// Small writes that would fit, beside one that does not: it fills the disk before anything is committed.
    async fn too_much_at_once(&mut self) {
        for _ in 0..5 {
            let first = self.next.fetch_add(200, Ordering::Relaxed);
            let large = (first..first + 80).fold(Batch::new(), |batch, id| {
                let body = "x".repeat(50_000);
                batch.one(sql!("insert into pieces (id, pair, body) values (?, 0, ?)", id, body))
            });
            let small = join_all((first + 100..first + 130).map(|id| scribe::write(&self.db, id)));
            let late = join_all((first + 130..first + 160).map(|id| scribe::write(&self.db, id)));
            let (small, large, late) = tokio::join!(small, self.db.write(large), late);
            assert!(matches!(large, Err(Error::Full(_))), "{large:?}");
            self.heard.note((first..first + 80).collect(), large);
            for (ids, done) in small.into_iter().chain(late) {
                self.heard.note(ids, done);
            }
        }
        self.heard.compare(&self.db).await;
    }

    async fn reopens(&mut self) {
        std::mem::replace(&mut self.db, Db::open(&Settings::new("memory")).unwrap()).close().await;
        self.db = Db::open(&Settings::new(url(&self.folder))).unwrap();
    }
}

fn url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("daybook.db").display())
}

async fn story(folder: &Path) {
    for ballast in ["one", "two", "three"] {
        std::fs::write(folder.join(ballast), vec![0; 1 << 20]).unwrap();
    }
    let mut disk = Disk::open(folder).await;
    disk.fill().await;
    assert!(disk.heard.acked.len() > 100);
    disk.heard.compare(&disk.db).await;
    disk.goes_on_with_more_room("one").await;
    disk.too_much_at_once().await;

    disk.fill().await;
    disk.reopens().await;
    disk.heard.compare(&disk.db).await;
    disk.goes_on_with_more_room("two").await;
    disk.db.close().await;
}

/// A program fills the disk and is killed; the next one starts while it is still full.
fn story_of_a_kill(folder: &Path) {
    let file = folder.join("daybook.db");
    std::fs::write(folder.join("ballast"), vec![0; 1 << 20]).unwrap();
    let mut child = Child::start(Scribe::new(&file, 1).command());
    let mut refusals = 0;
    let mut said = Vec::new();
    while refusals < 20 {
        let line = child.line().unwrap();
        refusals += i32::from(line.starts_with("refused"));
        said.push(line);
    }
    said.extend(child.kill());
    let acked: BTreeSet<i64> = said.iter().filter_map(|line| scribe::ids("acked", line)).flatten().collect();
    assert!(acked.len() > 100);
    testkit::run(async {
        let db = Db::open(&Settings::new(url(folder))).unwrap();
        let there = scribe::whole(&db).await;
        assert_eq!(acked.difference(&there).count(), 0, "acknowledged and lost");
        std::fs::remove_file(folder.join("ballast")).unwrap();
        scribe::write(&db, 1_000_000).await.1.unwrap();
        assert_eq!(db.first::<i64>(sql!("select 1 from pieces where id = 1000000")).await.unwrap(), Some(1));
    });
}

#[test]
#[ignore = "a process that another test starts, with mounts of its own"]
fn on_a_small_disk() {
    let Some(folder) = std::env::var_os("PROOF_SMALL_DISK").map(PathBuf::from) else { return };
    mount_small(&folder, "8m");
    testkit::run(story(&folder));
    let second = folder.join("second");
    std::fs::create_dir(&second).unwrap();
    mount_small(&second, "8m");
    story_of_a_kill(&second);
}

#[test]
fn a_full_disk_loses_nothing_and_is_got_over() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut command) = with_own_mounts("full::on_a_small_disk", folder.path()) else { return };
    command.env("PROOF_SMALL_DISK", folder.path());
    Child::start(command).ends_well();
}
