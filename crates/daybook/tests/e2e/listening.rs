//! Server-Sent Events, one after the other.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

/// How long an event, or the end, may take to come.
const LONGEST: Duration = Duration::from_secs(30);

/// Somebody who listens.
pub struct Listening {
    body: Incoming,
    heard: String,
    /// The last place that was said: what a browser comes back with.
    pub place: String,
}

/// What was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub name: String,
    pub data: Value,
    /// The place behind it.
    pub place: String,
}

impl Listening {
    pub fn new(body: Incoming) -> Self {
        Self { body, heard: String::new(), place: String::new() }
    }

    /// The next event, or none when the stream has ended.
    pub async fn next(&mut self) -> Option<Event> {
        tokio::time::timeout(LONGEST, async {
            loop {
                let (event, _) = self.block().await?;
                if event.is_some() {
                    return event;
                }
            }
        })
        .await
        .expect("an event in time")
    }

    /// The events until the one that is about this.
    pub async fn until(&mut self, last: &Value) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await.expect("it goes on");
            let is_last = event.data["id"] == *last;
            events.push(event);
            if is_last {
                return events;
            }
        }
    }

    /// The next lines that belong together: an event if they are one, and they themselves.
    pub async fn block(&mut self) -> Option<(Option<Event>, String)> {
        while !self.heard.contains("\n\n") {
            // A stream that is cut is one that has ended.
            let data = self.body.frame().await?.ok()?.into_data().unwrap();
            self.heard.push_str(std::str::from_utf8(&data).unwrap());
        }
        let (block, rest) = self.heard.split_once("\n\n").unwrap();
        let (block, rest) = (block.to_owned(), rest.to_owned());
        self.heard = rest;
        let said = |field: &str| {
            block.lines().find_map(|line| line.strip_prefix(field)).map(|value| value.trim().to_owned())
        };
        self.place = said("id:").unwrap_or_default();
        let event = said("data:").map(|data| Event {
            name: said("event:").unwrap_or_default(),
            data: serde_json::from_str(&data).unwrap(),
            place: self.place.clone(),
        });
        Some((event, block))
    }
}
