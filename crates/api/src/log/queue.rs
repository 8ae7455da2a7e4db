//! The queue between the threads that log and the one that writes.

use std::{
    io::{self, ErrorKind, Write},
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing::Level;

use super::{Format, record::Record, stamp};

/// Lines that wait to be written; more are dropped.
const CAPACITY_BYTES: usize = 4 * 1024 * 1024;
/// Memory a queue keeps after a burst.
const KEPT_BYTES: usize = 256 * 1024;
/// How long lines gather after a write. It keeps the writer from being woken for every line.
const GATHERING: Duration = Duration::from_millis(5);
/// How long the end of the process waits for a reader that has stopped reading.
const FAREWELL: Duration = Duration::from_secs(2);

/// Lines on their way out.
#[derive(Debug)]
pub(super) struct Queue {
    format: Format,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<u8>,
    dropped: u64,
    /// The writer sleeps until it is woken; only then is waking it worth a system call.
    idle: bool,
    closing: bool,
    closed: bool,
}

impl Queue {
    pub(super) fn new(format: Format) -> Self {
        Self { format, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Hands over one line, or drops it when the queue is full.
    pub(super) fn push(&self, line: &[u8]) {
        let mut state = self.state();
        if state.lines.len() + line.len() > CAPACITY_BYTES {
            state.dropped += 1;
            return;
        }
        state.lines.extend_from_slice(line);
        if mem::take(&mut state.idle) {
            drop(state);
            self.changed.notify_all();
        }
    }

    /// Writes lines as they come, until the queue is closed and empty.
    pub(super) fn drain(&self, out: &mut dyn Write) {
        let mut record = Record::default();
        let mut lines = Vec::new();
        while let Some(dropped) = self.take(&mut lines) {
            deliver(out, &lines);
            if dropped > 0 {
                deliver(out, self.confession(&mut record, dropped));
            }
            lines.clear();
            lines.shrink_to(KEPT_BYTES);
            self.gather();
        }
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Has what is queued written, and waits for it, though not forever.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closing = true;
        self.changed.notify_all();
        let waited = self.changed.wait_timeout_while(state, FAREWELL, |state| !state.closed);
        drop(waited);
    }

    /// Waits for lines, swaps them into `lines` and tells how many were dropped; nothing once it is all over.
    fn take(&self, lines: &mut Vec<u8>) -> Option<u64> {
        let mut state = self.state();
        while state.lines.is_empty() && state.dropped == 0 {
            if state.closing {
                return None;
            }
            state.idle = true;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.idle = false;
        mem::swap(&mut state.lines, lines);
        Some(mem::take(&mut state.dropped))
    }

    fn gather(&self) {
        let gathered = self.changed.wait_timeout_while(self.state(), GATHERING, |state| !state.closing);
        drop(gathered);
    }

    fn confession<'a>(&self, record: &'a mut Record, dropped: u64) -> &'a [u8] {
        let mut fields = record.begin(self.format, stamp::now(), Level::WARN);
        fields.text("message", format_args!("log lines dropped: nobody read them fast enough"));
        fields.plain("lines", format_args!("{dropped}"));
        fields.end()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes all of it. A closed standard output is nobody's business: there is no one left to tell.
fn deliver(out: &mut dyn Write, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match out.write(bytes) {
            Ok(0) => return,
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A terminal shared with another program may have been made non-blocking by it.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::park_timeout(GATHERING),
            Err(_) => return,
        }
    }
    let _: io::Result<()> = out.flush();
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;

    /// An output that writes nothing until it is let.
    struct Slow {
        go: mpsc::Receiver<()>,
        seen: mpsc::Sender<String>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.go.recv();
            self.seen.send(String::from_utf8_lossy(bytes).into_owned()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_beyond_the_capacity_are_dropped_and_counted() {
        let (go, wait) = mpsc::channel();
        let (seen, outputs) = mpsc::channel();
        let queue = Arc::new(Queue::new(Format::Text));
        let writer = Arc::clone(&queue);
        let line = [b'x'; 1024];
        for _ in 0..CAPACITY_BYTES / line.len() + 3 {
            queue.push(&line);
        }
        let thread = thread::spawn(move || writer.drain(&mut Slow { go: wait, seen }));
        go.send(()).unwrap();
        assert_eq!(outputs.recv().unwrap().len(), CAPACITY_BYTES);
        go.send(()).unwrap();
        let confession = outputs.recv().unwrap();
        assert!(confession.contains("\tlevel: warn\tmessage: log lines dropped"), "{confession}");
        assert!(confession.ends_with("\tlines: 3\n"), "{confession}");

        queue.push(b"later\n");
        drop(go);
        queue.close();
        assert_eq!(outputs.recv().unwrap(), "later\n");
        thread.join().unwrap();
    }

    #[test]
    fn closing_writes_what_is_queued() {
        let queue = Arc::new(Queue::new(Format::Text));
        let writer = Arc::clone(&queue);
        let thread = thread::spawn(move || {
            let mut out = Vec::new();
            writer.drain(&mut out);
            out
        });
        queue.push(b"one\n");
        queue.push(b"two\n");
        queue.close();
        assert_eq!(thread.join().unwrap(), b"one\ntwo\n");
    }
}
