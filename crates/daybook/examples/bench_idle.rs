//! What does a connection weigh that says nothing?
//!
//! `bench_idle hold ADDRESS PATH PROBES events|socket COUNT`: so many streams or web sockets, by the tokens that `bench_seed`
//! printed in turns, until standard input ends; prints `ready` when all of them are there.
//! `bench_idle agree ADDRESS`: a service that becomes a web socket for whoever wants one, and then says nothing.

use std::error::Error;
use std::io::{Read, Write};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const UPGRADE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
     sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const AGREED: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
     sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["hold", address, path, probes, "events", count] => {
            hold(address, &requests(path, probes, "")?, "HTTP/1.1 200", count.parse()?).await
        }
        ["hold", address, path, probes, "socket", count] => {
            hold(address, &requests(path, probes, UPGRADE)?, "HTTP/1.1 101", count.parse()?).await
        }
        ["agree", address] => agree(address).await,
        _ => Err("usage: bench_idle hold|agree …".into()),
    }
}

/// One for each person there is a token of: nobody may have thousands of streams.
fn requests(path: &str, probes: &str, more: &str) -> Outcome<Vec<String>> {
    let probes = std::fs::read_to_string(probes)?;
    let tokens = probes.lines().filter_map(|probe| probe.split(' ').next());
    let request = |token| {
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n{more}\r\n")
    };
    Ok(tokens.map(request).collect())
}

async fn hold(address: &str, requests: &[String], wanted: &str, count: usize) -> Outcome {
    let mut held = Vec::with_capacity(count);
    for request in requests.iter().cycle().take(count) {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request.as_bytes()).await?;
        let said = head(&mut stream).await?;
        if !said.starts_with(wanted) {
            return Err(format!("instead of {wanted}: {said}").into());
        }
        held.push(stream);
    }
    writeln!(std::io::stdout(), "ready")?;
    // Nothing is read meanwhile: what little is said waits in the sockets.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    drop(held);
    Ok(())
}

async fn agree(address: &str) -> Outcome {
    let listener = TcpListener::bind(address).await?;
    let mut held = Vec::new();
    loop {
        let (mut stream, _) = listener.accept().await?;
        head(&mut stream).await?;
        stream.write_all(AGREED.as_bytes()).await?;
        held.push(stream);
    }
}

async fn head(stream: &mut TcpStream) -> Outcome<String> {
    let (mut head, mut part) = (Vec::new(), [0; 2_048]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part).await? {
            0 => return Err("the connection ended before its head did".into()),
            length => head.extend_from_slice(&part[..length]),
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
