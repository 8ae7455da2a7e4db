//! gRPC as the services of the house speak it with each other, on the port of their routes.

use std::net::SocketAddr;

use axum::http::{HeaderMap, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use testkit::Engine;

use super::house::House;

const HOME: &str = "/daybook.tasks.v1.Tasks/Home";
/// A message with nothing in it.
const EMPTY: &[u8] = &[0; 5];

/// What came back: the headers and trailers as one, and the body.
struct Said {
    headers: HeaderMap,
    body: Bytes,
}

async fn ask(address: SocketAddr, path: &str, headers: &[(&str, &str)], body: &'static [u8]) -> Said {
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let request = Request::post(format!("http://{address}{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = client.request(request.body(Full::new(Bytes::from_static(body))).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200, "the status of gRPC is another one");
    assert_eq!(answer.headers()["content-type"], "application/grpc");
    let (mut headers, body) = (answer.headers().clone(), answer.into_body().collect().await.unwrap());
    headers.extend(body.trailers().cloned().unwrap_or_default());
    Said { headers, body: body.to_bytes() }
}

impl Said {
    fn status(&self) -> &str {
        self.headers["grpc-status"].to_str().unwrap()
    }

    /// It is refused with this status, and has the problem beside it.
    #[track_caller]
    fn problem(&self, status: &str, code: &str) -> Value {
        assert_eq!((self.status(), self.body.len()), (status, 0), "{:?}", self.headers);
        let problem = STANDARD_NO_PAD.decode(&self.headers["problem-bin"]).unwrap();
        let problem: Value = serde_json::from_slice(&problem).unwrap();
        assert_eq!(problem["type"], format!("urn:daybook:problem:{code}"), "{problem}");
        assert_eq!(problem["request_id"], self.headers["x-request-id"].to_str().unwrap());
        problem
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_with_a_token_is_answered_wherever_the_domain_runs() {
    for roles in [&[][..], &["identity", "tasks"]] {
        let house = House::of(Engine::Embedded, roles).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        anna.post("/api/v1/tasks", json!({"title": "Їжак"})).await.is(201);
        let bearer = format!("Bearer {}", anna.token);
        let said = ask(house.address, HOME, &[("authorization", &bearer)], EMPTY).await;
        assert_eq!(said.status(), "0");
        assert_eq!(said.body[..5], [0, 0, 0, 0, u8::try_from(said.body.len() - 5).unwrap()]);
        assert_eq!(said.body[5..7], [8, 1], "one is open");
        assert!(said.body.windows(8).any(|bytes| bytes == "Їжак".as_bytes()), "{:?}", said.body);

        let bearer = format!("Bearer {}", boris.token);
        let said = ask(house.address, HOME, &[("authorization", &bearer)], EMPTY).await;
        assert_eq!((said.status(), &said.body[..]), ("0", EMPTY));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_known_is_refused_in_their_language() {
    let house = House::of(Engine::Embedded, &["identity", "tasks"]).await;
    let anna = house.user("anna").await;
    for (language, begins) in [("en", "Sign in"), ("uk", "Спершу"), ("ru", "Сначала")] {
        let said = ask(house.address, HOME, &[("accept-language", language)], EMPTY).await;
        let problem = said.problem("16", "unauthenticated");
        assert!(problem["title"].as_str().unwrap().starts_with(begins), "{problem}");
        assert_eq!(problem["status"], 401);
    }
    ask(house.address, HOME, &[("authorization", "Bearer null")], EMPTY).await.problem("16", "invalid_token");
    let bearer = format!("Bearer {}", anna.token);
    let claims = [("authorization", bearer.as_str()), ("x-user-id", "1")];
    ask(house.address, HOME, &claims, EMPTY).await.problem("16", "wrong_user");
    let named = [("authorization", bearer.as_str()), ("x-user-id", &anna.id.to_string())];
    assert_eq!(ask(house.address, HOME, &named, EMPTY).await.status(), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_refused() {
    let house = House::of(Engine::Embedded, &["identity", "tasks"]).await;
    let anna = house.user("anna").await;
    let bearer = format!("Bearer {}", anna.token);
    let signed = [("authorization", bearer.as_str())];
    for path in ["/daybook.tasks.v1.Tasks/Nothing", "/daybook.nothing.v1.Nothing/Home", "/"] {
        ask(house.address, path, &signed, EMPTY).await.problem("12", "no_such_path");
    }
    for body in [
        &b""[..],
        b"\0\0\0\0\x05abc",
        b"\x07\0\0\0\0",
        b"\x01\0\0\0\0",
        b"\0\0\0\0\x01\x07",
        b"\0\xff\xff\xff\xff",
    ] {
        let said = ask(house.address, HOME, &signed, body).await;
        assert_ne!(said.status(), "0", "{body:?}");
        assert!(said.body.is_empty());
    }
    assert_eq!(ask(house.address, HOME, &signed, EMPTY).await.status(), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn to_plain_http_there_is_nothing_here() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    for client in [&*house, &*anna] {
        client.post(HOME, json!({})).await.problem(404, "no_such_path");
        client.send("POST", HOME, "application/grpc", EMPTY).await.problem(404, "no_such_path");
    }
}
