//! Identity in another process, asked over HTTP.

use std::time::Duration;

use api::edge::Renewal;
use api::{Ending, PublicKey, Sighting};
use async_trait::async_trait;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Method, Request};
use http_body_util::{BodyExt, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::json;
use types::{Error, Result, Timestamp, UserId};

/// An answer takes no longer, or is none.
const PATIENCE: Duration = Duration::from_secs(5);
/// A longer answer is none of ours.
const LONGEST: usize = 8 << 20;
/// How many tokens are shown, or people asked for, at once.
const TOGETHER: usize = 100;

/// Where identity is. Cheap to clone.
#[derive(Clone)]
pub struct Remote {
    client: Client<HttpConnector, Body>,
    base: String,
}

impl Remote {
    /// At this URL.
    pub fn new(url: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, base: url.trim_end_matches('/').to_owned() }
    }

    /// The keys that tokens are verified with.
    pub async fn keys(&self) -> Result<Vec<PublicKey>> {
        #[derive(Deserialize)]
        struct Keys {
            keys: Vec<PublicKey>,
        }
        self.ask::<Keys>("/.well-known/jwks.json", None).await.map(|Keys { keys }| keys)
    }

    /// What ended at this moment or later.
    pub async fn ended_since(&self, moment: Timestamp) -> Result<Vec<Ending>> {
        #[derive(Deserialize)]
        struct News {
            ended: Vec<Ending>,
        }
        let path = format!("/.well-known/ended-sessions?since={moment}");
        self.ask::<News>(&path, None).await.map(|News { ended }| ended)
    }

    /// Tells which renewed tokens have reached their clients.
    pub async fn seen(&self, sightings: &[Sighting]) -> Result<()> {
        for part in sightings.chunks(TOGETHER) {
            let tokens: Vec<&str> = part.iter().map(|sighting| sighting.token.as_str()).collect();
            self.send("/auth/seen", Some(json!({ "tokens": tokens }))).await?;
        }
        Ok(())
    }

    /// Those of these who have an account.
    pub async fn known(&self, ids: &[UserId]) -> Result<Vec<UserId>> {
        #[derive(Deserialize)]
        struct Found {
            known: Vec<UserId>,
        }
        let mut all = Vec::new();
        for part in ids.chunks(TOGETHER) {
            all.extend(self.ask::<Found>("/auth/known", Some(json!({ "ids": part }))).await?.known);
        }
        Ok(all)
    }

    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> Result<T> {
        let answer = self.send(path, body).await?;
        serde_json::from_slice(&answer)
            .map_err(|e| Error::unavailable_by(format!("{}{path} answers with something else", self.base), e))
    }

    async fn send(&self, path: &str, body: Option<serde_json::Value>) -> Result<bytes::Bytes> {
        let failed = |what: &str| Error::unavailable(format!("{}{path} {what}", self.base));
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(CONTENT_TYPE, "application/json")
            // Whoever asks needs to know what is true now, not what a proxy remembers.
            .header(CACHE_CONTROL, "no-cache")
            .body(body)
            .map_err(|e| Error::internal_by("identity.url is no URL", e))?;
        let asking = async {
            let answer = self.client.request(request).await;
            let answer = answer
                .map_err(|e| Error::unavailable_by(format!("{}{path} does not answer", self.base), e))?;
            let status = answer.status();
            if !status.is_success() {
                return Err(failed(&format!("answers {status}")));
            }
            let body = Limited::new(answer.into_body(), LONGEST).collect().await;
            body.map(http_body_util::Collected::to_bytes).map_err(|_| failed("breaks off"))
        };
        tokio::time::timeout(PATIENCE, asking).await.map_err(|_| failed("does not answer in time"))?
    }
}

#[async_trait]
impl Renewal for Remote {
    async fn renew(&self, refresh_token: &str) -> Result<Option<String>> {
        #[derive(Deserialize)]
        struct Fresh {
            access_token: Option<String>,
        }
        let shown = json!({ "refresh_token": refresh_token });
        self.ask::<Fresh>("/auth/renew", Some(shown)).await.map(|Fresh { access_token }| access_token)
    }
}
