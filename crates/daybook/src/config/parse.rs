//! One function for each kind of value: what it takes, and what it tells who wrote something else.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use api::log::Format;
use jobs::errands::email::Recipients;
use stream::Way;
use tracing::Level;

use super::raw::{Raw, Refusal};
use super::secret::Secret;
use super::url::Url;

/// How the address of a provider begins: secrets go there.
const ENDPOINT: [&str; 4] = ["https://", "http://127.0.0.1", "http://localhost", "http://[::1]"];

/// An address with a port.
pub fn address(raw: &Raw) -> Result<SocketAddr, Refusal> {
    raw.one().and_then(as_address).ok_or_else(|| raw.refuse("an address with a port", "127.0.0.1:9464"))
}

/// One address with a port or several.
pub fn addresses(raw: &Raw) -> Result<Vec<SocketAddr>, Refusal> {
    let found = list(raw, as_address, "an address with a port", "127.0.0.1:8080")?;
    if found.is_empty() { Err(raw.refuse("a list of addresses", "[127.0.0.1:8080]")) } else { Ok(found) }
}

/// Any number of origins, as browsers send them.
pub fn origins(raw: &Raw) -> Result<Vec<String>, Refusal> {
    list(raw, as_origin, "an origin", "http://localhost:3000")
}

/// Text, not empty.
pub fn text(raw: &Raw) -> Result<String, Refusal> {
    not_empty(raw).ok_or_else(|| raw.refuse("text", "\"daybook\""))
}

/// Text, or empty. A number is taken too, since some providers hand out numbers; not a fraction, which YAML rewrites.
pub fn optional_text(raw: &Raw) -> Result<String, Refusal> {
    match raw {
        Raw::Text(text) => Ok(text.trim().to_owned()),
        Raw::Bare(number) if as_number::<u64>(number).is_some() => Ok(number.clone()),
        _ => Err(raw.refuse("text", "\"daybook\"")),
    }
}

/// A secret, or empty. It is never shown.
pub fn secret(raw: &Raw) -> Result<Secret, Refusal> {
    match raw {
        Raw::Text(text) => Ok(Secret::new(text.trim())),
        _ => Err(hidden().refuse("text in quotes", "\"…\"")),
    }
}

/// Any number of words.
pub fn words(raw: &Raw) -> Result<Vec<String>, Refusal> {
    let word =
        |text: &str| (!text.is_empty() && !text.contains(char::is_whitespace)).then(|| text.to_owned());
    list(raw, word, "a word", "email")
}

/// Any number of names with a value each.
pub fn pairs(raw: &Raw) -> Result<Vec<(String, String)>, Refusal> {
    list(raw, as_pair, "name=value, the name in small letters", "work=daybook")
}

/// Any number of names with an issuer each.
pub fn issuers(raw: &Raw) -> Result<Vec<(String, String)>, Refusal> {
    let issuer =
        |text: &str| as_pair(text).filter(|(_, value)| ENDPOINT.iter().any(|start| value.starts_with(start)));
    list(raw, issuer, "name=https://…, the name in small letters", "work=https://id.example.org")
}

/// Any number of names with a secret each. They are never shown.
pub fn secret_pairs(raw: &Raw) -> Result<Vec<(String, Secret)>, Refusal> {
    let found =
        pairs(raw).map_err(|_| hidden().refuse("name=secret, the name in small letters", "work=…"))?;
    Ok(found.into_iter().map(|(name, value)| (name, Secret::new(&value))).collect())
}

/// Where a provider is asked.
pub fn endpoint(raw: &Raw) -> Result<Url, Refusal> {
    url(raw, &[], &ENDPOINT).ok_or_else(|| raw.refuse("an https:// address", "https://id.example.org"))
}

/// A path, not empty.
pub fn path(raw: &Raw) -> Result<PathBuf, Refusal> {
    not_empty(raw).map(PathBuf::from).ok_or_else(|| raw.refuse("a path", "\"./data\""))
}

