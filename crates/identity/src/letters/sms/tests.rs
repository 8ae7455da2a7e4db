use std::sync::{Arc, Mutex};

use base64::Engine as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use types::Timestamp;

use super::*;

/// Answers as they were recorded, with what is secret in them replaced.
const TWILIO_TAKEN: &str = r#"{"account_sid": "AC11111111111111111111111111111111", "api_version": "2010-04-01", "body": "Your code:\n012345", "date_created": "Sat, 21 Nov 2026 09:30:00 +0000", "date_sent": null, "date_updated": "Sat, 21 Nov 2026 09:30:00 +0000", "direction": "outbound-api", "error_code": null, "error_message": null, "from": "+15005550006", "messaging_service_sid": null, "num_media": "0", "num_segments": "1", "price": null, "price_unit": "USD", "sid": "SM22222222222222222222222222222222", "status": "queued", "to": "+380501234567", "uri": "/2010-04-01/Accounts/AC11111111111111111111111111111111/Messages/SM22222222222222222222222222222222.json"}"#;
const TWILIO_REFUSED: &str = r#"{"code": 21211, "message": "The 'To' number +380501234567 is not a valid phone number.", "more_info": "https://www.twilio.com/docs/errors/21211", "status": 400}"#;
const TWILIO_WHO: &str = r#"{"code": 20003, "detail": "Your AccountSid or AuthToken was incorrect.", "message": "Authenticate", "more_info": "https://www.twilio.com/docs/errors/20003", "status": 401}"#;
const TWILIO_THROTTLED: &str = r#"{"code": 20429, "message": "Too Many Requests", "more_info": "https://www.twilio.com/docs/errors/20429", "status": 429}"#;
const SMSC_TAKEN: &str = r#"{"id": 77, "cnt": 1}"#;
const SMSC_NUMBER: &str = r#"{"error": "invalid number", "error_code": 7, "id": 77}"#;
const SMSC_PASSWORD: &str = r#"{"error": "authorise error", "error_code": 2}"#;
const SMSC_MONEY: &str = r#"{"error": "no money", "error_code": 3, "id": 77}"#;
const SMSC_THROTTLED: &str = r#"{"error": "duplicate request, wait a minute", "error_code": 9}"#;

/// A provider that answers so, and writes down what it was asked.
struct Recorded {
    address: String,
    heard: Arc<Mutex<String>>,
}

impl Recorded {
    async fn new(status: &'static str, body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = Arc::<Mutex<String>>::default();
        let all = heard.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !is_whole(&request) {
                    let mut part = [0; 4_096];
                    let length = client.read(&mut part).await.unwrap();
                    request.extend_from_slice(&part[..length]);
                }
                all.lock().unwrap().push_str(&String::from_utf8(request).unwrap());
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
                     connection: close\r\n\r\n{body}"
                );
                client.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { address, heard }
    }

    fn sms(&self, provider: &str, from: &str) -> Sms {
        Sms::open(&format!("{provider}@{}?tls=none", self.address), from).unwrap()
    }

    /// The request line and headers, and the body's fields.
    fn heard(&self) -> (String, Vec<(String, String)>) {
        let request = self.heard.lock().unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), url::form_urlencoded::parse(body.as_bytes()).into_owned().collect())
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

fn letter() -> Letter {
    Letter {
        id: 77,
        to: Target::Phone("+380501234567".into()),
        subject: String::new(),
        text: "Ваш код:\n012345".into(),
        at: Timestamp::default(),
    }
}

async fn answered(provider: &str, status: &'static str, body: &'static str) -> Result<Outcome> {
    Recorded::new(status, body).await.sms(provider, "+15005550006").send(&letter()).await
}

const TWILIO: &str = "twilio://AC11111111111111111111111111111111:secret";
const SMSC: &str = "smsc://us:s%3Acret%26";

