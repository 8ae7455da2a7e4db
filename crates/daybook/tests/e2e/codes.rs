//! `/auth/verify-code`: codes are asked for over HTTP, and found where letters land.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use testkit::Engine;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use types::Clock;

use super::client::Client;
use super::eventually::eventually;
use super::house::House;

const PATH: &str = "/auth/verify-code";

/// A house whose letters can be read. The folder comes first, so that it goes last.
pub async fn house(engine: Engine) -> (TempDir, House) {
    let data = tempfile::tempdir().unwrap();
    let house = House::with(engine, &[("DAYBOOK_DATA_DIR", data.path().to_str().unwrap())]).await;
    (data, house)
}

/// The texts of all letters, oldest first.
fn letters(data: &Path) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(data.join("outbox")) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// The letters to somebody, once there are so many.
pub async fn letters_to(data: &TempDir, whom: &str, many: usize) -> Vec<String> {
    eventually(&format!("{many} letters to {whom}"), async || {
        let mut letters = letters(data.path());
        letters.retain(|letter| letter.starts_with(&format!("To: {whom}\n")));
        (letters.len() == many).then_some(letters)
    })
    .await
}

/// The code in a letter: six digits on a line of their own.
pub fn code(letter: &str) -> Option<&str> {
    letter.lines().find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()))
}

pub async fn ask(client: &Client, whom: &str, reason: &str) -> super::client::Answer {
    client.post(PATH, json!({"address": whom, "reason": reason})).await
}