/// A path, or none when empty.
pub fn optional_path(raw: &Raw) -> Result<Option<PathBuf>, Refusal> {
    if raw.one() == Some("") { Ok(None) } else { path(raw).map(Some) }
}

/// A whole number above zero.
pub fn count<T: TryFrom<u64>>(raw: &Raw) -> Result<T, Refusal> {
    let above_zero = raw.one().filter(|text| as_number(text) != Some(0_u64));
    above_zero.and_then(as_number).ok_or_else(|| raw.refuse("a whole number above zero", "2"))
}

/// A whole number, zero among them.
pub fn some<T: TryFrom<u64>>(raw: &Raw) -> Result<T, Refusal> {
    raw.one().and_then(as_number).ok_or_else(|| raw.refuse("a whole number", "1"))
}

/// A size in bytes.
pub fn size(raw: &Raw) -> Result<usize, Refusal> {
    match raw.one().and_then(as_size) {
        Some(0) => Err(raw.refuse("a size above zero", "1MiB")),
        Some(size) => Ok(size),
        None => Err(raw.refuse("a size", "1MiB")),
    }
}

/// A duration.
pub fn duration(raw: &Raw) -> Result<Duration, Refusal> {
    match raw.one().and_then(as_duration) {
        Some(Duration::ZERO) => Err(raw.refuse("a duration above zero", "5m")),
        Some(duration) => Ok(duration),
        None => Err(raw.refuse("a duration", "5m")),
    }
}

/// One duration or several.
pub fn durations(raw: &Raw) -> Result<Vec<Duration>, Refusal> {
    let above_zero = |text: &str| as_duration(text).filter(|duration| !duration.is_zero());
    let found = list(raw, above_zero, "a duration above zero", "30s")?;
    if found.is_empty() { Err(raw.refuse("a list of durations", "[30s, 1m]")) } else { Ok(found) }
}

/// Whether something is so.
pub fn yes_no(raw: &Raw) -> Result<bool, Refusal> {
    match raw.one() {
        Some("yes" | "true" | "on") => Ok(true),
        Some("no" | "false" | "off") => Ok(false),
        _ => Err(raw.refuse("yes or no", "yes")),
    }
}

/// When something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// When it makes sense.
    Auto,
    /// In any case.
    Always,
    /// In no case.
    Never,
}

/// When something is done.
pub fn when(raw: &Raw) -> Result<When, Refusal> {
    match raw.one() {
        Some("auto") => Ok(When::Auto),
        Some("always") => Ok(When::Always),
        Some("never") => Ok(When::Never),
        _ => Err(raw.refuse("one of auto, always, never", "auto")),
    }
}

/// Whom people may have letters sent to.
pub fn recipients(raw: &Raw) -> Result<Recipients, Refusal> {
    match raw.one() {
        Some("own") => Ok(Recipients::Own),
        Some("anyone") => Ok(Recipients::Anyone),
        _ => Err(raw.refuse("one of own, anyone", "own")),
    }
}

/// How log records are written.
pub fn log_format(raw: &Raw) -> Result<Format, Refusal> {
    match raw.one() {
        Some("text") => Ok(Format::Text),
        Some("json") => Ok(Format::Json),
        _ => Err(raw.refuse("one of text, json", "text")),
    }
}

/// The least serious log records that are written.
pub fn level(raw: &Raw) -> Result<Level, Refusal> {
    match raw.one() {
        Some("error") => Ok(Level::ERROR),
        Some("warn") => Ok(Level::WARN),
        Some("info") => Ok(Level::INFO),
        Some("debug") => Ok(Level::DEBUG),
        _ => Err(raw.refuse("one of error, warn, info, debug", "info")),
    }
}

/// A database, or empty.
pub fn database(raw: &Raw) -> Result<Url, Refusal> {
    let starts = ["sqlite:", "postgres://", "postgresql://", "mysql://"];
    url(raw, &["", "memory"], &starts)
        .ok_or_else(|| raw.refuse("a database", "postgres://user:password@host/db"))
}

