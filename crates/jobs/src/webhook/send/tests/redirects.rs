//! Ways round the guard: by a redirect, by a name that leads elsewhere the second time, by one address among others.

use super::server::Pace;
use super::*;

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
}

#[test]
fn a_redirect_that_keeps_the_message_is_followed() {
    testkit::run(async {
        for status in [307, 308] {
            let end = Server::answering(OK).await;
            let begin = Server::answering(redirect(status, &end.url("/there"))).await;
            assert_eq!(send(&begin.url("/here")).await, taken());
            let (first, second) = (&begin.heard()[0], &end.heard()[0]);
            let (host, other) = (begin.address.to_string(), end.address.to_string());
            assert_eq!(*second, first.replace("/here", "/there").replace(&host, &other));
        }
    });
}

#[test]
fn other_redirects_are_refused_and_none_goes_on_for_ever() {
    testkit::run(async {
        for (answer, why, calls) in [
            (redirect(301, "/there"), "webhook_redirect_loses", 1),
            (redirect(302, "/there"), "webhook_redirect_loses", 1),
            (redirect(303, "/there"), "webhook_redirect_loses", 1),
            (redirect(304, "/there"), "webhook_redirect_loses", 1),
            (redirect(308, "http://["), "webhook_redirect_nowhere", 1),
            ("HTTP/1.1 307 X\r\nContent-Length: 0\r\n\r\n".to_owned(), "webhook_redirect_nowhere", 1),
            (redirect(307, "/again"), "webhook_redirects", 6),
        ] {
            let server = Server::answering(answer).await;
            assert_eq!(told(&send(&server.url("/")).await), ("never", why));
            assert_eq!(server.heard().len(), calls, "{why}");
        }
    });
}

#[test]
fn a_redirect_leads_to_nobody_who_may_not_be_called() {
    testkit::run(async {
        let inner = Server::on("127.0.0.2:0", OK, Pace::AtOnce, None).await;
        assert_eq!(told(&send(&inner.url("/")).await), ("never", "webhook_address_refused"));
        for (location, why) in [
            (inner.url("/"), "webhook_address_refused"),
            ("http://169.254.169.254/latest/meta-data/".to_owned(), "webhook_address_refused"),
            ("http://[::ffff:127.0.0.2]:{port}/".to_owned(), "webhook_address_refused"),
            ("http://2130706434:{port}/".to_owned(), "webhook_address_refused"),
            ("//127.2:{port}/".to_owned(), "webhook_address_refused"),
            ("file:///etc/passwd".to_owned(), "bad_webhook_url"),
            ("http://127.0.0.1:0/".to_owned(), "webhook_url_port"),
            ("http://anna@127.0.0.1:{port}/".to_owned(), "webhook_url_credentials"),
        ] {
            let server = Server::answering(redirect(307, &location)).await;
            assert_eq!(told(&send(&server.url("/")).await), ("never", why), "{location}");
        }
        assert_eq!(inner.heard().len(), 0);
    });
}

/// Two servers on one port: the one that may be called, and the one that may not.
async fn two(answer: &str) -> (Server, Server) {
    let outer = Server::answering(answer).await;
    let inner = format!("127.0.0.2:{}", outer.address.port());
    (outer, Server::on(&inner, OK, Pace::AtOnce, None).await)
}

#[test]
fn a_name_is_looked_up_once_and_the_address_that_was_judged_is_called() {
    testkit::run(async {
        let (outer, inner) = two(OK).await;
        let resolver = resolving(&[&["127.0.0.1"], &["127.0.0.2"]]);
        let rebound = sender(resolver.clone(), Limits::default());
        let url = format!("http://rebound.example:{}/", outer.address.port());
        assert_eq!(send_with(&rebound, &url).await, taken());
        assert_eq!(resolver.0.lock().unwrap().len(), 1, "looked up once");
        assert_eq!(told(&send_with(&rebound, &url).await), ("never", "webhook_address_refused"));
        assert_eq!((outer.heard().len(), inner.heard().len()), (1, 0));
        assert!(outer.heard()[0].contains(&format!("host: rebound.example:{}\r\n", outer.address.port())));
    });
}

#[test]
fn a_name_is_judged_again_when_a_redirect_leads_back_to_it() {
    testkit::run(async {
        let (outer, inner) = two(&redirect(307, "http://rebound.example:{port}/inner")).await;
        let rebound = sender(resolving(&[&["127.0.0.1"], &["127.0.0.2"]]), Limits::default());
        let url = format!("http://rebound.example:{}/", outer.address.port());
        assert_eq!(told(&send_with(&rebound, &url).await), ("never", "webhook_address_refused"));
        assert_eq!((outer.heard().len(), inner.heard().len()), (1, 0));
    });
}

#[test]
fn a_name_with_one_address_that_may_not_be_called_is_not_called_at_all() {
    testkit::run(async {
        let (outer, inner) = two(OK).await;
        let url = format!("http://mixed.example:{}/", outer.address.port());
        for answers in [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "::1"]] {
            let mixed = sender(resolving(&[&answers]), Limits::default());
            assert_eq!(told(&send_with(&mixed, &url).await), ("never", "webhook_address_refused"));
        }
        assert_eq!((outer.heard().len(), inner.heard().len()), (0, 0));
    });
}

#[test]
fn a_host_that_takes_no_connection_at_one_address_is_called_at_the_next() {
    testkit::run(async {
        let outer = Server::answering(OK).await;
        let guard = Guard::new(&["127.0.0.0/30"]).unwrap();
        let resolver = resolving(&[&["127.0.0.3", "127.0.0.2", "127.0.0.1"]]);
        let sender = Sender::new(guard, resolver, web_roots().unwrap(), Limits::default());
        let url = format!("http://several.example:{}/", outer.address.port());
        assert_eq!(send_with(&sender, &url).await, taken());
    });
}