on_every_engine! {
    async fn a_code_goes_out_by_mail_and_as_a_text_message_from_both_rooms(engine) {
        let (data, house) = house(engine).await;
        let until = house.clock.now().plus(Duration::from_mins(10)).to_string();
        let mail = json!({"email": " Anna@Example.org ", "reason": "register"});
        assert_eq!(house.post(PATH, mail).await.is(200), json!({"otp_expires_at": until}));
        let phone = json!({"phone_number": "+380501234567", "reason": "register"});
        assert_eq!(house.post("/api/auth/verify-code", phone).await.is(200), json!({"otp_expires_at": until}));

        let mail = letters_to(&data, "anna@example.org", 1).await.remove(0);
        let text = letters_to(&data, "+380501234567", 1).await.remove(0);
        assert!(code(&mail).is_some() && code(&text).is_some() && code(&mail) != code(&text), "{mail}{text}");
        assert!(mail.contains("Subject: Daybook: your code") && mail.contains("127.0.0.1"), "{mail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_written_in_the_language_of_whoever_asks() {
    let (data, house) = house(Engine::Embedded).await;
    let russian = house.with("accept-language", "ru-RU, en;q=0.5");
    ask(&russian, "anna@example.org", "verify").await.is(200);
    let letter = letters_to(&data, "anna@example.org", 1).await.remove(0);
    assert!(letter.contains("Ваш код для подтверждения этого адреса"), "{letter}");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_again_too_soon_says_how_long_to_wait() {
    let (data, house) = house(Engine::Embedded).await;
    ask(&house, "anna@example.org", "verify").await.is(200);
    let first = letters_to(&data, "anna@example.org", 1).await.remove(0);
    let refused = ask(&house, "Anna@example.org", "verify").await;
    refused.problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "30");
    house.clock.advance(Duration::from_secs(30));
    ask(&house, "anna@example.org", "verify").await.is(200);
    let both = letters_to(&data, "anna@example.org", 2).await;
    assert!(code(&both[0]) == code(&first) && code(&both[0]) != code(&both[1]));
    assert_eq!(ask(&house, "anna@example.org", "verify").await.header("retry-after"), "60");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_at_this_door_who_has_an_account() {
    let (data, house) = house(Engine::Embedded).await;
    let anna = house.user("anna").await;
    for reason in ["register", "reset", "login", "verify"] {
        let (known, unknown) =
            (ask(&house, &anna.email, reason).await, ask(&house, "eve@example.org", reason).await);
        assert_eq!(known.is(200), unknown.is(200), "{reason}");
        let (known, unknown) =
            (ask(&house, &anna.email, reason).await, ask(&house, "eve@example.org", reason).await);
        known.problem(429, "too_many_requests");
        unknown.problem(429, "too_many_requests");
        assert_eq!(known.header("retry-after"), unknown.header("retry-after"), "{reason}");
    }
    // Anna hears that somebody tried to sign up, and has three codes; Eve can sign up or verify her address.
    let anna = letters_to(&data, &anna.email, 4).await;
    let eve = letters_to(&data, "eve@example.org", 2).await;
    assert!(eve.iter().all(|letter| code(letter).is_some()), "{eve:?}");
    let warnings: Vec<_> = anna.iter().filter(|letter| code(letter).is_none()).collect();
    assert!(warnings.len() == 1 && warnings[0].contains("Somebody tried to sign up"), "{anna:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_gets_so_many_codes_an_hour() {
    let data = tempfile::tempdir().unwrap();
    let settings = [("DAYBOOK_DATA_DIR", data.path().to_str().unwrap()), ("DAYBOOK_CODES_PER_ADDRESS", "3")];
    let house = House::with(Engine::Memory, &settings).await;
    for name in ["a", "b", "c"] {
        ask(&house, &format!("{name}@example.org"), "verify").await.is(200);
    }
    let refused = ask(&house, "d@example.org", "verify").await;
    refused.problem(429, "too_many_requests");
    // The clock shows half past nine.
    assert_eq!(refused.header("retry-after"), "1800");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_or_reason_is_refused_field_by_field() {
    let (_data, house) = house(Engine::Embedded).await;
    house.post(PATH, json!({})).await.refuses(&[("email", "required"), ("reason", "required")]);
    let user_name = json!({"email": "anna", "reason": "fun"});
    house.post(PATH, user_name).await.refuses(&[("email", "no_address"), ("reason", "unknown_reason")]);
    let injected = json!({"email": "anna@example.org\r\nBcc: eve@example.org", "reason": "verify"});
    house.post(PATH, injected).await.refuses(&[("email", "bad_email")]);
    house.post_text(PATH, "{").await.is(400);
    house.get(PATH).await.is(405);
    // Whoever asks for a code has no token yet, and some clients say so in their own way.
    house.bearing("null").post(PATH, json!({"email": "anna@example.org", "reason": "verify"})).await.is(200);
}

/// A mail server that takes everything, and passes on what it hears line by line.
async fn mail_server() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (heard, lines) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(take_mail(client, heard.clone()));
        }
    });
    (url, lines)
}

async fn take_mail(client: TcpStream, heard: mpsc::UnboundedSender<String>) -> std::io::Result<()> {
    let (read, mut write) = client.into_split();
    let (mut lines, mut is_letter) = (BufReader::new(read).lines(), false);
    write.write_all(b"220 ready\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        is_letter = line == "DATA" || (is_letter && line != ".");
        let answer = if line == "DATA" { "354 go on\r\n" } else { "250 fine\r\n" };
        if line == "DATA" || !is_letter {
            write.write_all(answer.as_bytes()).await?;
        }
        drop(heard.send(line));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_mail_server_codes_go_there_and_text_messages_still_land_as_files() {
    let data = tempfile::tempdir().unwrap();
    let (url, mut heard) = mail_server().await;
    let settings = [
        ("DAYBOOK_DATA_DIR", data.path().to_str().unwrap()),
        ("DAYBOOK_MAIL_URL", &url),
        ("DAYBOOK_MAIL_FROM", "Daybook <no-reply@example.net>"),
    ];
    let house = House::with(Engine::Embedded, &settings).await;
    ask(&house, "anna@example.org", "verify").await.is(200);
    ask(&house, "+380501234567", "verify").await.is(200);
    let listening = async {
        let mut letter = String::new();
        while code(&letter).is_none() {
            letter.push_str(&heard.recv().await.unwrap());
            letter.push('\n');
        }
        letter
    };
    let letter = tokio::time::timeout(Duration::from_secs(30), listening).await.expect("no letter came");
    assert!(letter.contains("MAIL FROM:<no-reply@example.net>"), "{letter}");
    assert!(letter.contains("RCPT TO:<anna@example.org>"), "{letter}");
    assert!(code(&letters_to(&data, "+380501234567", 1).await[0]).is_some());
    assert_eq!(letters(data.path()).len(), 1, "nothing went both ways");
}
