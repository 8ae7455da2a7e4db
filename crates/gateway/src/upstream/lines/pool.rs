//! Connections that nobody uses at the moment.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

/// A connection that was idle when it is looked at twice is given up: less than services keep theirs, so that none is
/// closed as it is used.
const LOOK: Duration = Duration::from_secs(15);

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
    seen: bool,
}

impl Pool {
    /// A connection that still stands, and on which nothing waits to be read.
    pub fn take(&self) -> Option<TcpStream> {
        loop {
            let Resting { stream, .. } = self.lock().lines.pop()?;
            // The system itself is asked: the runtime hears a little later that a connection ended, or that somebody
            // spoke on it whom nobody had asked.
            let said = recv(&stream, &mut [0], RecvFlags::PEEK | RecvFlags::DONTWAIT);
            if said.is_err_and(|error| error == Errno::AGAIN) {
                return Some(stream);
            }
        }
    }

    /// Takes a connection back.
    pub fn put(self: &Arc<Self>, stream: TcpStream) {
        let mut idle = self.lock();
        idle.lines.push(Resting { stream, seen: false });
        if !idle.looked_after
            && let Ok(runtime) = Handle::try_current()
        {
            idle.looked_after = true;
            runtime.spawn(look_after(Arc::downgrade(self)));
        }
    }

    /// Gives up what nobody has used since the last look; whether anything is left.
    fn look(&self) -> bool {
        let mut idle = self.lock();
        idle.lines.retain_mut(|line| !std::mem::replace(&mut line.seen, true));
        idle.looked_after = !idle.lines.is_empty();
        idle.looked_after
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn look_after(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(LOOK).await;
        if !pool.upgrade().is_some_and(|pool| pool.look()) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn what_nobody_used_between_two_looks_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let pool = Arc::new(Pool::default());
        let mut there = Vec::new();
        for _ in 0..3 {
            pool.put(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
            there.push(listener.accept().await.unwrap().0);
        }
        assert!(pool.look());
        let used = pool.take().unwrap();
        pool.put(used);
        assert!(pool.look());
        assert_eq!(pool.lock().lines.len(), 1, "only what was used stays");
        assert!(pool.lock().looked_after);
        assert!(!pool.look() && pool.take().is_none());
        assert!(!pool.lock().looked_after, "whoever looks after it has left");
    }
}
