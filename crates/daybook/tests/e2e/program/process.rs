//! A folder with a Daybook in it, run as a person would.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use serde_json::json;
use tempfile::TempDir;

use crate::e2e::client::Client;
use crate::e2e::house::PASSWORD;

/// How long a command, a start or a stop may take.
const LONGEST: Duration = Duration::from_mins(1);

/// A working directory with nothing in it at first; data will be in its `data`.
pub struct Folder(TempDir);

/// How a command ended, and what it said.
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// `daybook serve`, until it is dropped.
pub struct Serving {
    child: Option<Child>,
    pid: Pid,
    lines: Receiver<String>,
    pub client: Client,
}

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// The names of what is in the data folder, in order.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.data()).unwrap().map(Result::unwrap);
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The program in this folder, with none of our own settings: any free ports, and passwords that cost nothing.
    fn command(&self, env: &[(&str, &str)], args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
        let own = std::env::vars_os().map(|(name, _)| name);
        for name in own.filter(|name| name.to_string_lossy().starts_with("DAYBOOK_")) {
            command.env_remove(name);
        }
        command
            .current_dir(self.path())
            .args(args)
            .env("RUST_BACKTRACE", "1")
            .env("DAYBOOK_LISTEN", "127.0.0.1:0")
            .env("DAYBOOK_SYSTEM_LISTEN", "127.0.0.1:0")
            .env("DAYBOOK_PASSWORDS_MEMORY", "8KiB")
            .env("DAYBOOK_PASSWORDS_PASSES", "1")
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, env: &[(&str, &str)], args: &[&str]) -> Done {
        self.run_with(env, args, "")
    }

    /// Runs a command to its end, with this on its standard input.
    pub fn run_with(&self, env: &[(&str, &str)], args: &[&str], input: &str) -> Done {
        let mut child = self.command(env, args).spawn().unwrap();
        // A command that fails early does not read it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let Output { status, stdout, stderr } = ended(child, args);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Done { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
    }

    /// Starts the house.
    pub fn serve(&self) -> Serving {
        self.serve_with(&[])
    }

    /// Starts the house with these settings.
    pub fn serve_with(&self, env: &[(&str, &str)]) -> Serving {
        self.serve_as(&[], env)
    }

    /// Starts these roles of the house with these settings.
    pub fn serve_as(&self, roles: &[&str], env: &[(&str, &str)]) -> Serving {
        let mut child =
            self.command(env, &[&["serve"], roles].concat()).stderr(Stdio::inherit()).spawn().unwrap();
        let pid = Pid::from_child(&child);
        let (said, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || out.lines().map_while(Result::ok).all(|line| said.send(line).is_ok()));
        let address = address(&lines);
        Serving { child: Some(child), pid, lines, client: Client::new(address) }
    }
}

impl Done {
    /// It worked; what it printed.
    #[track_caller]
    pub fn works(&self) -> &str {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        &self.out
    }

    /// It was refused with one sentence for a person that has all of these words in it.
    #[track_caller]
    pub fn is_refused(&self, words: &[&str]) {
        let Self { code, out, err } = self;
        assert_eq!(*code, 1, "{out}{err}");
        let sentence = err.strip_prefix("daybook: ").unwrap_or_else(|| panic!("it says {err:?}"));
        assert_eq!(sentence.trim_end().lines().count(), 1, "{err}");
        for word in words {
            assert!(sentence.contains(word), "{word:?} is not in {sentence:?}");
        }
        for technical in ["panicked", "backtrace", "Error {", "Os {", "Some(", "src/"] {
            assert!(!err.contains(technical), "{technical:?} is in {err:?}");
        }
    }
}

impl Serving {
    /// The next line of its log with these words.
    pub fn says(&self, words: &str) -> String {
        let line = || self.lines.recv_timeout(LONGEST).unwrap_or_else(|_| panic!("it never says {words:?}"));
        std::iter::repeat_with(line).find(|line| line.contains(words)).unwrap()
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Stands still from now on, until it hears `CONT`.
    pub fn hang(&self) {
        self.signal(Signal::STOP);
        // Until all of its threads do.
        let seen = waitpid(Some(self.pid), WaitOptions::UNTRACED).unwrap();
        assert!(seen.is_some_and(|(_, status)| status.stopped()), "{seen:?}");
    }

    /// Waits for its end; the exit code, and the log since its start.
    pub fn ended(mut self) -> (Option<i32>, Vec<String>) {
        let child = self.child.take().unwrap();
        let status = ended(child, &["serve"]).status;
        (status.code(), self.lines.iter().collect())
    }

    /// Tells it to stop and waits.
    pub fn stop(self) {
        self.terminate();
        let (code, log) = self.ended();
        assert_eq!(code, Some(0), "{log:?}");
    }

    /// Ends it as a power cut would.
    pub fn kill(self) {
        self.signal(Signal::KILL);
        self.ended();
    }

    /// Signs up and logs in; a client that bears the token.
    pub async fn user(&self, name: &str) -> Client {
        let credentials = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        self.client.post("/signup", credentials).await.is(201);
        self.login(name).await
    }

    /// Logs in.
    pub async fn login(&self, name: &str) -> Client {
        let credentials = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        let welcome = self.client.post("/login", credentials).await.is(200);
        self.client.bearing(welcome["token"].as_str().unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits for a child, but not for ever.
fn ended(child: Child, args: &[&str]) -> Output {
    let pid = Pid::from_child(&child);
    let (tell, told) = channel();
    thread::spawn(move || tell.send(child.wait_with_output()));
    told.recv_timeout(LONGEST).map_or_else(
        |_| {
            let _ = kill_process(pid, Signal::KILL);
            panic!("daybook {args:?} does not end");
        },
        Result::unwrap,
    )
}

/// Where a house says that it answers.
fn address(lines: &Receiver<String>) -> SocketAddr {
    loop {
        let line = lines.recv_timeout(LONGEST).expect("the house never answers");
        if line.contains("message: Daybook answers here") {
            let field = line.split('\t').find_map(|field| field.strip_prefix("address: "));
            return field
                .and_then(|address| address.parse().ok())
                .unwrap_or_else(|| panic!("no address in {line}"));
        }
    }
}
