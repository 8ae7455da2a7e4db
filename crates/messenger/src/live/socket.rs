//! Live as a web socket, on which clients talk too.

use std::sync::Arc;
use std::time::Duration;

use api::edge::Lasting;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, SinkExt};
use tokio::time::timeout;

use super::event::Event;
use super::said::{Said, Speaker};
use super::seat::Over;
use super::stay::{PATIENCE, Stay, Turn};

/// Bytes that a client may say at once.
const LONGEST: usize = 64 << 10;
/// Bytes that are read and written at once. They are kept for each connection for as long as it lasts.
const READ: usize = 512;
const WRITTEN: usize = 4 << 10;
/// How long one that took nothing may take to hear why it has to go, and any other.
const SLOW_GOODBYE: Duration = Duration::from_secs(30);
const GOODBYE: Duration = Duration::from_secs(1);

/// Why a connection ends, as clients read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It is gone, and there is nobody to tell.
    Gone,
    /// This code, and why.
    Told(u16, &'static str),
}

/// Becomes a web socket.
pub fn become_one(
    upgrade: WebSocketUpgrade,
    stay: Stay,
    lasting: Option<Lasting>,
    speaker: Speaker,
) -> Response {
    let upgrade = upgrade
        .read_buffer_size(READ)
        .write_buffer_size(WRITTEN)
        .max_message_size(LONGEST)
        .max_frame_size(LONGEST);
    upgrade.on_upgrade(move |socket| {
        let over = over(lasting);
        let heard = stay.live().hub.tick();
        let mut talk = Talk { socket, stay, over, speaker, heard };
        async move {
            let end = talk.run().await;
            talk.leave(end).await;
        }
    })
}

fn over(lasting: Option<Lasting>) -> BoxFuture<'static, ()> {
    match lasting {
        Some(lasting) => lasting.over().boxed(),
        None => std::future::pending().boxed(),
    }
}

/// A connection.
struct Talk {
    socket: WebSocket,
    stay: Stay,
    over: BoxFuture<'static, ()>,
    speaker: Speaker,
    /// The second in which anything was heard last.
    heard: u64,
}

const SESSION_ENDED: End = End::Told(4401, "the session has ended");

impl Talk {
    async fn run(&mut self) -> End {
        loop {
            let done = tokio::select! {
                () = &mut self.over => Err(SESSION_ENDED),
                heard = self.socket.recv() => match heard {
                    Some(Ok(message)) => Box::pin(self.hear(message)).await,
                    Some(Err(_)) | None => Err(End::Gone),
                },
                turn = self.stay.next() => match turn {
                    Turn::Say(events) => self.say(&events).await,
                    Turn::Beat(place) => self.beat(place).await,
                    Turn::Over(over) => Err(end(over)),
                },
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    async fn say(&mut self, events: &[Arc<Event>]) -> Result<(), End> {
        let socket = &mut self.socket;
        let saying = async {
            for event in events {
                socket.feed(Message::Text(event.frame())).await?;
            }
            socket.flush().await
        };
        tokio::select! {
            () = &mut self.over => return Err(SESSION_ENDED),
            said = in_time(saying) => said?,
        }
        self.stay.arrived(events);
        Ok(())
    }

    async fn beat(&mut self, place: Option<Arc<Event>>) -> Result<(), End> {
        let (_, silence) = self.stay.live().beat();
        if self.stay.live().hub.tick() - self.heard >= silence {
            return Err(End::Gone);
        }
        if let Some(place) = place {
            self.say(&[place]).await?;
        }
        in_time(self.socket.send(Message::Ping(axum::body::Bytes::new()))).await
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        self.heard = self.stay.live().hub.tick();
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(End::Gone),
            Message::Binary(_) => return Err(End::Told(4000, "only JSON texts are understood")),
        };
        let Ok(said) = serde_json::from_str::<Said>(&text) else {
            return Err(End::Told(4000, "that is nothing that can be said here"));
        };
        let answer = match (self.speaker.refusal(&self.stay, &said).await, said) {
            (Some(refusal), _) => Some(refusal),
            (None, Said::Token { token }) => return self.renew(&token).await,
            (None, said) => self.speaker.says(&self.stay, said).await,
        };
        match answer {
            Some(answer) => self.answer(answer).await,
            None => Ok(()),
        }
    }

    async fn answer(&mut self, text: Utf8Bytes) -> Result<(), End> {
        in_time(self.socket.send(Message::Text(text))).await
    }

    async fn renew(&mut self, token: &str) -> Result<(), End> {
        let renewed = Lasting::renewed(&self.stay.live().verifier, token).await;
        let Some((lasting, _)) = renewed.ok().filter(|(_, caller)| caller.user == self.stay.caller().user)
        else {
            return Err(End::Told(4401, "that token is none of yours, or has ended"));
        };
        self.stay.lasts_until(lasting.expires());
        self.over = over(Some(lasting));
        self.answer(Utf8Bytes::from_static(r#"{"type":"renewed"}"#)).await
    }

    /// Says why, and waits until the other end has heard it: what it said meanwhile must not hide it.
    async fn leave(self, end: End) {
        let Self { mut socket, stay, .. } = self;
        drop(stay);
        let End::Told(code, why) = end else { return };
        let patience = if end == TOO_SLOW { SLOW_GOODBYE } else { GOODBYE };
        let close = CloseFrame { code, reason: Utf8Bytes::from_static(why) };
        let said = async {
            socket.send(Message::Close(Some(close))).await?;
            while let Some(Ok(_)) = socket.recv().await {}
            Ok::<_, axum::Error>(())
        };
        // Whoever does not hear it hears that the connection is gone.
        let _ = timeout(patience, said).await;
    }
}

const TOO_SLOW: End =
    End::Told(4008, "you took what you were told too slowly; come back with your last position");

const fn end(over: Over) -> End {
    match over {
        Over::Session => End::Told(4401, "the token has ended"),
        Over::TooSlow => TOO_SLOW,
        Over::Stopping => End::Told(1001, "the house stops; come back"),
        Over::Broken => End::Told(1011, "this cannot go on now; come back"),
    }
}

/// What a client does not take for so long it does not take.
async fn in_time(said: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    match timeout(Duration::from_secs(PATIENCE), said).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(TOO_SLOW),
    }
}
