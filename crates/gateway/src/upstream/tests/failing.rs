//! Services that are away, break off, are slow, or say that they cannot.

use axum::http::HeaderName;
use axum::routing::{any, get};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// A service that takes requests and breaks off instead of answering them; what came.
async fn breaking_off() -> (SocketAddr, Arc<std::sync::Mutex<Vec<String>>>) {
    let (listener, address) = listener().await;
    let came = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = came.clone();
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let mut bytes = vec![0; 4_096];
            let read = line.read(&mut bytes).await.unwrap();
            noted.lock().unwrap().push(String::from_utf8(bytes[..read].to_vec()).unwrap());
        }
    });
    (address, came)
}

#[tokio::test]
async fn a_service_that_is_away_is_left_alone_until_it_is_back() {
    let (line, address) = listener().await;
    drop(line);
    let there = There::at(address);
    there.becomes(Phase::Closed).await;
    assert!(there.upstream.check().await.is_err());
    assert_eq!(there.ask("POST", "/tasks").await, StatusCode::SERVICE_UNAVAILABLE);
    there.becomes(Phase::Open).await;
    assert_eq!(there.number(r#"upstream_retries{service="tasks"}"#).await, 2, "nothing was sent");
    for _ in 0..100 {
        assert_eq!(there.ask("GET", "/tasks").await, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(there.number(r#"upstream_requests{service="tasks",outcome="refused"}"#).await, 100);

    let back = Instant::now();
    let routes = Router::new().route("/tasks", get(|| async { "here" })).route("/health", get(|| async {}));
    let _serving = serve(TcpListener::bind(address).await.unwrap(), routes);
    eventually(async || there.ask("GET", "/tasks").await == StatusCode::OK).await;
    assert!(back.elapsed() < Duration::from_secs(2), "{:?}", back.elapsed());
    there.becomes(Phase::Closed).await;
    assert_eq!(there.upstream.check().await, Ok(()));
    for to in ["open", "half_open", "closed"] {
        let turns = format!(r#"breaker_transitions{{service="tasks",to="{to}"}}"#);
        assert_eq!(there.number(&turns).await, 1, "{to}");
    }
}

#[tokio::test]
async fn only_what_may_happen_twice_is_sent_again_when_a_service_breaks_off() {
    let (address, came) = breaking_off().await;
    let key = HeaderName::from_static("idempotency-key");
    for (method, path, keyed, times) in [
        ("GET", "/api/v1/tasks", false, 3),
        ("DELETE", "/api/v1/tasks/1", false, 3),
        ("PUT", "/tasks/1", false, 3),
        ("POST", "/api/v1/tasks", false, 1),
        ("PATCH", "/api/v1/tasks/1", false, 1),
        ("POST", "/api/v1/tasks", true, 3),
        ("POST", "/tasks", true, 1),
    ] {
        let there = There::at(address);
        let mut request = request(method, path, "body");
        if keyed {
            request.headers_mut().insert(key.clone(), "one".parse().unwrap());
        }
        let answer = there.upstream.send(request).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let came = std::mem::take(&mut *came.lock().unwrap());
        assert_eq!(came.len(), times, "{method} {path} {keyed}: {came:?}");
        for copy in &came {
            assert!(copy.starts_with(&format!("{method} {path} HTTP/1.1")), "{copy}");
            assert!(copy.ends_with("\r\n\r\nbody"), "each has the whole body: {copy}");
        }
    }
}

#[tokio::test]
async fn a_service_that_breaks_off_often_is_left_alone() {
    let (address, came) = breaking_off().await;
    let there = There::at(address);
    for _ in 0..20 {
        there.ask("POST", "/tasks").await;
    }
    there.becomes(Phase::Open).await;
    assert_eq!(came.lock().unwrap().iter().filter(|came| came.starts_with("POST")).count(), 10);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_its_clients_doing() {
    let (address, _came) = breaking_off().await;
    let there = There::at(address);
    for _ in 0..30 {
        let half = futures_util::stream::iter([Ok("half"), Err(std::io::Error::other("the client left"))]);
        let request = Request::post("/tasks").body(Body::from_stream(half)).unwrap();
        assert!(there.upstream.send(request).await.status().is_server_error());
    }
    there.becomes(Phase::Closed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_hangs_is_left_alone_before_anybody_has_given_up() {
    let (listener, address) = listener().await;
    let hang = any(|| async {
        sleep(Duration::from_millis(500)).await;
        "at last"
    });
    let routes = Router::new().route("/tasks", hang).route("/health", get(|| async {}));
    let _serving = serve(listener, routes);
    let there = There::with(address, false, Duration::from_millis(50));
    let upstream = &there.upstream;
    let all = (0..10).map(|_| async move {
        let answer = upstream.send(request("GET", "/tasks", "")).await;
        (answer.status(), text(answer).await)
    });
    let all = futures_util::future::join_all(all);
    let seen = async {
        eventually(async || upstream.inner.breaker.phase() == Phase::Open).await;
        Instant::now()
    };
    let ((answers, answered), opened) = tokio::join!(async { (all.await, Instant::now()) }, seen);
    assert!(opened < answered);
    assert!(answers.iter().all(|answer| *answer == (StatusCode::OK, "at last".into())), "{answers:?}");
    // It says that it is there, is tried, and turns out to be as slow as before.
    there.becomes(Phase::HalfOpen).await;
    assert_eq!(there.ask("GET", "/tasks").await, StatusCode::OK);
    assert_eq!(upstream.inner.breaker.phase(), Phase::Open);
}

#[tokio::test]
async fn a_service_that_says_when_to_come_again_is_not_left_alone() {
    let (listener, address) = listener().await;
    let unwell = |status: StatusCode, header: Option<&'static str>| {
        any(move || async move {
            let mut answer = status.into_response();
            answer.headers_mut().extend(header.map(|value| (RETRY_AFTER, value.parse().unwrap())));
            answer
        })
    };
    let routes = Router::new()
        .route("/crowded", unwell(StatusCode::SERVICE_UNAVAILABLE, Some("1")))
        .route("/bug", unwell(StatusCode::INTERNAL_SERVER_ERROR, None))
        .route("/wrong", unwell(StatusCode::BAD_REQUEST, None))
        .route("/away", unwell(StatusCode::SERVICE_UNAVAILABLE, None))
        .route("/proxy", unwell(StatusCode::BAD_GATEWAY, None));
    let _serving = serve(listener, routes);
    for (path, status, phase) in [
        ("/crowded", StatusCode::SERVICE_UNAVAILABLE, Phase::Closed),
        ("/bug", StatusCode::INTERNAL_SERVER_ERROR, Phase::Closed),
        ("/wrong", StatusCode::BAD_REQUEST, Phase::Closed),
        ("/away", StatusCode::SERVICE_UNAVAILABLE, Phase::Open),
        ("/proxy", StatusCode::BAD_GATEWAY, Phase::Open),
    ] {
        let there = There::at(address);
        for _ in 0..10 {
            assert_eq!(there.ask("GET", path).await, status);
        }
        assert_eq!(there.upstream.inner.breaker.phase(), phase, "{path}");
        assert_eq!(there.number(r#"upstream_retries{service="tasks"}"#).await, 0, "an answer is an answer");
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_while_nobody_used_it_costs_nobody_an_answer() {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        // Each connection serves one request, says that it stays, and ends.
        while let Ok((mut line, _)) = listener.accept().await {
            let mut bytes = [0; 4_096];
            let _ = line.read(&mut bytes).await;
            let _ = line.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await;
        }
    });
    let there = There::at(address);
    for _ in 0..50 {
        assert_eq!(there.ask("POST", "/tasks").await, StatusCode::CREATED);
        // The end of the connection is on its way.
        tokio::task::yield_now().await;
        sleep(Duration::from_millis(2)).await;
    }
    there.becomes(Phase::Closed).await;
}
