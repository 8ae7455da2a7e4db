//! Connections that nobody uses at the moment.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::sleep;

/// A connection that was idle for so long is given up: less than services keep theirs, so that none is closed as it is used.
const IDLE: Duration = Duration::from_secs(15);
/// A connection that was used so recently is not asked about: under load that would be most of them.
const FRESH: Duration = Duration::from_millis(10);

/// The idle connections of one lane. Only that lane takes the lock.
#[derive(Debug, Default)]
pub struct Pool {
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    /// The one that was used last is at the end, and the first to be used again.
    lines: Vec<Resting>,
    looked_after: bool,
}

#[derive(Debug)]
struct Resting {
    stream: TcpStream,
    since: Instant,
}

impl Pool {
    /// A connection that still stands, and on which nothing waits to be read.
    pub fn take(&self) -> Option<TcpStream> {
        loop {
            let resting = self.lock().lines.pop()?;
            if resting.stands() {
                return Some(resting.stream);
            }
        }
    }

    /// Takes a connection back.
    pub fn put(self: &Arc<Self>, stream: TcpStream) {
        let mut idle = self.lock();
        idle.lines.push(Resting { stream, since: Instant::now() });
        if !idle.looked_after
            && let Ok(runtime) = Handle::try_current()
        {
            idle.looked_after = true;
            runtime.spawn(look_after(Arc::downgrade(self)));
        }
    }

    /// Gives up what nobody has used for too long; whether anything is left.
    fn look(&self, now: Instant) -> bool {
        let mut idle = self.lock();
        idle.lines.retain(|line| now.duration_since(line.since) < IDLE);
        idle.looked_after = !idle.lines.is_empty();
        idle.looked_after
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resting {
    /// Whether it is open, and nobody has spoken on it whom nobody had asked.
    fn stands(&self) -> bool {
        // This asks the system only when the runtime has heard of something.
        let heard = self.stream.try_read(&mut [0]);
        if !heard.is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
            return false;
        }
        // The runtime hears a little later than the system, which is asked too where there was time for anything.
        self.since.elapsed() < FRESH
            || recv(&self.stream, &mut [0], RecvFlags::PEEK | RecvFlags::DONTWAIT)
                .is_err_and(|error| error == Errno::AGAIN)
    }
}

async fn look_after(pool: Weak<Pool>) {
    loop {
        sleep(IDLE).await;
        if !pool.upgrade().is_some_and(|pool| pool.look(Instant::now())) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn connected(listener: &TcpListener) -> (TcpStream, TcpStream) {
        let here = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (here, listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn what_nobody_used_for_too_long_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let pool = Arc::new(Pool::default());
        let mut there = Vec::new();
        for _ in 0..3 {
            let (here, other) = connected(&listener).await;
            pool.put(here);
            there.push(other);
        }
        let begin = Instant::now();
        let used = pool.take().unwrap();
        pool.put(used);
        assert!(pool.look(begin + IDLE));
        assert_eq!(pool.lock().lines.len(), 1, "only what was used stays");
        assert!(pool.lock().looked_after);
        assert!(!pool.look(Instant::now() + IDLE) && pool.take().is_none());
        assert!(!pool.lock().looked_after, "whoever looks after it has left");
    }

    #[tokio::test]
    async fn what_ended_or_speaks_unasked_is_not_used_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let pool = Arc::new(Pool::default());
        for rested in [Duration::ZERO, FRESH] {
            let ((closed, there), (spoken_on, speaker)) =
                (connected(&listener).await, connected(&listener).await);
            drop(there);
            speaker.try_write(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            for stream in [closed, spoken_on] {
                // What was just used is known by what the runtime has heard, and what rested by what the system says.
                if rested.is_zero() {
                    stream.readable().await.unwrap();
                }
                pool.lock()
                    .lines
                    .push(Resting { stream, since: Instant::now().checked_sub(rested).unwrap() });
            }
            assert!(pool.take().is_none());
        }
    }
}
