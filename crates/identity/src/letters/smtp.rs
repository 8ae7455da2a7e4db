//! Mail by SMTP.

use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp::{Error as Refusal, PoolConfig};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use types::{Error, Result};
use url::{Host, Url};

use super::{Letter, Outcome, Post};
use crate::Target;

/// An answer takes no longer, or is none.
const PATIENCE: Duration = Duration::from_secs(20);
/// Connections that are held open at most.
const CONNECTIONS: u32 = 4;

/// Hands letters to a mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// To the server at this URL, from this sender: `smtps://user:password@host` speaks TLS from the first byte,
    /// `smtp://user:password@host:587` begins it and sends nothing without. On this machine, and with `?tls=none`, it is
    /// left out.
    pub fn open(url: &str, from: &str) -> Result<Self> {
        let from = from.parse().map_err(|_| Error::internal("mail.from is no e-mail address"))?;
        let url = with_tls(url)?;
        // The library's error may repeat the URL, and the password in it.
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)
            .map_err(|_| Error::internal("mail.url is no address of a mail server"))?;
        let pool = PoolConfig::new().max_size(CONNECTIONS).idle_timeout(PATIENCE);
        Ok(Self { transport: server.timeout(Some(PATIENCE)).pool_config(pool).build(), from })
    }

    fn message(&self, letter: &Letter, to: Address) -> Result<Message> {
        let micros = u64::try_from(letter.at.micros()).unwrap_or_default();
        let host = self.from.email.domain();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject.as_str())
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
            // The same each time it is tried, so that a letter that came twice can be known.
            .message_id(Some(format!("<{}@{host}>", letter.id)))
            .header(ContentType::TEXT_PLAIN)
            .header(Automatic)
            .body(letter.text.clone())
            .map_err(|e| Error::internal_by("a letter cannot be written as mail", e))
    }
}

#[async_trait]
impl Post for Smtp {
    async fn send(&self, letter: &Letter) -> Result<Outcome> {
        let Target::Email(address) = &letter.to else {
            return Err(Error::internal("a text message was handed to the mail server"));
        };
        let Ok(to) = address.parse::<Address>() else {
            return Ok(Outcome::Refused("its address is none that mail can go to".into()));
        };
        match self.transport.send(self.message(letter, to)?).await {
            Ok(_) => Ok(Outcome::Taken),
            Err(refusal) => judged(refusal, address.is_ascii()),
        }
    }
}

/// What a refusal means. What the server said is left out: it likes to repeat the address.
fn judged(refusal: Refusal, is_ascii: bool) -> Result<Outcome> {
    let code = refusal.status().map(u16::from);
    match code {
        // Busy or about to go: it says so to everybody.
        Some(421 | 454) => Err(Error::unavailable("the mail server takes no mail now")),
        Some(code @ 400..=499) => Ok(Outcome::Later(format!("the mail server answers {code}").into())),
        // Log-in is wanted, or was refused.
        Some(code @ (530 | 534 | 535 | 538)) => {
            Err(Error::internal(format!("the mail server refuses mail.url's name and password with {code}")))
        }
        Some(code @ 550..=559) => Ok(Outcome::Refused(format!("the mail server answers {code}").into())),
        Some(code) => Err(Error::internal(format!("the mail server answers {code}"))),
        // It does not take addresses in other alphabets.
        None if refusal.is_client() && !is_ascii => {
            Ok(Outcome::Refused("the mail server takes only addresses in Latin letters".into()))
        }
        None if refusal.is_client() => Err(Error::internal_by("the mail server cannot be used", refusal)),
        None => Err(Error::unavailable_by("the mail server cannot be reached", refusal)),
    }
}

/// The URL as the library reads it, with TLS unless it is left out on purpose.
fn with_tls(url: &str) -> Result<String> {
    let bad = |what: &'static str| Error::internal(what);
    let mut url = Url::parse(url).map_err(|_| bad("mail.url is no address of a mail server"))?;
    let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    let is_here = match url.host() {
        // In a URL of this kind an IPv4 address is text like any other.
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(bad("mail.url names no mail server")),
    };
    let wanted = match tls.as_deref() {
        None if is_here => None,
        None | Some("required") => Some("tls=required"),
        Some("none") => None,
        Some(_) => return Err(bad("mail.url has another tls than required or none")),
    };
    // The scheme of a URL like this cannot be changed into another, and need not be.
    url.set_query(wanted.filter(|_| url.scheme() == "smtp"));
    Ok(url.into())
}

/// Says that a program wrote this, so that no other program answers.
#[derive(Clone)]
struct Automatic;

impl Header for Automatic {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests;
