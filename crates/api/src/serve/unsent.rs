//! What was said and the other side has not taken yet. While that is nothing, nothing is kept for it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::AsyncWrite;

/// Bytes on their way.
#[derive(Debug, Default)]
pub struct Unsent {
    /// Those that wait, and some before them that were taken.
    pub bytes: Vec<u8>,
    taken: usize,
    /// Something was written that may not be out yet.
    unflushed: bool,
}

impl Unsent {
    /// Writes a piece by the way, as much of it as is taken at once, while nothing waits; the rest waits.
    pub fn poll_pass<W>(&mut self, cx: &mut Context<'_>, into: &mut W, piece: &[u8]) -> io::Result<()>
    where
        W: AsyncWrite + Unpin,
    {
        let written = match Pin::new(into).poll_write(cx, piece)? {
            Poll::Ready(written) => written,
            Poll::Pending => 0,
        };
        self.unflushed |= written > 0;
        self.bytes.extend_from_slice(&piece[written..]);
        Ok(())
    }

    /// Writes what waits, if anything does.
    pub fn poll_write<W>(&mut self, cx: &mut Context<'_>, into: &mut W) -> Poll<io::Result<()>>
    where
        W: AsyncWrite + Unpin,
    {
        while self.taken < self.bytes.len() {
            let written = ready!(Pin::new(&mut *into).poll_write(cx, &self.bytes[self.taken..]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.taken += written;
            self.unflushed = true;
        }
        (self.bytes, self.taken) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }

    /// Sees to it that what was written is out.
    pub fn poll_flush<W>(&mut self, cx: &mut Context<'_>, into: &mut W) -> Poll<io::Result<()>>
    where
        W: AsyncWrite + Unpin,
    {
        if self.unflushed {
            ready!(Pin::new(into).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}
