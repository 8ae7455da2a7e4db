use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use types::Timestamp;

use super::*;

/// A mail server that writes down what it hears, and answers a recipient, and a log-in, as it is told to.
struct Server {
    url: String,
    heard: Arc<Mutex<String>>,
}

impl Server {
    async fn new(recipient: &'static str, login: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let heard = Arc::<Mutex<String>>::default();
        let all = heard.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, all.clone(), recipient, login));
            }
        });
        Self { url, heard }
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }

    fn smtp(&self) -> Smtp {
        Smtp::open(&self.url, "Daybook <no-reply@example.org>").unwrap()
    }
}

async fn serve(client: TcpStream, heard: Arc<Mutex<String>>, recipient: &'static str, login: &'static str) {
    let (read, mut write) = client.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut say = async |text: &str| write.write_all(format!("{text}\r\n").as_bytes()).await;
    let mut is_letter = false;
    if say("220 mail.example.org").await.is_err() {
        return;
    }
    while let Ok(Some(line)) = lines.next_line().await {
        writeln!(heard.lock().unwrap(), "{line}").unwrap();
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            _ if is_letter && line != "." => continue,
            "." => "250 taken",
            "EHLO" => "250-mail.example.org\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
            "AUTH" => login,
            "RCPT" => recipient,
            "DATA" => "354 go on",
            _ => "250 fine",
        };
        is_letter = line == "DATA";
        if say(answer).await.is_err() {
            return;
        }
    }
}

fn letter(address: &str) -> Letter {
    Letter {
        id: 77,
        to: Target::Email(address.into()),
        subject: "Daybook: ваш код".into(),
        text: "Ваш код:\n\n012345\n".into(),
        at: Timestamp::from_millis(1_795_253_400_000),
    }
}

async fn sent(recipient: &'static str) -> Result<Outcome> {
    let server = Server::new(recipient, "235 come in").await;
    server.smtp().send(&letter("anna@example.org")).await
}

#[test]
fn a_letter_is_plain_mail_from_us_to_one_person() {
    testkit::run(async {
        let server = Server::new("250 fine", "235 come in").await;
        let smtp = server.smtp();
        assert_eq!(smtp.send(&letter("anna@example.org")).await.unwrap(), Outcome::Taken);
        let heard = server.heard();
        for part in [
            "MAIL FROM:<no-reply@example.org>",
            "RCPT TO:<anna@example.org>",
            "From: Daybook <no-reply@example.org>",
            "To: anna@example.org",
            "Message-ID: <77@example.org>",
            "Auto-Submitted: auto-generated",
            "Date: Sat, 21 Nov 2026 09:30:00 +0000",
            "Content-Type: text/plain; charset=utf-8",
        ] {
            assert!(heard.contains(part), "{part} is not in {heard}");
        }
        assert!(!heard.contains("AUTH"), "there is no name to log in with");
        assert_eq!(heard.matches("RCPT TO").count(), 1);
    });
}

#[test]
fn the_name_and_password_of_the_url_are_shown_to_the_server() {
    testkit::run(async {
        let server = Server::new("250 fine", "235 come in").await;
        let url = server.url.replace("smtp://", "smtp://us%40example.org:p%3Ass@");
        let smtp = Smtp::open(&url, "no-reply@example.org").unwrap();
        assert_eq!(smtp.send(&letter("anna@example.org")).await.unwrap(), Outcome::Taken);
        // "\0us@example.org\0p:ss" in base64.
        assert!(server.heard().contains("AUTH PLAIN AHVzQGV4YW1wbGUub3JnAHA6c3M="), "{}", server.heard());

        let server = Server::new("250 fine", "535 5.7.8 who are you, us@example.org?").await;
        let url = server.url.replace("smtp://", "smtp://us%40example.org:p%3Ass@");
        let error = Smtp::open(&url, "no-reply@example.org").unwrap().send(&letter("anna@example.org")).await;
        let error = error.unwrap_err();
        assert!(!error.is_passing(), "an engineer has to see to it");
        let said = types::with_causes(&error);
        assert!(said.contains("535") && !said.contains("p:ss") && !said.contains("us@"), "{said}");
    });
}

#[test]
fn a_refusal_is_for_good_or_for_now_and_does_not_repeat_the_address() {
    testkit::run(async {
        let refused = sent("550 5.1.1 <anna@example.org>: no such person").await.unwrap();
        assert_eq!(refused, Outcome::Refused("the mail server answers 550".into()));
        let later = sent("451 4.7.1 <anna@example.org>: greylisted").await.unwrap();
        assert_eq!(later, Outcome::Later("the mail server answers 451".into()));
        let busy = sent("421 4.3.2 too busy for <anna@example.org>").await.unwrap_err();
        assert!(busy.is_passing() && !types::with_causes(&busy).contains("anna"), "{busy}");
        let odd = sent("503 5.5.1 <anna@example.org> is out of order").await.unwrap_err();
        assert!(!odd.is_passing() && !types::with_causes(&odd).contains("anna"), "{odd}");
    });
}

