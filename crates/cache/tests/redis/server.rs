//! A Redis of the test's own, seen from the cache.

use std::time::{Duration, Instant};

use ::redis::{Client, FromRedisValue};
use cache::Cache;
use rustix::process::{Pid, Signal, kill_process};
use testkit::RedisServer;
use tokio::io::copy_bidirectional;
use tokio::net;
use tokio::sync::watch;
use tokio::time::sleep;

/// Long enough for anything that does happen.
const LONGEST: Duration = Duration::from_secs(20);

/// A server that may be killed, and what these tests do with it beside that.
pub struct Server(RedisServer);

impl Server {
    /// On any free port, and answering.
    pub async fn start() -> Self {
        Self(RedisServer::start().await)
    }

    /// Another cache there, as another process would have one.
    pub fn cache(&self) -> Cache {
        Cache::redis(&self.url(""), "test:").unwrap()
    }

    pub fn url(&self, user: &str) -> String {
        format!("redis://{user}127.0.0.1:{}/3", self.0.port())
    }

    /// A way to the server on which connections can be made to die without a sound, as behind a router that forgot them:
    /// its port, and what ends all that are open when it is told so. Later ones live.
    pub async fn by_way(&self) -> (u16, watch::Sender<()>) {
        let (port, door) = (self.0.port(), net::TcpListener::bind("127.0.0.1:0").await.unwrap());
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

    pub fn kill(&mut self) {
        self.0.kill();
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.0.process()).ok().and_then(Pid::from_raw);
        kill_process(pid.unwrap(), signal).unwrap();
    }

    pub async fn start_again(&mut self) {
        self.0.start_again().await;
    }

    /// Says something to the server, past the cache.
    pub async fn say<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let mut connection =
            Client::open(self.url("")).unwrap().get_multiplexed_async_connection().await.unwrap();
        let mut command = ::redis::cmd(words[0]);
        command.arg(&words[1..]).query_async(&mut connection).await.unwrap()
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
