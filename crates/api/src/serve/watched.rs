//! A stream that notes on its connection's seat when bytes come, cannot go and are gone, and looks at heads as they come.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{heads::Head, keeper::Seat};

/// What is written in pieces and is no longer than this goes in one, which costs the system less than they do.
const JOINED: usize = 2 << 10;

#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    seat: Arc<Seat>,
    head: Head,
}

impl<S: Unpin> Watched<S> {
    pub(super) fn new(stream: S, seat: Arc<Seat>) -> Self {
        Self { stream, seat, head: Head::new() }
    }

    fn stream(&mut self) -> Pin<&mut S> {
        Pin::new(&mut self.stream)
    }

    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.seat.waits(written.is_pending());
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = self.stream().poll_read(cx, into);
        if into.filled().len() > before {
            let anew = self.seat.heard();
            self.head.read(&mut into.filled_mut()[before..], anew);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.stream().poll_write(cx, bytes);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut room = [0; JOINED];
        let written = match joined(bytes, &mut room) {
            Some(whole) => self.stream().poll_write(cx, whole),
            None => self.stream().poll_write_vectored(cx, bytes),
        };
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.stream().poll_flush(cx);
        if flushed.is_ready() {
            self.seat.handover.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }
}

/// The pieces in one, if there is room for them.
fn joined<'r>(pieces: &[IoSlice<'_>], room: &'r mut [u8]) -> Option<&'r [u8]> {
    let mut end = 0;
    for piece in pieces {
        room.get_mut(end..end + piece.len())?.copy_from_slice(piece);
        end += piece.len();
    }
    Some(&room[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_pieces_become_one_and_long_ones_stay_as_they_are() {
        let pieces = [&b"head"[..], b"", b"body"].map(IoSlice::new);
        assert_eq!(joined(&pieces, &mut [0; 9]), Some(&b"headbody"[..]));
        assert_eq!(joined(&pieces, &mut [0; 8]), Some(&b"headbody"[..]));
        assert_eq!(joined(&pieces, &mut [0; 7]), None);
        assert_eq!(joined(&[], &mut [0; 7]), Some(&b""[..]));
    }
}
