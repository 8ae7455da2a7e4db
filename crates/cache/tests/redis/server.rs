//! A Redis of the test's own, that may be killed.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ::redis::{Client, FromRedisValue};
use cache::Cache;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net;
use tokio::sync::watch;
use tokio::time::sleep;

/// Long enough for anything that does happen.
const LONGEST: Duration = Duration::from_secs(20);

pub struct Server {
    port: u16,
    folder: TempDir,
    child: Child,
}

impl Server {
    /// On any free port, and answering.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut server = Self { port, child: launch(port, &folder), folder };
        server.answers().await;
        server
    }

    /// Another cache there, as another process would have one.
    pub fn cache(&self) -> Cache {
        Cache::redis(&self.url(""), "test:").unwrap()
    }

    pub fn url(&self, user: &str) -> String {
        format!("redis://{user}127.0.0.1:{}/3", self.port)
    }

    /// A way to the server on which connections can be made to die without a sound, as behind a router that forgot them:
    /// its port, and what ends all that are open when it is told so. Later ones live.
    pub async fn by_way(&self) -> (u16, watch::Sender<()>) {
        let (port, door) = (self.port, net::TcpListener::bind("127.0.0.1:0").await.unwrap());
        let (tell, told) = watch::channel(());
        let way = door.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut from, _)) = door.accept().await {
                let mut told = told.clone();
                told.mark_unchanged();
                tokio::spawn(async move {
                    let mut to = net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut from, &mut to) => {}
                        // Both ends stay open, and nobody reads them.
                        _ = told.changed() => std::future::pending().await,
                    }
                });
            }
        });
        (way, tell)
    }

    /// Nothing can be done before it is dead.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// Starts it again, where it was, and empty.
    pub async fn start_again(&mut self) {
        self.child = launch(self.port, &self.folder);
        self.answers().await;
    }

    /// Says something to the server, past the cache.
    pub async fn say<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let mut connection =
            Client::open(self.url("")).unwrap().get_multiplexed_async_connection().await.unwrap();
        let mut command = ::redis::cmd(words[0]);
        command.arg(&words[1..]).query_async(&mut connection).await.unwrap()
    }

    async fn answers(&mut self) {
        let end = Instant::now() + LONGEST;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            // Its port may be taken for a moment by an outgoing connection of somebody else.
            if self.child.try_wait().unwrap().is_some() {
                self.child = launch(self.port, &self.folder);
            }
            assert!(Instant::now() < end, "Redis does not start on port {}", self.port);
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tries until it comes out as wanted, which must be soon.
pub async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + LONGEST;
    loop {
        if let Some(done) = attempt().await {
            return done;
        }
        assert!(Instant::now() < end, "{what}: not within {LONGEST:?}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn launch(port: u16, folder: &TempDir) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no"]);
    command.arg("--dir").arg(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("redis-server is installed")
}
