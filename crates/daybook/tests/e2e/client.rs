//! A small HTTP client, and answers that can be looked at in a line.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::listening::Listening;

/// How long an answer may take.
const LONGEST: Duration = Duration::from_secs(30);

/// Asks one address, with headers that go along each time. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub address: SocketAddr,
    pool: Pool<HttpConnector, Full<Bytes>>,
    pub headers: HeaderMap,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let pool = Pool::builder(TokioExecutor::new()).build_http();
        Self { address, pool, headers: HeaderMap::new() }
    }

    /// The same client, saying this as well. Said twice, it is sent twice.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut with = self.clone();
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        with.headers.append(name.parse::<HeaderName>().unwrap(), value);
        with
    }

    /// The same client with this token and no other.
    #[must_use]
    pub fn bearing(&self, token: &str) -> Self {
        let mut bearing = self.clone();
        bearing.headers.remove("authorization");
        bearing.with("authorization", &format!("Bearer {token}"))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", Bytes::new()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, "", Bytes::new()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, "application/json", body.to_string()).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, "application/json", body.to_string()).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, "application/json", body.to_string()).await
    }

    /// A JSON body as it stands, right or wrong.
    pub async fn post_text(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.send("POST", path, "application/json", body).await
    }

    /// The answer, or nothing from a house that is gone.
    pub async fn try_post(&self, path: &str, body: Value) -> Option<Answer> {
        self.try_send("POST", path, "application/json", body.to_string()).await.ok()
    }

    /// Any request; an empty content type is not sent.
    pub async fn send(&self, method: &str, path: &str, content_type: &str, body: impl Into<Bytes>) -> Answer {
        let answer = self.try_send(method, path, content_type, body).await;
        answer.unwrap_or_else(|why| panic!("{method} {path}: {why}"))
    }

    /// A stream of events, as far as it has begun.
    pub async fn listen(&self, path: &str) -> Listening {
        let asking = self.ask("GET", path, "", Bytes::new());
        let asked = tokio::time::timeout(LONGEST, asking).await.expect("a stream begins in time");
        let (parts, body) = asked.unwrap_or_else(|why| panic!("GET {path}: {why}")).into_parts();
        assert_eq!(parts.status, 200);
        assert_eq!(parts.headers["content-type"], "text/event-stream");
        Listening::new(body)
    }

    async fn try_send(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, String> {
        let asked = format!("{method} {path}");
        let asking = async {
            let (parts, body) = self.ask(method, path, content_type, body).await?.into_parts();
            let body = match parts.headers.get("content-type") {
                Some(kind) if kind == "text/event-stream" => first(body).await?,
                _ => body.collect().await.map_err(|e| format!("{e:?}"))?.to_bytes(),
            };
            Ok(Answer { asked, status: parts.status.as_u16(), headers: parts.headers, body })
        };
        tokio::time::timeout(LONGEST, asking).await.map_err(|_| "no answer".to_owned())?
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Result<Response<Incoming>, String> {
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(format!("http://{}{path}", self.address));
        let mut request = request.body(Full::new(body.into())).unwrap();
        *request.headers_mut() = self.headers.clone();
        if !content_type.is_empty() {
            request.headers_mut().insert("content-type", content_type.parse().unwrap());
        }
        self.pool.request(request).await.map_err(|e| format!("{e:?}"))
    }

    /// Bytes as they stand, and everything that comes back until the connection ends.
    pub async fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        let (mut read, mut write) = TcpStream::connect(self.address).await.unwrap().into_split();
        let talking = async {
            let mut said = Vec::new();
            // Whoever refuses may close before everything was sent, and what it said is what counts.
            let sending = async { drop(write.write_all(bytes.as_ref()).await) };
            let reading = async { drop(read.read_to_end(&mut said).await) };
            tokio::join!(sending, reading);
            String::from_utf8_lossy(&said).into_owned()
        };
        tokio::time::timeout(LONGEST, talking).await.expect("the connection never ended")
    }
}

/// What a stream says at first: its end nobody waits for.
async fn first(mut body: Incoming) -> Result<Bytes, String> {
    let frame = body.frame().await.transpose().map_err(|e| format!("{e:?}"))?;
    Ok(frame.and_then(|frame| frame.into_data().ok()).unwrap_or_default())
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON, null when there is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{self:?}: {e}"))
    }

    /// It has this status; the body as JSON.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self.json()
    }

    /// It is a problem of this status and kind, and has all that a problem has.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.is(status);
        assert_eq!(problem["type"], format!("urn:daybook:problem:{code}"), "{}: {problem}", self.asked);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status);
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{problem}");
        assert_eq!(problem["error"], problem["title"], "the older clients read `error`");
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        problem
    }

    /// The fields that it finds wrong, with what is wrong with each.
    #[track_caller]
    pub fn refuses(&self, wanted: &[(&str, &str)]) {
        let problem = self.problem(422, "invalid");
        let field = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let found: Vec<_> =
            errors.iter().map(|error| (field(error, "field"), field(error, "code"))).collect();
        let found: Vec<_> = found.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
        assert_eq!(found, wanted, "{}: {problem}", self.asked);
        assert!(errors.iter().all(|error| !field(error, "message").is_empty()), "{problem}");
    }
}
