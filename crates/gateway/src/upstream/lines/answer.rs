//! The head of an answer. Whatever leaves a doubt about where the answer ends is refused: the next one on the connection
//! would be taken for somebody else's.

use std::mem::MaybeUninit;

use axum::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use httparse::{Header, ParserConfig, Status};
use memchr::memchr_iter;

use super::super::broken::Broken;
use super::framing::{Chunks, Framing};

const MOST_HEADERS: usize = 100;
/// The longest head, with those that only announce it.
pub const LONGEST: usize = 64 << 10;

/// The head of an answer, and what follows from it.
#[derive(Debug)]
pub struct Head {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub framing: Framing,
    /// Whether the connection may be used again after it.
    pub keeps: bool,
}

/// What headers say of the end of an answer.
#[derive(Default)]
struct Said {
    length: Option<u64>,
    chunked: bool,
    closes: bool,
}

/// The head that what came begins with, once it is there whole, and how long it is with those that only announce it. Its
/// headers take the place of those in `spent`, which has room for them: a request and its answer need one map.
pub fn look(came: &[u8], head_alone: bool, spent: &mut HeaderMap) -> Result<Option<(Head, usize)>, Broken> {
    let mut begin = 0;
    loop {
        let rest = &came[begin..];
        let mut room = [const { MaybeUninit::uninit() }; MOST_HEADERS];
        let mut parsed = httparse::Response::new(&mut []);
        let read = ParserConfig::default().parse_response_with_uninit_headers(&mut parsed, rest, &mut room);
        let length = match read.map_err(|_| Broken::Garbled("a head that is none"))? {
            Status::Partial if came.len() > LONGEST => {
                return Err(Broken::Garbled("a head that is too long"));
            }
            Status::Partial => return Ok(None),
            Status::Complete(length) => length,
        };
        // An empty line before it may be the rest of something else.
        if rest[0] != b'H' || has_bare_line_feed(&rest[..length]) {
            return Err(Broken::Garbled("a head that is not quite one"));
        }
        let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok());
        let status = status.ok_or(Broken::Garbled("a status that is none"))?;
        match status {
            StatusCode::SWITCHING_PROTOCOLS => return Err(Broken::Garbled("a change that nobody asked for")),
            status if status.is_informational() => begin += length,
            status => {
                let (headers, said) = read_headers(&rest[..length], parsed.headers, spent)?;
                let head = said.head(status, headers, parsed.version == Some(1), head_alone)?;
                return Ok(Some((head, begin + length)));
            }
        }
    }
}

fn read_headers(
    head: &[u8],
    parsed: &[Header<'_>],
    spent: &mut HeaderMap,
) -> Result<(HeaderMap, Said), Broken> {
    // All values share one block.
    let shared = Bytes::copy_from_slice(head);
    let mut headers = std::mem::take(spent);
    headers.clear();
    let mut said = Said::default();
    for Header { name, value } in parsed {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Broken::Garbled("a header's name"))?;
        said.hear(&name, value)?;
        let value = if value.is_empty() {
            HeaderValue::from_static("")
        } else {
            let begin = value.as_ptr().addr() - head.as_ptr().addr();
            HeaderValue::from_maybe_shared(shared.slice(begin..begin + value.len()))
                .map_err(|_| Broken::Garbled("a header's value"))?
        };
        headers.append(name, value);
    }
    Ok((headers, said))
}

impl Said {
    fn hear(&mut self, name: &HeaderName, value: &[u8]) -> Result<(), Broken> {
        if name == CONTENT_LENGTH {
            let length = digits(value).filter(|_| self.length.is_none());
            self.length = Some(length.ok_or(Broken::Garbled("not one length"))?);
        } else if name == TRANSFER_ENCODING {
            if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Broken::Garbled("an encoding that is not chunks alone"));
            }
            self.chunked = true;
        } else if name == CONNECTION {
            let mut words = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
            self.closes |= words.any(|word| word.eq_ignore_ascii_case(b"close"));
        }
        Ok(())
    }

    /// RFC 9112, 6.3.
    fn head(
        self,
        status: StatusCode,
        headers: HeaderMap,
        is_new: bool,
        head_alone: bool,
    ) -> Result<Head, Broken> {
        let Self { length, chunked, closes } = self;
        if chunked && (length.is_some() || !is_new) {
            return Err(Broken::Garbled("two ways of saying where it ends"));
        }
        let silent = status == StatusCode::NO_CONTENT;
        let bodiless = head_alone || silent || status == StatusCode::NOT_MODIFIED;
        let framing = match length {
            _ if bodiless => Framing::Length(0),
            Some(length) => Framing::Length(length),
            None if chunked => Framing::Chunks(Chunks::default()),
            None => Framing::UntilClose,
        };
        // An answer that has no body and yet says so has one perhaps.
        let doubtful = silent && (chunked || length.is_some_and(|length| length > 0));
        let keeps = is_new && !closes && !doubtful && !matches!(framing, Framing::UntilClose);
        Ok(Head { status, headers, framing, keeps })
    }
}

/// Some take it for the end of a line, and some do not.
fn has_bare_line_feed(head: &[u8]) -> bool {
    memchr_iter(b'\n', head).any(|at| !head[..at].ends_with(b"\r"))
}

fn digits(value: &[u8]) -> Option<u64> {
    let all = value.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(value).ok().filter(|_| all)?.parse().ok()
}
