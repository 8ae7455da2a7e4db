//! Where the body of an answer ends.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::super::broken::Broken;

/// More than this between the parts of a body, or after it, has no good reason.
const MOST_EXTRAS: usize = 16 << 10;
const MOST_TRAILERS: usize = 32;
const END: &[u8] = b"\r\n";

/// How its end is known, and what is still to come until then.
#[derive(Debug)]
pub enum Framing {
    /// So many bytes.
    Length(u64),
    /// Each piece says how long it is.
    Chunks(Chunks),
    /// It goes on until the connection ends.
    UntilClose,
}

/// The pieces of a body.
#[derive(Debug, Default)]
pub struct Chunks {
    at: At,
    /// What was said beside the body, in bytes.
    extras: usize,
    tail: Vec<u8>,
    trailers: Option<HeaderMap>,
}

#[derive(Debug, Default)]
enum At {
    /// Before the first digit of a size.
    #[default]
    Begin,
    Size(u64),
    Extension(u64),
    SizeEnd(u64),
    Data(u64),
    DataCr,
    DataLf,
    Trailers,
    Over,
}

impl Framing {
    /// Takes from what came the part that is of this body; returns how long that is, with all that stands around it.
    pub fn take(&mut self, came: &[u8], body: &mut Vec<u8>) -> Result<usize, Broken> {
        match self {
            Self::Length(left) => {
                let taken = usize::try_from(*left).map_or(came.len(), |left| left.min(came.len()));
                body.extend_from_slice(&came[..taken]);
                *left -= taken as u64;
                Ok(taken)
            }
            Self::Chunks(chunks) => chunks.take(came, body),
            Self::UntilClose => {
                body.extend_from_slice(came);
                Ok(came.len())
            }
        }
    }

    /// Whether all of it has come, as far as it says itself.
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunks(Chunks { at: At::Over, .. }))
    }

    /// How much is still to come, where that is known.
    pub const fn left(&self) -> Option<u64> {
        match self {
            Self::Length(left) => Some(*left),
            Self::Chunks(_) | Self::UntilClose => None,
        }
    }

    /// Whether something was said after the body.
    pub const fn has_trailers(&self) -> bool {
        matches!(self, Self::Chunks(Chunks { trailers: Some(_), .. }))
    }

    /// What was said after the body, if anything was.
    pub const fn trailers(&mut self) -> Option<HeaderMap> {
        match self {
            Self::Chunks(chunks) => chunks.trailers.take(),
            Self::Length(_) | Self::UntilClose => None,
        }
    }
}

impl Chunks {
    fn take(&mut self, came: &[u8], body: &mut Vec<u8>) -> Result<usize, Broken> {
        let mut taken = 0;
        while taken < came.len() && !matches!(self.at, At::Over) {
            if let At::Data(left) = &mut self.at {
                let rest = &came[taken..];
                let size = usize::try_from(*left).map_or(rest.len(), |left| left.min(rest.len()));
                body.extend_from_slice(&rest[..size]);
                taken += size;
                *left -= size as u64;
                if *left == 0 {
                    self.at = At::DataCr;
                }
            } else {
                self.step(came[taken])?;
                taken += 1;
            }
        }
        Ok(taken)
    }

    /// Takes a byte that is not of the body. What could be read in two ways is refused: another reader might choose the
    /// other one.
    fn step(&mut self, byte: u8) -> Result<(), Broken> {
        self.at = match (&self.at, byte) {
            (At::Begin, digit) => At::Size(longer(0, digit)?),
            (At::Size(size) | At::Extension(size), b'\r') => At::SizeEnd(*size),
            (At::Size(size), b';' | b' ' | b'\t') => At::Extension(*size),
            (At::Size(size), digit) => At::Size(longer(*size, digit)?),
            (At::Extension(size), b'\t' | b' '..=b'~' | 0x80..) => {
                let size = *size;
                At::Extension(self.note(size)?)
            }
            (At::SizeEnd(0), b'\n') => At::Trailers,
            (At::SizeEnd(size), b'\n') => At::Data(*size),
            (At::DataCr, b'\r') => At::DataLf,
            (At::DataLf, b'\n') => At::Begin,
            (At::Trailers, byte) => {
                let byte = self.note(byte)?;
                self.tail.push(byte);
                if self.tail == END {
                    At::Over
                } else if self.tail.ends_with(b"\r\n\r\n") {
                    self.trailers = Some(parse(&self.tail)?);
                    At::Over
                } else {
                    At::Trailers
                }
            }
            _ => return Err(Broken::Garbled("a chunk that does not begin or end as chunks do")),
        };
        Ok(())
    }

    /// Counts a byte beside the body.
    fn note<T>(&mut self, what: T) -> Result<T, Broken> {
        self.extras += 1;
        if self.extras > MOST_EXTRAS {
            return Err(Broken::Garbled("too much between the chunks"));
        }
        Ok(what)
    }
}

fn longer(size: u64, digit: u8) -> Result<u64, Broken> {
    let digit = char::from(digit).to_digit(16);
    digit
        .and_then(|digit| size.checked_mul(16)?.checked_add(digit.into()))
        .ok_or(Broken::Garbled("a chunk without a size"))
}

fn parse(trailers: &[u8]) -> Result<HeaderMap, Broken> {
    let wrong = Broken::Garbled("trailers that are none");
    let mut parsed = [httparse::EMPTY_HEADER; MOST_TRAILERS];
    let Ok(httparse::Status::Complete((length, parsed))) = httparse::parse_headers(trailers, &mut parsed)
    else {
        return Err(wrong);
    };
    let read = |header: &httparse::Header<'_>| {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(header.value).ok()?))
    };
    let all: Option<HeaderMap> = parsed.iter().map(read).collect();
    all.filter(|_| length == trailers.len()).ok_or(wrong)
}
