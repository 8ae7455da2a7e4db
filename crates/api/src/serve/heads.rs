//! Line feeds alone in the head of a request. HTTP allows to read them as ends of lines, and hyper does; a proxy before us
//! may not, and then both see different requests. So each is made a byte that no head may have, and is refused.

use memchr::memchr;

/// How far a head has come.
#[derive(Debug)]
pub(super) struct Head {
    place: Place,
    after_return: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing of it has come; there may be empty lines before it.
    Before,
    /// At the begin of a line, which ends the head if nothing is on it.
    Begin,
    /// On a line.
    Line,
    /// Behind it, where anything may come.
    Behind,
}

impl Head {
    /// At the first byte of one.
    pub(super) const fn new() -> Self {
        Self { place: Place::Before, after_return: false }
    }

    /// Looks at bytes as they come; `anew` is whether they begin a request.
    pub(super) fn read(&mut self, bytes: &mut [u8], anew: bool) {
        if anew {
            *self = Self::new();
        }
        let mut rest = bytes;
        while self.place != Place::Behind {
            if self.place == Place::Line {
                // Nothing is of interest before its end.
                let end = memchr(b'\n', rest).unwrap_or(rest.len());
                self.after_return = rest[..end].last().map_or(self.after_return, |last| *last == b'\r');
                rest = &mut rest[end..];
            }
            let Some((byte, left)) = rest.split_first_mut() else { return };
            self.see(byte);
            rest = left;
        }
    }

    fn see(&mut self, byte: &mut u8) {
        match (*byte, self.place) {
            (b'\n', _) if !self.after_return => *byte = 0,
            (b'\n', Place::Line) => self.place = Place::Begin,
            (b'\n', Place::Begin) => self.place = Place::Behind,
            (b'\n', Place::Before | Place::Behind) | (b'\r', _) => {}
            _ => self.place = Place::Line,
        }
        self.after_return = *byte == b'\r';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of these bytes, whole and byte by byte.
    fn read(bytes: &[u8]) -> Vec<u8> {
        let (mut whole, mut single) = (bytes.to_vec(), bytes.to_vec());
        Head::new().read(&mut whole, false);
        let mut head = Head::new();
        for byte in single.chunks_mut(1) {
            head.read(byte, false);
        }
        assert_eq!(whole, single);
        whole
    }

    #[test]
    fn a_head_with_whole_ends_of_lines_and_what_follows_it_stay() {
        for good in [
            &b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"[..],
            b"\r\n\r\nPOST / HTTP/1.1\r\nhost: x\r\n\r\n{\n\"a\":\n1}\n\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\n\n\n",
        ] {
            assert_eq!(read(good), good);
        }
    }

    #[test]
    fn a_line_feed_alone_is_none() {
        assert_eq!(read(b"GET / HTTP/1.1\nhost: x\r\n\r\n"), b"GET / HTTP/1.1\0host: x\r\n\r\n");
        assert_eq!(read(b"\nGET / HTTP/1.1\r\n\n"), b"\0GET / HTTP/1.1\r\n\0");
        assert_eq!(
            read(b"\r\n\r\nGET / HTTP/1.1\nx: 1\r\n\r\n\n"),
            b"\r\n\r\nGET / HTTP/1.1\0x: 1\r\n\r\n\n"
        );
        assert_eq!(read(b"a: 1\r\r\n\n"), b"a: 1\r\r\n\0");
    }

    #[test]
    fn the_next_request_is_looked_at_again() {
        let mut head = Head::new();
        let mut bytes = *b"a\r\n\r\n\n";
        head.read(&mut bytes, false);
        assert_eq!(bytes, *b"a\r\n\r\n\n");
        let mut next = *b"b\n";
        head.read(&mut next, true);
        assert_eq!(next, *b"b\0");
    }
}