#[test]
fn a_server_that_is_not_there_may_be_back_later() {
    testkit::run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        drop(listener);
        let error = Smtp::open(&url, "no-reply@example.org").unwrap().send(&letter("anna@example.org")).await;
        assert!(error.unwrap_err().is_passing());
    });
}

#[test]
fn no_address_and_no_subject_gets_a_header_of_its_own_into_a_letter() {
    testkit::run(async {
        let server = Server::new("250 fine", "235 come in").await;
        let smtp = server.smtp();
        for address in [
            "anna@example.org\r\nRCPT TO:<eve@example.org>",
            "anna@example.org>\r\nBcc: <eve@example.org",
            "anna@example.org\nBcc: eve@example.org",
            "anna\r\n@example.org",
            "anna@example.org, eve@example.org",
        ] {
            let outcome = smtp.send(&letter(address)).await.unwrap();
            assert!(matches!(outcome, Outcome::Refused(_)), "{address:?}: {outcome:?}");
        }
        assert_eq!(server.heard(), "");
        for subject in
            ["Code\r\nBcc: eve@example.org", "Code\nBcc: eve@example.org", "Код\r\n\r\nBcc: eve@example.org"]
        {
            let letter = Letter { subject: subject.into(), ..letter("anna@example.org") };
            drop(smtp.send(&letter).await);
        }
        assert!(!server.heard().lines().any(|line| line.starts_with("Bcc")), "{}", server.heard());
        assert!(!server.heard().contains("RCPT TO:<eve"), "{}", server.heard());
    });
}

#[test]
fn a_line_with_a_dot_alone_does_not_end_a_letter() {
    testkit::run(async {
        let server = Server::new("250 fine", "235 come in").await;
        let text = "one\r\n.\r\nMAIL FROM:<eve@example.org>\r\n".to_owned();
        let letter = Letter { text, ..letter("anna@example.org") };
        assert_eq!(server.smtp().send(&letter).await.unwrap(), Outcome::Taken);
        assert!(server.heard().contains("\n..\nMAIL FROM:<eve"), "{}", server.heard());
    });
}

#[test]
fn tls_is_left_out_only_here_or_on_purpose() {
    for (url, read) in [
        ("smtp://mail.example.org", "smtp://mail.example.org?tls=required"),
        ("smtp://u:p@mail.example.org:587", "smtp://u:p@mail.example.org:587?tls=required"),
        ("smtp://mail.example.org?tls=required", "smtp://mail.example.org?tls=required"),
        ("smtp://mail.example.org?tls=none", "smtp://mail.example.org"),
        ("smtp://localhost:1025", "smtp://localhost:1025"),
        ("smtp://127.0.0.1:1025", "smtp://127.0.0.1:1025"),
        ("smtp://127.0.0.1?tls=required", "smtp://127.0.0.1?tls=required"),
        ("smtps://mail.example.org", "smtps://mail.example.org"),
    ] {
        assert_eq!(with_tls(url).unwrap(), read);
    }
}

#[test]
fn a_server_that_offers_no_tls_gets_no_letter_and_no_password() {
    testkit::run(async {
        let server = Server::new("250 fine", "235 come in").await;
        let url = format!("{}?tls=required", server.url.replace("smtp://", "smtp://us:secret@"));
        let error = Smtp::open(&url, "no-reply@example.org").unwrap().send(&letter("anna@example.org")).await;
        assert!(error.is_err());
        assert!(!server.heard().contains("AUTH") && !server.heard().contains("MAIL"), "{}", server.heard());
    });
}

#[test]
fn a_server_that_does_not_speak_tls_where_it_should_hears_nothing_of_the_letter() {
    testkit::run(async {
        let server = Server::new("250 fine", "235 come in").await;
        let url = server.url.replace("smtp://", "smtps://us:secret@");
        let error = Smtp::open(&url, "no-reply@example.org").unwrap().send(&letter("anna@example.org")).await;
        assert!(error.unwrap_err().is_passing());
        assert!(!server.heard().contains("anna") && !server.heard().contains("AUTH"), "{}", server.heard());
    });
}

#[test]
fn what_cannot_be_used_is_said_without_the_password() {
    testkit::run(async {
        for (url, from) in [
            ("smtp://u:secret@", "no-reply@example.org"),
            ("smtp://u:secret@mail.example.org?tls=maybe", "no-reply@example.org"),
            ("imap://u:secret@mail.example.org", "no-reply@example.org"),
            ("smtp://u:secret@mail.example.org", "nobody"),
            ("smtp://u:secret@mail.example.org", "a@example.org\r\nBcc: eve@example.org"),
        ] {
            let Err(error) = Smtp::open(url, from) else { panic!("{url} from {from} was taken") };
            let said = types::with_causes(&error);
            assert!(said.starts_with("mail.") && !said.contains("secret"), "{said}");
        }
    });
}
