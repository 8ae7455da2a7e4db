//! Text messages over HTTP, in the words of two providers.

mod smsc;
mod twilio;

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::percent_decode_str;
use types::{Error, Result};
use url::Url;

use super::{Letter, Outcome, Post};
use crate::Target;

/// An answer takes no longer, or is none.
const PATIENCE: Duration = Duration::from_secs(20);
/// A longer answer is none of a provider's.
const LONGEST: usize = 64 << 10;

/// Hands letters to a provider of text messages.
pub struct Sms {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    provider: Provider,
    account: Account,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    Twilio,
    Smsc,
}

/// What a provider knows us by.
struct Account {
    /// `https://host:port`
    base: String,
    name: String,
    secret: String,
    /// Whom messages come from; empty for what the provider has set.
    from: String,
}

/// A form that is posted.
struct Form {
    path: String,
    authorization: Option<String>,
    fields: String,
}

impl Sms {
    /// To the provider at this URL, from this sender: `twilio://ACCOUNT:TOKEN@api.twilio.com` or
    /// `smsc://login:password@smsc.ua`. With `?tls=none` it is reached without TLS.
    pub fn open(url: &str, from: &str) -> Result<Self> {
        let (provider, account) = Account::read(url, from)?;
        let ring = rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(ring)
            .map_err(|e| Error::internal_by("TLS cannot be set up", e))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), provider, account })
    }

    async fn post(&self, form: Form) -> Result<(StatusCode, Bytes)> {
        let Form { path, authorization, fields } = form;
        let mut request = Request::post(format!("{}{path}", self.account.base))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request
            .body(Full::from(fields))
            .map_err(|_| Error::internal("sms.url is no address of a provider"))?;
        let asking = async {
            let answer = self.client.request(request).await;
            let answer =
                answer.map_err(|e| Error::unavailable_by("the SMS provider cannot be reached", e))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LONGEST).collect().await;
            let body = body.map_err(|_| Error::unavailable("the SMS provider's answer breaks off"))?;
            Ok((status, body.to_bytes()))
        };
        let late = |_| Error::unavailable("the SMS provider does not answer in time");
        tokio::time::timeout(PATIENCE, asking).await.map_err(late)?
    }
}

#[async_trait]
impl Post for Sms {
    async fn send(&self, letter: &Letter) -> Result<Outcome> {
        let Target::Phone(number) = &letter.to else {
            return Err(Error::internal("mail was handed to the SMS provider"));
        };
        let form = match self.provider {
            Provider::Twilio => twilio::form(&self.account, number, &letter.text),
            Provider::Smsc => smsc::form(&self.account, number, &letter.text),
        };
        let (status, body) = self.post(form).await?;
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            return Err(Error::unavailable(format!("the SMS provider answers {status}")));
        }
        match self.provider {
            Provider::Twilio => twilio::outcome(status, &body),
            Provider::Smsc => smsc::outcome(status, &body),
        }
    }
}

impl Account {
    fn read(url: &str, from: &str) -> Result<(Provider, Self)> {
        let bad = |what: &'static str| Error::internal(what);
        let url = Url::parse(url).map_err(|_| bad("sms.url is no address of a provider"))?;
        let provider = match url.scheme() {
            "twilio" => Provider::Twilio,
            "smsc" => Provider::Smsc,
            _ => return Err(bad("sms.url begins with neither twilio:// nor smsc://")),
        };
        let host = url.host_str().ok_or_else(|| bad("sms.url names no host"))?;
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        let scheme = match url.query() {
            None => "https",
            Some("tls=none") => "http",
            Some(_) => return Err(bad("sms.url has another parameter than tls=none")),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(Cow::into_owned);
        let name = decoded(url.username()).ok().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| bad("sms.url has no name before the @"))?;
        let secret = decoded(url.password().unwrap_or_default()).ok().filter(|secret| !secret.is_empty());
        let secret = secret.ok_or_else(|| bad("sms.url has no password before the @"))?;
        if provider == Provider::Twilio && from.trim().is_empty() {
            return Err(bad("sms.from is empty; Twilio wants a number or a messaging service"));
        }
        let base = format!("{scheme}://{host}{port}");
        Ok((provider, Self { base, name, secret, from: from.trim().to_owned() }))
    }
}

#[cfg(test)]
mod tests;
