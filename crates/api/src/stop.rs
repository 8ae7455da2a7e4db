//! "The process is stopping", in a form that every task can hold.

use std::{
    io, pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use tokio::{
    runtime,
    signal::unix::{Signal, SignalKind, signal},
    sync::Notify,
};

/// Tells, once and for ever, that the process is stopping. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    set: AtomicBool,
    changed: Notify,
}

/// Sets the [`Stop`] it was made with. Dropping it sets nothing.
#[derive(Clone, Debug)]
pub struct Trigger {
    stop: Stop,
}

impl Stop {
    /// Stops on SIGTERM or SIGINT; the second one ends the process at once, with the exit code a shell expects.
    ///
    /// Signals are heard on a thread of their own, so that the second one works even when the runtime hangs.
    pub fn on_signals() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
        let mut signals = {
            let _inside = runtime.enter();
            Signals {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
            }
        };
        let stop = Self::default();
        let told = stop.clone();
        thread::Builder::new().name("signals".into()).spawn(move || {
            runtime.block_on(async {
                let name = signals.next().await.name;
                tracing::info!(signal = name, "stopping");
                told.set();
                leave(signals.next().await.code);
            });
        })?;
        Ok(stop)
    }

    /// Stops when the trigger is pulled: for tests, and for those who stop for reasons of their own.
    pub fn manual() -> (Self, Trigger) {
        let stop = Self::default();
        (stop.clone(), Trigger { stop })
    }

    /// Whether the process is stopping.
    pub fn is_set(&self) -> bool {
        self.shared.set.load(Ordering::Acquire)
    }

    /// Waits until the process is stopping.
    pub async fn wait(&self) {
        let mut changed = pin::pin!(self.shared.changed.notified());
        // Listening begins before looking, so that nothing is missed in between.
        changed.as_mut().enable();
        if !self.is_set() {
            changed.await;
        }
    }

    fn set(&self) {
        self.shared.set.store(true, Ordering::Release);
        self.shared.changed.notify_waiters();
    }
}

impl Trigger {
    /// Says that the process is stopping.
    pub fn pull(&self) {
        self.stop.set();
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

struct Received {
    name: &'static str,
    code: u8,
}

impl Signals {
    async fn next(&mut self) -> Received {
        tokio::select! {
            _ = self.terminate.recv() => Received { name: "SIGTERM", code: 143 },
            _ = self.interrupt.recv() => Received { name: "SIGINT", code: 130 },
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever asks twice wants out now, and is not to wait for anything"
)]
fn leave(code: u8) -> ! {
    std::process::exit(code.into())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader},
        process::{Command, Stdio},
    };

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;

    #[tokio::test]
    async fn everyone_who_waits_is_told_and_so_are_the_late() {
        let (stop, trigger) = Stop::manual();
        assert!(!stop.is_set());
        let waiting = [stop.clone(), stop.clone()].map(|stop| tokio::spawn(async move { stop.wait().await }));
        tokio::task::yield_now().await;
        trigger.pull();
        for task in waiting {
            task.await.unwrap();
        }
        assert!(stop.is_set());
        stop.wait().await;
    }

    /// The child of the test below.
    #[test]
    #[ignore = "run by the_second_signal_ends_the_process_at_once"]
    fn stops_for_ever() {
        let stop = Stop::on_signals().unwrap();
        println!("\nready");
        runtime::Builder::new_current_thread().build().unwrap().block_on(stop.wait());
        println!("stopping");
        loop {
            thread::park();
        }
    }

    #[test]
    fn the_second_signal_ends_the_process_at_once() {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["stop::tests::stops_for_ever", "--exact", "--ignored", "--nocapture"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = Pid::from_child(&child);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.any(|line| line == "ready"));
        kill_process(pid, Signal::TERM).unwrap();
        assert!(lines.any(|line| line == "stopping"));
        kill_process(pid, Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }
}
