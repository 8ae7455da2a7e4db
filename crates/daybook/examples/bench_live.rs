//! How fast is something said in a chat told to many?
//!
//! `bench_live ADDRESS PROBES SOCKETS MESSAGES`: so many web sockets of one person, by the first token that `bench_seed`
//! printed, and so many messages of another's, by the second, from 16 connections at once. Prints how many deliveries there
//! were a second, and how many milliseconds the slowest hundredth took from being sent to being heard.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use types::{Clock, SystemClock, Timestamp};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Connections that send at once.
const SENDERS: usize = 16;
/// One socket of so many says when it heard what.
const SAMPLED: usize = 50;
/// How long the last of it may take once everything is said.
const PATIENCE: Duration = Duration::from_mins(2);

/// What sockets have heard so far.
struct Heard {
    count: AtomicUsize,
    wanted: usize,
    whole: watch::Sender<bool>,
    times: mpsc::UnboundedSender<Duration>,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [address, probes, sockets, messages] = words.as_slice() else {
        return Err("usage: bench_live ADDRESS PROBES SOCKETS MESSAGES".into());
    };
    let (sockets, messages): (usize, usize) = (sockets.parse()?, messages.parse()?);
    let probes = std::fs::read_to_string(probes)?;
    let mut tokens = probes.lines().filter_map(|probe| probe.split(' ').next());
    let (first, second) = (tokens.next().ok_or("no token")?, tokens.next().ok_or("no second token")?);
    let me = ask(address, first, "GET", "/api/v1/me", "").await?;
    let body = format!(r#"{{"user_id":{}}}"#, id(&me)?);
    let chat = ask(address, second, "POST", "/api/v1/chats", &body).await?;
    let path = format!("/api/v1/chats/{}/messages", id(&chat)?);

    let (times, mut taken) = mpsc::unbounded_channel();
    let (whole, mut is_whole) = watch::channel(false);
    let heard = Heard { count: AtomicUsize::new(0), wanted: sockets * messages, whole, times };
    let heard = Arc::new(heard);
    for number in 0..sockets {
        let socket = open(address, first).await?;
        tokio::spawn(hear(socket, heard.clone(), number % SAMPLED == 0));
    }
    let started = SystemClock.now();
    say(address, second, &path, messages).await?;
    if tokio::time::timeout(PATIENCE, is_whole.wait_for(|is| *is)).await.is_err() {
        let count = heard.count.load(Ordering::Relaxed);
        return Err(format!("{count} of {} were heard", heard.wanted).into());
    }
    let whole_ms = SystemClock.now().since(started).as_millis().max(1);
    let mut times: Vec<Duration> = std::iter::from_fn(|| taken.try_recv().ok()).collect();
    times.sort_unstable();
    let slowest = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    writeln!(std::io::stdout(), "{} {}", heard.wanted as u128 * 1_000 / whole_ms, slowest.as_millis())?;
    Ok(())
}

/// Counts the messages that a socket hears, and how long they took if it is one that says so.
async fn hear(mut socket: WebSocketStream<TcpStream>, heard: Arc<Heard>, is_sampled: bool) {
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        if !text.starts_with(r#"{"type":"message""#) {
            continue;
        }
        if let Some(sent) = sent_at(&text).filter(|_| is_sampled) {
            // It is asked for at the end alone.
            let _ = heard.times.send(SystemClock.now().since(sent));
        }
        if heard.count.fetch_add(1, Ordering::Relaxed) + 1 == heard.wanted {
            heard.whole.send_replace(true);
        }
    }
}

/// Says so many things, from several connections at once.
async fn say(address: &str, token: &str, path: &str, messages: usize) -> Outcome {
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let (address, token, path) = (address.to_owned(), token.to_owned(), path.to_owned());
        let share = messages / SENDERS + usize::from(sender < messages % SENDERS);
        senders.spawn(async move {
            let mut stream = TcpStream::connect(&address).await?;
            for _ in 0..share {
                let body = format!(r#"{{"text":"sent at {} us"}}"#, SystemClock.now().micros());
                exchange(&mut stream, &token, "POST", &path, &body).await?;
            }
            Outcome::Ok(())
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    Ok(())
}

fn sent_at(text: &str) -> Option<Timestamp> {
    text.split_once("sent at ")?.1.split_once(" us")?.0.parse().ok().map(Timestamp::from_micros)
}

async fn open(address: &str, token: &str) -> Outcome<WebSocketStream<TcpStream>> {
    let mut request = format!("ws://{address}/api/v1/chats/live").into_client_request()?;
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse()?);
    let config = WebSocketConfig::default().read_buffer_size(4 << 10).write_buffer_size(0);
    let stream = TcpStream::connect(address).await?;
    let (mut socket, _) = client_async_with_config(request, stream, Some(config)).await?;
    match socket.next().await {
        Some(Ok(Message::Text(_))) => Ok(socket),
        other => Err(format!("instead of being ready: {other:?}").into()),
    }
}

async fn ask(address: &str, token: &str, method: &str, path: &str, body: &str) -> Outcome<String> {
    exchange(&mut TcpStream::connect(address).await?, token, method, path, body).await
}

/// Asks, and the body of the answer, which must be a good one.
async fn exchange(
    stream: &mut TcpStream,
    token: &str,
    method: &str,
    path: &str,
    body: &str,
) -> Outcome<String> {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let (mut answer, mut part) = (Vec::new(), [0; 4_096]);
    loop {
        let read = stream.read(&mut part).await?;
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n").filter(|_| read > 0) else {
            if read == 0 {
                return Err(format!("{method} {path}: no whole answer").into());
            }
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if length.is_none_or(|length: usize| body.len() >= length) {
            return if head.starts_with("HTTP/1.1 20") {
                Ok(body.to_owned())
            } else {
                Err(text.into_owned().into())
            };
        }
    }
}

fn id(body: &str) -> Outcome<u64> {
    let digits = body.split_once(r#""id":"#).ok_or("no id")?.1;
    Ok(digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse()?)
}
