//! Bytes from one side to the other. Most web sockets say nothing most of the time, and so nothing is kept for them: a
//! buffer is there only while one side does not take what the other has said.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use api::serve::Unsent;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes read at once.
const AT_ONCE: usize = 8 << 10;

/// Carries both ways, until both sides have ended, or one breaks.
pub async fn join<A, B>(one: &mut A, other: &mut B) -> io::Result<()>
where
    A: AsyncRead + AsyncWrite + Unpin,
    B: AsyncRead + AsyncWrite + Unpin,
{
    let (mut there, mut back) = (Pipe::default(), Pipe::default());
    poll_fn(|cx| {
        let there = there.poll(cx, one, other)?;
        let back = back.poll(cx, other, one)?;
        if there.is_ready() && back.is_ready() { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await
}

/// One way.
#[derive(Default)]
struct Pipe {
    /// What was read and not yet taken.
    left: Unsent,
    stage: Stage,
}

#[derive(Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Open,
    /// Nothing more comes.
    Ending,
    Ended,
}

impl Pipe {
    fn poll<R, W>(&mut self, cx: &mut Context<'_>, from: &mut R, into: &mut W) -> Poll<io::Result<()>>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        loop {
            ready!(self.left.poll_write(cx, into))?;
            match self.stage {
                Stage::Ended => return Poll::Ready(Ok(())),
                Stage::Ending => {
                    ready!(Pin::new(&mut *into).poll_shutdown(cx))?;
                    self.stage = Stage::Ended;
                }
                Stage::Open => ready!(self.poll_more(cx, from, into))?,
            }
        }
    }

    /// Reads, and writes as much of it as is taken at once.
    fn poll_more<R, W>(&mut self, cx: &mut Context<'_>, from: &mut R, into: &mut W) -> Poll<io::Result<()>>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut room = [MaybeUninit::uninit(); AT_ONCE];
        let mut read = ReadBuf::uninit(&mut room);
        if Pin::new(from).poll_read(cx, &mut read)?.is_pending() {
            ready!(self.left.poll_flush(cx, into))?;
            return Poll::Pending;
        }
        let bytes = read.filled();
        if bytes.is_empty() {
            self.stage = Stage::Ending;
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(self.left.poll_pass(cx, into, bytes))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn all_of_it_arrives_in_order_both_ways_however_narrow_the_sides_are() {
        let ((mut client, mut one), (mut service, mut other)) = (duplex(700), duplex(64));
        let joined = tokio::spawn(async move { join(&mut one, &mut other).await });
        let said: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let (there, back) = (said.clone(), said.iter().rev().copied().collect::<Vec<u8>>());
        let answered = back.clone();
        let far = tokio::spawn(async move {
            let mut heard = vec![0; there.len()];
            let (mut reading, mut writing) = tokio::io::split(&mut service);
            let (read, written) =
                tokio::join!(reading.read_exact(&mut heard), async { writing.write_all(&back).await });
            read.unwrap();
            written.unwrap();
            assert!(heard == there);
            service.shutdown().await.unwrap();
        });
        let mut heard = Vec::new();
        let (mut reading, mut writing) = tokio::io::split(&mut client);
        let (read, written) = tokio::join!(reading.read_to_end(&mut heard), async {
            writing.write_all(&said).await?;
            writing.shutdown().await
        });
        read.unwrap();
        written.unwrap();
        far.await.unwrap();
        assert!(heard == answered);
        joined.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_side_that_breaks_ends_it() {
        let ((client, mut one), (service, mut other)) = (duplex(64), duplex(64));
        let joined = tokio::spawn(async move { join(&mut one, &mut other).await });
        drop(service);
        let mut client = client;
        let mut nothing = Vec::new();
        client.read_to_end(&mut nothing).await.unwrap();
        drop(client);
        let _ = joined.await.unwrap();
        assert!(nothing.is_empty());
    }
}
