//! A server that answers whatever a test wants, and remembers what it heard.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

pub struct Server {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

/// How the bytes of an answer come.
#[derive(Clone, Copy)]
pub enum Pace {
    /// At once, and then nothing.
    AtOnce,
    /// The second part a byte now and then, without end.
    Drip(&'static str),
    /// The second part as fast as it is taken, without end.
    Flood(&'static str),
}

impl Server {
    pub async fn answering(answer: impl Into<String>) -> Self {
        Self::on("127.0.0.1:0", answer, Pace::AtOnce, None).await
    }

    pub async fn on(address: &str, answer: impl Into<String>, pace: Pace, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let (notes, answer) = (heard.clone(), answer.into().replace("{port}", &address.port().to_string()));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (notes, answer, tls) = (notes.clone(), answer.clone(), tls.clone());
                tokio::spawn(async move { Self::serve(stream, tls, &notes, &answer, pace).await });
            }
        });
        Self { address, heard }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests that came, whole.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    async fn serve(
        stream: TcpStream,
        tls: Option<TlsAcceptor>,
        notes: &Mutex<Vec<String>>,
        answer: &str,
        pace: Pace,
    ) {
        match tls {
            None => talk(stream, notes, answer, pace).await,
            Some(tls) => {
                if let Ok(stream) = tls.accept(stream).await {
                    talk(stream, notes, answer, pace).await;
                }
            }
        }
    }
}

/// Ends when the caller has gone.
async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    notes: &Mutex<Vec<String>>,
    answer: &str,
    pace: Pace,
) {
    let mut request = Vec::new();
    while !request.ends_with(b"\"hello\"}") {
        match stream.read_buf(&mut request).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    notes.lock().unwrap().push(String::from_utf8(request).unwrap());
    let mut going = stream.write_all(answer.as_bytes()).await;
    stream.flush().await.ok();
    while let (Pace::Drip(part) | Pace::Flood(part), Ok(())) = (pace, &going) {
        going = stream.write_all(part.as_bytes()).await;
        stream.flush().await.ok();
        if matches!(pace, Pace::Drip(_)) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}
