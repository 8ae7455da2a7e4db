//! Calls over real sockets on this machine, of which 127.0.0.1 is allowed and 127.0.0.2 is not.

mod answers;
mod redirects;
mod server;
mod tls;

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::*;
use crate::webhook::{Answer, verify};
use server::Server;

const NOW: Timestamp = Timestamp::from_millis(1_795_253_400_000);
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntaken";

/// Says what it was told to say, one answer after the other, and nothing when it has none left.
#[derive(Default)]
struct Script(Mutex<VecDeque<Vec<IpAddr>>>);

#[async_trait]
impl Resolver for Script {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.pop_front().ok_or_else(|| io::Error::other("no such name"))
    }
}

fn resolving(answers: &[&[&str]]) -> Arc<Script> {
    let answers = answers.iter().map(|one| one.iter().map(|address| address.parse().unwrap()).collect());
    Arc::new(Script(Mutex::new(answers.collect())))
}

fn sender(resolver: Arc<Script>, limits: Limits) -> Sender {
    let guard = Guard::new(&["127.0.0.1"]).unwrap();
    Sender::new(guard, resolver, web_roots().unwrap(), limits)
}

fn patience(millis: u64) -> Limits {
    Limits { patience: Duration::from_millis(millis), ..Limits::default() }
}

async fn send_with(sender: &Sender, url: &str) -> Verdict {
    let secrets = [Secret::of([1; 32]), Secret::of([2; 32])];
    let body = Bytes::from_static(br#"{"text":"hello"}"#);
    sender.send(url, &Message { id: "msg_17", at: NOW, body, secrets: &secrets }).await
}

async fn send(url: &str) -> Verdict {
    send_with(&sender(resolving(&[]), Limits::default()), url).await
}

fn taken() -> Verdict {
    Verdict::Delivered(Answer { status: 200, excerpt: "taken".into() })
}

/// What kind of end, and why.
fn told(verdict: &Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Delivered(_) => ("delivered", ""),
        Verdict::Again { why, .. } => ("again", why.text.code),
        Verdict::Never { why, .. } => ("never", why.text.code),
    }
}
