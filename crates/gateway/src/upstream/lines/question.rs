//! A request as it goes out: most of them in one piece at once, the rest as fast as client and service allow.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, HttpBody};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::request::Parts;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;

use super::super::broken::Broken;
use super::super::parcel::Parcel;

/// What is kept for the next request; a longer one is rare.
const USUAL: usize = 16 << 10;

thread_local! {
    /// Where requests are written down before they go out.
    static PAPER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What is still to be sent of a request.
pub struct Question {
    out: Vec<u8>,
    written: usize,
    rest: Option<Rest>,
}

struct Rest {
    body: Body,
    /// How much its client announced; without, it goes in chunks.
    left: Option<u64>,
}

/// Why no more of it is sent.
pub enum Stopped {
    /// The service takes no more. It may have answered all the same.
    There,
    /// The client broke off.
    Here(Broken),
}

impl Question {
    /// Begins to send it: what is left of it, if anything is. When this fails nothing was sent, and the body is still
    /// in its parcel.
    pub fn begin(stream: &TcpStream, host: &HeaderValue, parcel: &mut Parcel) -> io::Result<Option<Self>> {
        let out = PAPER.with_borrow_mut(|paper| {
            paper.clear();
            write_head(paper, host, parcel);
            paper.extend_from_slice(parcel.whole());
            let written = match stream.try_write(paper) {
                Ok(written) => written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                Err(error) => return Err(error),
            };
            let left = paper[written..].to_vec();
            paper.shrink_to(USUAL);
            Ok(left)
        })?;
        let rest = parcel.stream().map(|body| Rest { left: body.size_hint().exact(), body });
        let question = Self { out, written: 0, rest };
        Ok((question.rest.is_some() || !question.out.is_empty()).then_some(question))
    }

    /// Sends more of it, until all is sent.
    pub fn poll_send(&mut self, stream: &mut TcpStream, cx: &mut Context<'_>) -> Poll<Result<(), Stopped>> {
        loop {
            while self.written < self.out.len() {
                let wrote = ready!(Pin::new(&mut *stream).poll_write(cx, &self.out[self.written..]));
                match wrote {
                    Ok(wrote) if wrote > 0 => self.written += wrote,
                    _ => return Poll::Ready(Err(Stopped::There)),
                }
            }
            let Some(rest) = &mut self.rest else { return Poll::Ready(Ok(())) };
            self.written = 0;
            self.out.clear();
            if ready!(rest.poll_more(&mut self.out, cx)).map_err(Stopped::Here)? {
                self.rest = None;
            }
        }
    }
}

impl Rest {
    /// Writes down the next piece; whether it was the last.
    fn poll_more(&mut self, out: &mut Vec<u8>, cx: &mut Context<'_>) -> Poll<Result<bool, Broken>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let frame = frame.transpose().map_err(|error| Broken::Off(error.into()))?;
        let Some(frame) = frame else { return Poll::Ready(self.finish(out).map(|()| true)) };
        // Trailers were announced for this hop, if at all.
        let Ok(piece) = frame.into_data() else { return Poll::Ready(Ok(false)) };
        match &mut self.left {
            Some(left) => match left.checked_sub(piece.len() as u64) {
                Some(less) => *left = less,
                None => return Poll::Ready(Err(Broken::Off("the body is too long".into()))),
            },
            None if piece.is_empty() => return Poll::Ready(Ok(false)),
            None => _ = write!(out, "{:x}\r\n", piece.len()),
        }
        out.extend_from_slice(&piece);
        if self.left.is_none() {
            out.extend_from_slice(b"\r\n");
        }
        // Nothing is left to be asked for, and who asks would wait for a client that has said all.
        Poll::Ready(Ok(self.left == Some(0)))
    }

    fn finish(&self, out: &mut Vec<u8>) -> Result<(), Broken> {
        match self.left {
            None => out.extend_from_slice(b"0\r\n\r\n"),
            Some(0) => {}
            Some(_) => return Err(Broken::Off("the body is too short".into())),
        }
        Ok(())
    }
}

/// The head. How long the body is we say ourselves, whatever the client said.
fn write_head(out: &mut Vec<u8>, host: &HeaderValue, parcel: &Parcel) {
    let Parts { method, uri, .. } = parcel.head();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    for piece in [method.as_str(), " ", path, " HTTP/1.1\r\nhost: "] {
        out.extend_from_slice(piece.as_bytes());
    }
    out.extend_from_slice(host.as_bytes());
    parcel.each_header(|name, value| {
        if *name != HOST && *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            for piece in [b"\r\n", name.as_str().as_bytes(), b": ", value] {
                out.extend_from_slice(piece);
            }
        }
    });
    let length = parcel.length();
    match length {
        Some(0) if method.is_safe() => {}
        // Writing to memory does not fail.
        Some(length) => _ = write!(out, "\r\ncontent-length: {length}"),
        None => out.extend_from_slice(b"\r\ntransfer-encoding: chunked"),
    }
    out.extend_from_slice(b"\r\n\r\n");
}
