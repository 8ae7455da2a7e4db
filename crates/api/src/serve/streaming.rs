//! An answer of unknown length on its way to a client of HTTP/1.1, in chunks, its head being out already. While it says
//! nothing, nothing is kept for it.

use std::{
    io::{self, Write as _},
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::Body;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::unsent::Unsent;

/// What is written at once, if there is as much.
const AT_ONCE: usize = 8 << 10;
/// For the line before a chunk, and the end of the one behind it.
const AROUND: usize = 20;
/// Bytes of no use, read at once.
const NOISE: usize = 512;

/// The answer, and where it goes.
#[derive(Debug)]
pub(super) struct Streaming<S, B> {
    stream: S,
    /// None when all of it was said.
    answer: Option<B>,
    /// What was said and not yet taken.
    left: Unsent,
}

impl<S, B> Streaming<S, B>
where
    S: AsyncRead + AsyncWrite + Unpin,
    B: Body<Data = Bytes, Error = axum::Error> + Unpin,
{
    pub(super) fn new(stream: S, answer: B) -> Self {
        Self { stream, answer: Some(answer), left: Unsent::default() }
    }

    /// Waits until the client is gone. Whatever it says is ignored: it was told that this answer is the last.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut room = [MaybeUninit::uninit(); NOISE];
            let mut noise = ReadBuf::uninit(&mut room);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut noise))?;
            if noise.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Carries the answer to its end. Nothing more of it is asked for while the client does not take what there is.
    fn poll_carry(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.left.poll_write(cx, &mut self.stream))?;
        while self.answer.is_some() {
            let waits = self.poll_said(cx)?.is_pending();
            ready!(self.left.poll_write(cx, &mut self.stream))?;
            if waits {
                ready!(self.left.poll_flush(cx, &mut self.stream))?;
                return Poll::Pending;
            }
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    /// Hears as much as is written at once; pending when there is no more for now.
    fn poll_said(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(answer) = &mut self.answer
            && self.left.bytes.len() < AT_ONCE
        {
            match ready!(Pin::new(answer).poll_frame(cx)) {
                // A client that hears no end knows that something went wrong.
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                Some(Ok(frame)) => self.say(&frame.into_data().unwrap_or_default())?,
                None => {
                    self.answer = None;
                    self.left.bytes.extend_from_slice(b"0\r\n\r\n");
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    fn say(&mut self, data: &Bytes) -> io::Result<()> {
        // An empty chunk would be the end.
        if data.is_empty() {
            return Ok(());
        }
        self.left.bytes.reserve(data.len() + AROUND);
        write!(self.left.bytes, "{:x}\r\n", data.len())?;
        self.left.bytes.extend_from_slice(data);
        self.left.bytes.extend_from_slice(b"\r\n");
        Ok(())
    }
}

impl<S, B> Future for Streaming<S, B>
where
    S: AsyncRead + AsyncWrite + Unpin,
    B: Body<Data = Bytes, Error = axum::Error> + Unpin,
{
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.poll_gone(cx) {
            Poll::Ready(gone) => Poll::Ready(gone),
            Poll::Pending => self.poll_carry(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, iter};

    use axum::body::Body;
    use futures_util::{StreamExt as _, poll, stream};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn nothing_more_is_asked_for_while_the_client_takes_nothing() {
        let mut asked = 0;
        let said = iter::from_fn(move || {
            asked += 1;
            Some(Ok::<_, Infallible>(format!("{asked:06}").repeat(AT_ONCE / 12)))
        });
        let (mut client, stream) = duplex(AT_ONCE);
        let mut streaming = Streaming::new(stream, Body::from_stream(stream::iter(said.take(5))));
        for _ in 0..3 {
            assert!(poll!(&mut streaming).is_pending());
            assert!(
                streaming.left.bytes.windows(6).all(|part| part != b"000003"),
                "two fill what is written at once"
            );
        }
        let streaming = tokio::spawn(streaming);
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        let chunk = |number: usize| {
            format!("{:x}\r\n{}\r\n", AT_ONCE / 12 * 6, format!("{number:06}").repeat(AT_ONCE / 12))
        };
        assert!(heard == (1..=5).map(chunk).collect::<String>() + "0\r\n\r\n");
        streaming.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn it_holds_nothing_while_nothing_is_said() {
        let (mut client, stream) = duplex(8);
        let said = stream::iter(["", "one"].map(Ok::<_, Infallible>)).chain(stream::pending());
        let mut streaming = Streaming::new(stream, Body::from_stream(said));
        assert!(poll!(&mut streaming).is_pending());
        let mut heard = [0; 8];
        client.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"3\r\none\r\n", "an empty chunk would have been the end");
        assert!(poll!(&mut streaming).is_pending());
        assert_eq!(streaming.left.bytes.capacity(), 0);
    }

    #[tokio::test]
    async fn it_ends_with_its_client_whatever_that_has_said() {
        let (mut client, stream) = duplex(64);
        let mut streaming =
            Streaming::new(stream, Body::from_stream(stream::pending::<Result<&str, Infallible>>()));
        client.write_all(&[b'x'; 64]).await.unwrap();
        assert!(poll!(&mut streaming).is_pending());
        client.write_all(&[b'x'; 64]).await.unwrap();
        drop(client);
        streaming.await.unwrap();
    }
}