#[test]
fn twilio_is_asked_in_its_own_words() {
    testkit::run(async {
        let server = Recorded::new("201 CREATED", TWILIO_TAKEN).await;
        assert_eq!(server.sms(TWILIO, "+15005550006").send(&letter()).await.unwrap(), Outcome::Taken);
        let (head, fields) = server.heard();
        assert!(
            head.starts_with(
                "POST /2010-04-01/Accounts/AC11111111111111111111111111111111/Messages.json HTTP/1.1\r\n"
            ),
            "{head}"
        );
        let secret = base64::prelude::BASE64_STANDARD.encode("AC11111111111111111111111111111111:secret");
        assert!(head.contains(&format!("authorization: Basic {secret}")), "{head}");
        assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
        let wanted = [("To", "+380501234567"), ("From", "+15005550006"), ("Body", "Ваш код:\n012345")];
        assert_eq!(fields, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
    });
}

#[test]
fn a_messaging_service_takes_the_place_of_twilios_sender() {
    testkit::run(async {
        let server = Recorded::new("201 CREATED", TWILIO_TAKEN).await;
        server.sms(TWILIO, "MG33333333333333333333333333333333").send(&letter()).await.unwrap();
        let (_, fields) = server.heard();
        assert_eq!(fields[1], ("MessagingServiceSid".into(), "MG33333333333333333333333333333333".into()));
    });
}

#[test]
fn smsc_is_asked_in_its_own_words() {
    testkit::run(async {
        let server = Recorded::new("200 OK", SMSC_TAKEN).await;
        assert_eq!(server.sms(SMSC, "Daybook").send(&letter()).await.unwrap(), Outcome::Taken);
        let (head, fields) = server.heard();
        assert!(head.starts_with("POST /sys/send.php HTTP/1.1\r\n"), "{head}");
        assert!(
            !head.contains("secret") && !head.contains("cret&"),
            "what is secret is in the body alone: {head}"
        );
        let wanted = [
            ("login", "us"),
            ("psw", "s:cret&"),
            ("phones", "+380501234567"),
            ("mes", "Ваш код:\n012345"),
            ("charset", "utf-8"),
            ("fmt", "3"),
            ("sender", "Daybook"),
        ];
        assert_eq!(fields, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
    });
}

#[test]
fn a_number_that_is_refused_is_not_tried_again_and_not_repeated() {
    testkit::run(async {
        for (provider, status, body, why) in [
            (TWILIO, "400 BAD REQUEST", TWILIO_REFUSED, "Twilio answers 400 with code 21211"),
            (SMSC, "200 OK", SMSC_NUMBER, "SMSC answers with error 7"),
        ] {
            assert_eq!(answered(provider, status, body).await.unwrap(), Outcome::Refused(why.into()));
        }
    });
}

#[test]
fn what_an_operator_has_to_see_to_is_no_passing_failure() {
    testkit::run(async {
        for (provider, status, body) in [
            (TWILIO, "401 UNAUTHORIZED", TWILIO_WHO),
            (TWILIO, "404 NOT FOUND", "<html>"),
            (SMSC, "200 OK", SMSC_PASSWORD),
            (SMSC, "200 OK", SMSC_MONEY),
            (SMSC, "200 OK", "<html>"),
            (SMSC, "200 OK", "{}"),
            (SMSC, "404 NOT FOUND", ""),
        ] {
            let error = answered(provider, status, body).await.unwrap_err();
            let said = types::with_causes(&error);
            assert!(!error.is_passing(), "{said}");
            assert!(
                !said.contains("cret") && !said.contains("380501234567") && !said.contains("012345"),
                "{said}"
            );
        }
    });
}

#[test]
fn a_provider_that_is_busy_or_broken_is_tried_again() {
    testkit::run(async {
        for (provider, status, body) in [
            (TWILIO, "429 TOO MANY REQUESTS", TWILIO_THROTTLED),
            (TWILIO, "503 SERVICE UNAVAILABLE", "<html>"),
            (SMSC, "200 OK", SMSC_THROTTLED),
            (SMSC, "502 BAD GATEWAY", ""),
        ] {
            let error = answered(provider, status, body).await.unwrap_err();
            assert!(error.is_passing(), "{}", types::with_causes(&error));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{SMSC}@{}?tls=none", listener.local_addr().unwrap());
        drop(listener);
        let error = Sms::open(&url, "").unwrap().send(&letter()).await.unwrap_err();
        let said = types::with_causes(&error);
        assert!(error.is_passing() && !said.contains("cret"), "{said}");
    });
}

#[test]
fn a_provider_is_reached_by_tls_unless_it_is_left_out_on_purpose() {
    for (url, base) in [
        ("twilio://a:b@api.twilio.com", "https://api.twilio.com"),
        ("smsc://a:b@smsc.ua:8443", "https://smsc.ua:8443"),
        ("smsc://a:b@127.0.0.1:9?tls=none", "http://127.0.0.1:9"),
    ] {
        let (_, account) = Account::read(url, "us").unwrap();
        assert_eq!(account.base, base);
    }
}

#[test]
fn what_cannot_be_used_is_said_without_the_secret() {
    for (url, from) in [
        ("pigeon://us:secret@example.org", "us"),
        ("twilio://us:secret@", "us"),
        ("twilio://:secret@api.twilio.com", "us"),
        ("twilio://secret@api.twilio.com", "us"),
        ("twilio://us:secret@api.twilio.com", " "),
        ("smsc://us:secret@smsc.ua?tls=maybe", ""),
        ("secret", ""),
    ] {
        let Err(error) = Sms::open(url, from) else { panic!("{url} was taken") };
        let said = types::with_causes(&error);
        assert!(said.starts_with("sms.") && !said.contains("secret"), "{said}");
    }
}
