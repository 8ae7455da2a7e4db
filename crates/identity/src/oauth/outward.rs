//! Asking providers: with patience that ends, answers that may be only so long, and no following of redirects.

use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::http::{Method, Request, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use types::{Error, Result};
use url::form_urlencoded::Serializer;
use url::{Host, Position, Url};

/// An answer takes no longer, or is none.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer.
const LONGEST: usize = 256 << 10;

/// The way out. Cheap to clone.
#[derive(Clone)]
pub struct Outward {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// What a provider answered.
pub struct Answer {
    /// With which status.
    pub status: StatusCode,
    body: Bytes,
    place: String,
}

impl Outward {
    /// With the roots that browsers trust.
    pub fn new() -> Result<Self> {
        let provider = rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(provider)
            .map_err(|e| Error::internal_by("TLS to providers cannot be set up", e))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// Asks for this.
    pub async fn get(&self, url: &str, authorization: Option<&str>) -> Result<Answer> {
        self.ask(Method::GET, url, authorization, Bytes::new()).await
    }

    /// Sends a form.
    pub async fn post(
        &self,
        url: &str,
        form: &[(&str, &str)],
        authorization: Option<&str>,
    ) -> Result<Answer> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        self.ask(Method::POST, url, authorization, body.into()).await
    }

    async fn ask(
        &self,
        method: Method,
        url: &str,
        authorization: Option<&str>,
        body: Bytes,
    ) -> Result<Answer> {
        let url = safe(url)?;
        // The query may hold what proves us to the provider, and has no place in a log.
        let place = url[..Position::AfterPath].to_owned();
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, "daybook")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request
            .body(Full::new(body))
            .map_err(|e| Error::unavailable_by(format!("{place} cannot be asked"), e))?;
        let asking = async {
            let answer = self.client.request(request).await;
            let answer = answer.map_err(|e| Error::unavailable_by(format!("{place} does not answer"), e))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LONGEST).collect().await.map_err(|_| {
                Error::unavailable(format!("{place} breaks off, or answers more than {LONGEST} bytes"))
            })?;
            Ok::<_, Error>((status, body.to_bytes()))
        };
        let late = |_| Error::unavailable(format!("{place} does not answer in time"));
        let (status, body) = tokio::time::timeout(PATIENCE, asking).await.map_err(late)??;
        Ok(Answer { status, body, place })
    }
}

impl Answer {
    /// The answer as JSON, whatever its status.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|e| {
            // What was read may hold a token: only where it broke is told.
            let at = format!("line {}, column {}", e.line(), e.column());
            Error::unavailable(format!("{} answers {} with something else ({at})", self.place, self.status))
        })
    }

    /// The answer as JSON, if it is a success.
    pub fn good<T: DeserializeOwned>(&self) -> Result<T> {
        if self.status.is_success() { self.json() } else { Err(self.failed()) }
    }

    /// It is of no use.
    pub fn failed(&self) -> Error {
        Error::unavailable(format!("{} answers {}", self.place, self.status))
    }
}

/// The URL, if secrets may go there: encrypted, or to this very machine.
pub fn safe(url: &str) -> Result<Url> {
    let refused = || Error::unavailable("a provider's address is neither https:// nor on this machine");
    let url = Url::parse(url).map_err(|_| refused())?;
    let near = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let plain = url.username().is_empty() && url.password().is_none();
    let allowed = url.has_host() && plain && (url.scheme() == "https" || (url.scheme() == "http" && near));
    if allowed { Ok(url) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use api::serve::{self, Tls};
    use api::stop::Stop;
    use axum::Router;
    use axum::routing::get;

    use super::*;

    #[test]
    fn secrets_go_only_over_encrypted_ways_or_nowhere_at_all() {
        for good in
            ["https://id.example.org/token", "http://127.0.0.1:8080/", "http://localhost/", "http://[::1]/"]
        {
            assert!(safe(good).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example.org/token",
            "http://127.0.0.1.example.org/",
            "http://localhost.example.org/",
            "http://localhost@example.org/",
            "https://user:password@id.example.org/",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "id.example.org",
            "",
        ] {
            assert!(safe(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_certificate_that_nobody_vouches_for_is_refused() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src/serve/testdata");
        let tls = Tls { cert: folder.join("first.crt"), key: folder.join("first.key") };
        testkit::run(async move {
            let listeners = serve::listen(&["127.0.0.1:0".parse().unwrap()]).unwrap();
            let port = listeners[0].local_addr().unwrap().port();
            let (stop, trigger) = Stop::manual();
            let app = Router::new().route("/", get(|| async { "hello" }));
            let serving = tokio::spawn(serve::run(listeners, app, serve::Limits::default(), stop, Some(tls)));
            let asked = Outward::new().unwrap().get(&format!("https://localhost:{port}/"), None).await;
            let Err(error) = asked else { panic!("anybody could be there") };
            let why = types::with_causes(&error);
            assert!(why.contains("certificate") && why.contains("UnknownIssuer"), "{why}");
            trigger.pull();
            serving.await.unwrap().unwrap();
        });
    }

    #[test]
    fn an_answer_that_breaks_is_told_of_without_what_is_in_it() {
        let body = Bytes::from_static(b"{\"access_token\": \"hunter2\", ");
        let place = "https://id.example.org/token".to_owned();
        let answer = Answer { status: StatusCode::OK, body, place };
        let error = answer.good::<serde_json::Value>().map(drop).unwrap_err().to_string();
        assert!(error.contains("id.example.org") && !error.contains("hunter2"), "{error}");
    }
}
