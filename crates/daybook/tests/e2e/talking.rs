//! Web sockets, one event after the other.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::client::Client;
use super::listening::Event;

/// How long an event, or the end, may take to come.
const LONGEST: Duration = Duration::from_secs(30);

/// Somebody on a web socket.
pub struct Talking {
    socket: WebSocketStream<TcpStream>,
    /// The last place that was said.
    pub place: String,
}

impl Client {
    /// A web socket, or the status of what came instead.
    pub async fn talk(&self, path: &str) -> Result<Talking, u16> {
        let mut request = format!("ws://{}{path}", self.address).into_client_request().unwrap();
        request.headers_mut().extend(self.headers.clone());
        let stream = TcpStream::connect(self.address).await.unwrap();
        let opened = tokio::time::timeout(LONGEST, client_async(request, stream)).await;
        match opened.expect("it opens in time") {
            Ok((socket, _)) => Ok(Talking { socket, place: String::new() }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{path}: {error}"),
        }
    }
}

impl Talking {
    pub async fn say(&mut self, said: Value) {
        self.say_text(&said.to_string()).await;
    }

    pub async fn say_text(&mut self, said: &str) {
        self.socket.send(Message::text(said)).await.unwrap();
    }

    pub async fn say_bytes(&mut self, said: Vec<u8>) {
        self.socket.send(Message::binary(said)).await.unwrap();
    }

    /// What is said next, or with which code it ends; 1006 is an end without a word.
    pub async fn heard(&mut self) -> Result<Value, u16> {
        let hearing = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let said: Value = serde_json::from_str(&text).unwrap();
                        self.place = said["position"].as_str().unwrap_or(&self.place).to_owned();
                        // It says so at any moment.
                        if said["type"] != "position" {
                            return Ok(said);
                        }
                    }
                    Some(Ok(Message::Close(frame))) => {
                        return Err(frame.map_or(1005, |frame| frame.code.into()));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(1006),
                }
            }
        };
        tokio::time::timeout(LONGEST, hearing).await.expect("something in time")
    }

    /// The next event.
    pub async fn next(&mut self) -> Result<Event, u16> {
        let heard = self.heard().await?;
        let text = |name: &str| heard[name].as_str().unwrap_or_default().to_owned();
        Ok(Event { name: text("type"), data: heard["data"].clone(), place: text("position") })
    }

    /// The code with which it ends, whatever is said before.
    pub async fn end(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }
}
