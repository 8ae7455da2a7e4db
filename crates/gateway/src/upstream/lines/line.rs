//! A connection to a service while one request has it. Whoever drops it closes it.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;

use super::pool::Pool;

/// What is read at once, and so the largest piece of a body.
const AT_ONCE: usize = 64 << 10;

thread_local! {
    /// Where all connections of a thread are read into: a connection that waits keeps no memory for it.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; AT_ONCE].into());
}

/// The connection.
pub struct Line {
    pub stream: TcpStream,
    pub home: Arc<Pool>,
}

impl Line {
    /// Reads what there is; nothing is the end.
    pub fn poll_read<T>(
        &mut self,
        cx: &mut Context<'_>,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut came = ReadBuf::new(scratch);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut came))?;
            Poll::Ready(Ok(read(came.filled())))
        })
    }

    /// Lets the next request have it. Only after an answer that ended where it said, with nothing after it.
    pub fn release(self) {
        self.home.put(self.stream);
    }
}
