//! The loss of power: `kill -9` proves nothing about it, since what was written lives on in the system's memory. Here
//! the store runs over `powerloss.c`, which knows what a disk would hold, and goes on from there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use db::Durability;

use super::scribe::{Scribe, acknowledged_before_the_kill, whole_file};

/// A machine whose power goes again and again.
struct Machine {
    folder: tempfile::TempDir,
    library: PathBuf,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("powerloss.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/powerloss.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]);
        assert!(compiler.arg(&library).arg(source).args(["-ldl", "-lpthread"]).status().unwrap().success());
        let machine = Self { folder, library };
        std::fs::create_dir(machine.disk()).unwrap();
        machine
    }

    /// What outlives the loss of power.
    fn disk(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("disk")
    }

    /// What a program sees: the disk and what is on its way there.
    fn running(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("running")
    }

    /// Starts with what the disk has, writes, and loses power when so many writes were acknowledged.
    fn runs_until_the_power_goes(&self, scribe: &Scribe, writes: usize) -> Vec<i64> {
        copy(&self.disk(), &self.running());
        let mut command = scribe.command();
        command.env("LD_PRELOAD", &self.library);
        command.env("POWERLOSS_OF", self.running()).env("POWERLOSS_LEAVES", self.disk());
        acknowledged_before_the_kill(command, writes)
    }

    /// The ids that are on the disk. The disk itself stays as the loss left it.
    fn found(&self) -> BTreeSet<i64> {
        let copied = self.folder.path().join("looked-at");
        copy(&self.disk(), &copied);
        whole_file(&copied.join("daybook.db"))
    }
}

/// Makes `to` a copy of what has a name in `from`.
fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir(to).unwrap();
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if file.path().extension().is_some_and(|end| end == "unnamed") {
            std::fs::remove_file(file.path()).unwrap();
        } else {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

#[test]
fn what_was_acknowledged_outlives_the_loss_of_power() {
    let machine = Machine::new();
    let mut acked = BTreeSet::new();
    for round in 0..8_u16 {
        let mut scribe = Scribe::new(&machine.running().join("daybook.db"), 1 + i64::from(round) * 1_000_000);
        if round % 2 == 1 {
            // With stops in between, at which the log is emptied and removed.
            scribe.reopens_after = 20 + 10 * i64::from(round);
        }
        let writes = 1 + usize::from(round) * 1_237 % 2_500;
        acked.extend(machine.runs_until_the_power_goes(&scribe, writes));
        let there = machine.found();
        let lost: Vec<&i64> = acked.difference(&there).collect();
        assert!(lost.is_empty(), "round {round} lost {} of {}: {lost:?}", lost.len(), acked.len());
    }
}

#[test]
fn without_synced_commits_the_loss_of_power_is_felt() {
    let machine = Machine::new();
    let file = machine.running().join("daybook.db");
    let scribe = Scribe { durability: Durability::Normal, ..Scribe::new(&file, 1) };
    // One durable start, so that there is a schema to be found.
    machine.runs_until_the_power_goes(&Scribe::new(&file, 1_000_000), 1);
    let acked: BTreeSet<i64> = machine.runs_until_the_power_goes(&scribe, 500).into_iter().collect();
    let lost = acked.difference(&machine.found()).count();
    assert!(
        lost > 0,
        "{} rows were acknowledged without a sync and all survived: the test is blind",
        acked.len()
    );
}
