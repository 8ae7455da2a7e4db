//! What is said to whoever is called, and what their answers come to.

use super::server::Pace;
use super::*;

#[test]
fn a_message_arrives_whole_and_signed() {
    testkit::run(async {
        let server = Server::answering(OK).await;
        let url = server.url("/hook/a%0d%0aX-Injected:%201?b=%0d%0aX-Injected:%202#part");
        assert_eq!(send(&url).await, taken());
        let [request] = &server.heard()[..] else { panic!("once") };
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        assert_eq!(
            lines.next().unwrap(),
            "POST /hook/a%0d%0aX-Injected:%201?b=%0d%0aX-Injected:%202 HTTP/1.1"
        );
        let mut headers: Vec<_> = lines.map(|line| line.split_once(": ").unwrap()).collect();
        headers.sort_unstable();
        let signature = headers.iter().find(|(name, _)| *name == "webhook-signature").unwrap().1;
        let host = server.address.to_string();
        assert_eq!(
            headers,
            [
                ("content-length", "16"),
                ("content-type", "application/json"),
                ("host", &host),
                ("user-agent", "daybook"),
                ("webhook-id", "msg_17"),
                ("webhook-signature", signature),
                ("webhook-timestamp", "1795253400"),
            ]
        );
        for secret in [Secret::of([1; 32]), Secret::of([2; 32])] {
            assert!(verify(&secret, ("msg_17", "1795253400", signature), body.as_bytes(), NOW));
        }
        assert!(!verify(&Secret::of([3; 32]), ("msg_17", "1795253400", signature), body.as_bytes(), NOW));
    });
}

#[test]
fn an_answer_that_is_no_success_is_told_with_what_it_says() {
    testkit::run(async {
        let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 40\r\nContent-Length: 4\r\n\r\nlate";
        let verdict = send(&Server::answering(busy).await.url("/")).await;
        let Verdict::Again { why, after, answer } = verdict else { panic!("503 may pass") };
        assert_eq!(
            (why.get(types::Language::Uk).as_str(), after),
            ("відповідь — 503", Some(Duration::from_secs(40)))
        );
        assert_eq!(answer, Some(Answer { status: 503, excerpt: "late".into() }));
        let gone = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n";
        let verdict = send(&Server::answering(gone).await.url("/")).await;
        assert_eq!(told(&verdict), ("never", "webhook_answered"));
        let Verdict::Never { answer: Some(Answer { status: 410, .. }), .. } = verdict else {
            panic!("{verdict:?}")
        };
    });
}

#[test]
fn who_cannot_be_reached_may_be_later() {
    testkit::run(async {
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = closed.local_addr().unwrap();
        drop(closed);
        assert_eq!(told(&send(&format!("http://{address}/")).await), ("again", "webhook_unreachable"));
        assert_eq!(told(&send("http://nobody.example/").await), ("again", "webhook_host_unknown"));
        let empty = sender(resolving(&[&[]]), Limits::default());
        assert_eq!(
            told(&send_with(&empty, "http://nobody.example/").await),
            ("again", "webhook_host_unknown")
        );
        for noise in ["HTTP/9 what", "\0\0\0\0\r\n\r\n", "HTTP/1.1 999999 X\r\n\r\n"] {
            let verdict = send(&Server::answering(noise).await.url("/")).await;
            assert_eq!(told(&verdict), ("again", "webhook_broke_off"), "{noise:?}");
        }
        let silent = Server::answering("").await;
        assert_eq!(told(&send(&silent.url("/")).await), ("again", "webhook_broke_off"));
        assert_eq!(silent.heard().len(), 1, "it is not told twice by one call");
    });
}

async fn call(answer: &str, pace: Pace, limits: Limits) -> Verdict {
    let server = Server::on("127.0.0.1:0", answer, pace, None).await;
    send_with(&sender(resolving(&[]), limits), &server.url("/")).await
}

const HEAD: &str = "HTTP/1.1 200 OK\r\n";

#[test]
fn a_head_that_does_not_end_is_none() {
    testkit::run(async {
        for (answer, pace, limits, why) in [
            ("HTTP/1.1 200 O", Pace::Drip("O"), patience(300), "webhook_late"),
            (HEAD, Pace::Drip("a: b\r\n"), patience(300), "webhook_late"),
            ("", Pace::Drip("HTTP/1.1 103 Early Hints\r\n\r\n"), patience(300), "webhook_late"),
            (HEAD, Pace::Flood("a: b\r\n"), Limits::default(), "webhook_broke_off"),
            (HEAD, Pace::Flood("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), Limits::default(), "webhook_broke_off"),
        ] {
            assert_eq!(told(&call(answer, pace, limits).await), ("again", why), "{answer:?}");
        }
    });
}

#[test]
fn once_the_head_says_that_it_is_taken_the_rest_changes_nothing() {
    testkit::run(async {
        let endless = format!("{HEAD}Content-Length: 99999999999\r\n\r\n");
        let broken = format!("{HEAD}Content-Length: 100\r\n\r\npart");
        let chunks = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n");
        for (answer, pace, limits, least) in [
            (&endless, Pace::Drip("x"), patience(2_000), 1),
            (&endless, Pace::Flood("xxxxxxxxxxxxxxxxxxxx"), Limits::default(), 1_000),
            (&chunks, Pace::Flood("3\r\nabc\r\n"), Limits::default(), 1_000),
            (&broken, Pace::AtOnce, Limits::default(), 4),
        ] {
            let Verdict::Delivered(answer) = call(answer, pace, limits).await else { panic!("{answer}") };
            let length = answer.excerpt.len();
            assert!(answer.status == 200 && (least..=1_000).contains(&length), "{length}");
        }
    });
}

#[test]
fn an_answer_is_read_only_so_far() {
    testkit::run(async {
        let endless = format!("{HEAD}Content-Length: 99999999999\r\n\r\n");
        let calling = call(&endless, Pace::Flood("xxxxxxxxxxxxxxxx"), patience(600_000));
        let called = timeout(Duration::from_mins(1), calling).await;
        assert_eq!(told(&called.expect("long before its patience ends")), ("delivered", ""));
    });
}
