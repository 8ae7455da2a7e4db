//! Other processes: this very binary once more, running one test that does nothing unless it is told to.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

/// A process that ends with the value.
pub struct Child {
    process: std::process::Child,
    lines: BufReader<ChildStdout>,
}

/// This binary, about to run the test of this name.
pub fn command(test: &str) -> Command {
    arguments(Command::new(std::env::current_exe().unwrap()), test)
}

fn arguments(mut command: Command, test: &str) -> Command {
    command.args([&format!("proofs::{test}"), "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// The same where mounts are its own, and go when it goes. `None`, and the reason on the screen, where nobody may mount;
/// on a machine that must prove everything that is a failure.
pub fn with_own_mounts(test: &str, probe: &Path) -> Option<Command> {
    let unshare = || {
        let mut command = Command::new("unshare");
        if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
            command.args(["--user", "--map-root-user"]);
        }
        command.arg("--mount");
        command
    };
    let tried = unshare().args(["mount", "-t", "tmpfs", "none"]).arg(probe).output();
    let refused = match tried {
        Ok(output) if output.status.success() => {
            let mut command = unshare();
            command.arg(std::env::current_exe().unwrap());
            return Some(arguments(command, test));
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "nothing can be mounted: {refused}");
    println!("left out, because nothing can be mounted: {}", refused.trim());
    None
}

/// Mounts a file system of so many bytes that lives in memory.
pub fn mount_small(at: &Path, size: &str) {
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"]).arg(at).status();
    assert!(mounted.unwrap().success());
}

/// Makes the folder one that cannot be written to.
pub fn mount_read_only(at: &Path) {
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "ro", "none"]).arg(at).status();
    assert!(mounted.unwrap().success());
}

impl Child {
    /// Starts it.
    pub fn start(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Self { process, lines }
    }

    /// What it says next; `None` once it has ended. A line that its end cut off was not said.
    pub fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.strip_suffix('\n').map(str::to_owned)
    }

    /// Reads until it says this.
    pub fn says(&mut self, text: &str) {
        while !self.line().expect("it ended too early").ends_with(text) {}
    }

    /// SIGKILL; all that it had said and nobody had read yet.
    pub fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        std::iter::from_fn(|| self.line()).collect()
    }

    /// Waits for its end, which must be a good one.
    pub fn ends_well(mut self) {
        let said: Vec<String> = std::iter::from_fn(|| self.line()).collect();
        let said = said.join("\n");
        assert!(self.process.wait().unwrap().success(), "{said}");
        assert!(said.contains("test result: ok. 1 passed"), "no test has this name: {said}");
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