/// A place for short-lived state.
pub fn cache(raw: &Raw) -> Result<Url, Refusal> {
    url(raw, &["memory"], &["redis://", "rediss://"])
        .ok_or_else(|| raw.refuse("a cache", "redis://host:6379"))
}

/// A way for facts.
pub fn stream(raw: &Raw) -> Result<Url, Refusal> {
    let url =
        url(raw, &["table"], &[""]).ok_or_else(|| raw.refuse("a way for facts", "kafka://host:9092"))?;
    match Way::parse(url.as_str()) {
        Ok(_) => Ok(url),
        Err(expected) => Err(raw.refuse(expected, "kafka://host:9092")),
    }
}

/// A way for the facts of one topic, or empty.
pub fn topic(raw: &Raw) -> Result<Url, Refusal> {
    url(raw, &[""], &[]).map_or_else(|| stream(raw), Ok)
}

/// A mail server, or empty.
pub fn mail(raw: &Raw) -> Result<Url, Refusal> {
    url(raw, &[""], &["smtp://", "smtps://"])
        .ok_or_else(|| raw.refuse("a mail server", "smtp://user:password@host:587"))
}

/// A provider of text messages, or empty.
pub fn sms(raw: &Raw) -> Result<Url, Refusal> {
    url(raw, &[""], &["twilio://", "smsc://"])
        .ok_or_else(|| raw.refuse("a provider of text messages", "twilio://ACCOUNT:TOKEN@api.twilio.com"))
}

/// Where another process answers, or empty.
pub fn service(raw: &Raw) -> Result<Url, Refusal> {
    url(raw, &[""], &["http://", "https://"])
        .ok_or_else(|| raw.refuse("an HTTP address", "http://task-service:8080"))
}

fn url(raw: &Raw, words: &[&str], starts: &[&str]) -> Option<Url> {
    let text = raw.one()?;
    let goes_on = |start: &&str| text.strip_prefix(*start).is_some_and(|rest| !rest.is_empty());
    (words.contains(&text) || starts.iter().any(goes_on)).then(|| Url::new(text))
}

fn not_empty(raw: &Raw) -> Option<String> {
    match raw {
        Raw::Text(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    }
}

fn list<T>(
    raw: &Raw,
    read: fn(&str) -> Option<T>,
    expected: &'static str,
    example: &'static str,
) -> Result<Vec<T>, Refusal> {
    let items = raw.items();
    let bad: Vec<&str> = items.iter().copied().filter(|item| read(item).is_none()).collect();
    if bad.is_empty() {
        Ok(items.into_iter().filter_map(read).collect())
    } else {
        Err(Refusal::of_items(&bad, expected, example))
    }
}

/// Stands in for what must not be shown.
fn hidden() -> Raw {
    Raw::Bare("***".to_owned())
}

/// The name goes into paths and into a column.
fn as_pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let named = (1..=32).contains(&name.len()) && name.bytes().all(letter);
    (named && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
}

fn as_address(text: &str) -> Option<SocketAddr> {
    text.parse().ok()
}

/// Lower case and without a slash at the end, to be compared with an `Origin` header byte by byte. A `*` is none,
/// since browsers refuse it together with credentials.
fn as_origin(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))?;
    let is_host = !host.is_empty() && !host.contains(['/', '?', '#', '@', '*', ' ']);
    is_host.then_some(text)
}

fn as_number<T: TryFrom<u64>>(text: &str) -> Option<T> {
    text.parse::<u64>().ok().and_then(|number| T::try_from(number).ok())
}

fn as_size(text: &str) -> Option<usize> {
    let (number, unit) = number_and_unit(text)?;
    let shift = match unit {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return None,
    };
    usize::try_from(number.checked_mul(1 << shift)?).ok()
}

fn as_duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit.trim_start()))
}
