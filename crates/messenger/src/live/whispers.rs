//! What is told to those alone who listen at that moment, and kept nowhere: who writes, who came and went. It goes through
//! the cache, so that every process of the house hears it.

use std::sync::Arc;
use std::time::Duration;

use cache::{Cache, News};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use types::{ChatId, Result, UserId};

use super::event::{Event, PresenceEvent, To, TypingEvent};
use super::hub::{Arrival, Hub};
use super::service::Live;

const TOPIC: &str = "messenger:whispers";
/// How long somebody is taken to be here whom nobody renews.
const LIFETIME: Duration = Duration::from_mins(1);
/// How often they are renewed, in seconds.
const RENEWED: u64 = 20;
/// How many seconds somebody may be away before that is told: pages are loaded anew, and connections moved.
const AWAY: u64 = 2;
/// People told of in one message.
const AT_ONCE: usize = 1_000;
/// After a failure the cache is left alone for this long.
const REST: Duration = Duration::from_secs(1);

/// A message between processes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Whisper {
    /// Somebody is writing.
    Typing { chat_id: ChatId, user_id: UserId },
    /// Somebody came or went, which these people may know.
    Presence { user_id: UserId, online: bool, to: Vec<UserId> },
    /// Somebody has left a process, and may still be in another.
    Leaving { user_id: UserId },
}

/// Tells every process. Nobody waits for what is lost.
pub async fn publish(cache: &Cache, whisper: &Whisper) {
    let Ok(said) = serde_json::to_vec(whisper) else { return };
    if let Err(error) = cache.publish(TOPIC, &said).await {
        tracing::debug!(error = %error, "nobody hears who writes, comes and goes");
    }
}

/// Whether somebody is here, or in another process. Without the cache those elsewhere cannot be known.
pub async fn is_online(hub: &Hub, cache: &Cache, user: UserId) -> bool {
    !hub.present([user]).is_empty() || cache.get(&key(user)).await.is_ok_and(|found| found.is_some())
}

/// Tells those who are here what is whispered, for as long as it is polled.
pub async fn hear(live: &Live) {
    loop {
        if let Ok(mut ear) = live.cache.subscribe(TOPIC).await {
            while let Some(news) = ear.next().await {
                if let News::Message(said) = news
                    && let Ok(whisper) = serde_json::from_slice(&said)
                {
                    pass_on(live, whisper).await;
                }
            }
        }
        tokio::time::sleep(REST).await;
    }
}

async fn pass_on(live: &Live, whisper: Whisper) {
    match whisper {
        Whisper::Typing { chat_id, user_id } => {
            let event = Event::new("typing", None, &TypingEvent { chat_id, user_id });
            live.hub.whisper(&To::Chat(chat_id, i64::MAX, vec![user_id]), &Arc::new(event));
        }
        Whisper::Presence { user_id, online, to } => {
            let event = Arc::new(Event::new("presence", None, &PresenceEvent { user_id, online }));
            for user in live.hub.present(to) {
                live.hub.whisper(&To::User(user), &event);
            }
        }
        Whisper::Leaving { user_id } => {
            if !live.hub.present([user_id]).is_empty() {
                note(&live.cache, user_id).await;
            }
        }
    }
}

/// Notes who comes and goes and tells those who may know, for as long as it is polled. A tick comes every second.
pub async fn watch(live: &Live, arrivals: &mut mpsc::UnboundedReceiver<Arrival>) {
    let mut away: Vec<(u64, UserId)> = Vec::new();
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            Some(arrival) = arrivals.recv() => match arrival {
                Arrival::Came(user) => came(live, user).await,
                Arrival::Went(user) => {
                    went(live, user).await;
                    away.push((live.hub.tick(), user));
                }
            },
            _ = seconds.tick() => {
                let tick = live.hub.tick();
                for (_, user) in away.extract_if(.., |(since, _)| *since + AWAY < tick) {
                    stayed_away(live, user).await;
                }
                if tick.is_multiple_of(RENEWED) {
                    for user in live.hub.everybody() {
                        note(&live.cache, user).await;
                    }
                }
            }
        }
    }
}

async fn came(live: &Live, user: UserId) {
    if live.cache.put_new(&key(user), b"", LIFETIME).await.unwrap_or(true) {
        tell(live, user, true).await;
    }
}

async fn went(live: &Live, user: UserId) {
    if !live.hub.present([user]).is_empty() {
        return;
    }
    // Whoever still has them in another process says so by noting them again.
    let _ = live.cache.remove(&key(user)).await;
    publish(&live.cache, &Whisper::Leaving { user_id: user }).await;
}

async fn stayed_away(live: &Live, user: UserId) {
    if !live.hub.present([user]).is_empty() {
        note(&live.cache, user).await;
    } else if !is_online(&live.hub, &live.cache, user).await {
        tell(live, user, false).await;
    }
}

async fn note(cache: &Cache, user: UserId) {
    // It is noted again in a while.
    let _ = cache.put(&key(user), b"", LIFETIME).await;
}

async fn tell(live: &Live, user: UserId, online: bool) {
    match pals(live, user).await {
        Ok(pals) => {
            for part in pals.chunks(AT_ONCE) {
                let whisper = Whisper::Presence { user_id: user, online, to: part.to_vec() };
                publish(&live.cache, &whisper).await;
            }
        }
        Err(error) => {
            tracing::warn!(user_id = user.number(), error = %error, "nobody hears that somebody came or went");
        }
    }
}

async fn pals(live: &Live, user: UserId) -> Result<Vec<UserId>> {
    let pals = live.store.pals(user, None).await?;
    Ok(pals.into_iter().filter(|pal| *pal != user).collect())
}

fn key(user: UserId) -> String {
    format!("messenger:online:{user}")
}
