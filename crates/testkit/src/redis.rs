//! A Redis of a test's own, that may be killed.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::sleep;

/// How often a server that starts is looked at.
const GLANCE: Duration = Duration::from_millis(20);
/// How often it is looked at before the test gives up: for long enough.
const GLANCES: u32 = 1_000;

/// A running server.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    folder: TempDir,
    child: Child,
}

impl RedisServer {
    /// On any free port, and answering.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let mut server = Self { port, child: launch(port, &folder), folder };
        server.answers().await;
        server
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Nothing can be done before it is dead.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it is dead");
    }

    /// Starts it again, where it was, and empty.
    pub async fn start_again(&mut self) {
        self.child = launch(self.port, &self.folder);
        self.answers().await;
    }

    /// Gives it a command in one line, past everybody else, and reads the first line of the answer.
    pub fn say(&self, line: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it is there");
        writeln!(stream, "{line}\r").expect("it listens");
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).expect("it answers");
        answer.trim_end().to_owned()
    }

    async fn answers(&mut self) {
        for _ in 0..GLANCES {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            // Its port may be taken for a moment by an outgoing connection of somebody else.
            if self.child.try_wait().expect("a child").is_some() {
                self.child = launch(self.port, &self.folder);
            }
            sleep(GLANCE).await;
        }
        panic!("Redis does not start on port {}", self.port);
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.expect("a free port").port()
}

fn launch(port: u16, folder: &TempDir) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no"]);
    command.arg("--dir").arg(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("redis-server is installed")
}
