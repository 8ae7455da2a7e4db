//! Addresses that may carry a password, which must never reach a log or a terminal.

use std::fmt;

/// Where something is reached. It prints itself without its password; `as_str` is for the one who connects.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The whole address, password included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is nothing set?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(&self.0))
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", without_password(&self.0))
    }
}

/// The address with `***` for what is secret in it: `postgres://user:***@host/db`.
///
/// It is meant for mistyped addresses too, so it hides rather too much: the password ends at the last `@` of all.
pub fn without_password(url: &str) -> String {
    let (rest, parameters) = match url.rsplit_once('?') {
        // A `?` before the `@` is part of a password that somebody forgot to escape.
        Some((rest, parameters)) if !parameters.contains('@') => (rest, Some(parameters)),
        _ => (url, None),
    };
    let shown = without_user_password(rest);
    match parameters {
        Some(parameters) => format!("{shown}?{}", without_secret_parameters(parameters)),
        None => shown,
    }
}

fn without_user_password(url: &str) -> String {
    let Some((before, host)) = url.rsplit_once('@') else { return url.to_owned() };
    let (scheme, user) = match before.split_once("://") {
        Some((scheme, user)) => (format!("{scheme}://"), user),
        None => (String::new(), before),
    };
    match user.split_once(':') {
        Some((name, _)) => format!("{scheme}{name}:***@{host}"),
        // NATS takes a token in the place of a user name.
        None if scheme == "nats://" => format!("{scheme}***@{host}"),
        None => url.to_owned(),
    }
}

fn without_secret_parameters(parameters: &str) -> String {
    let hide = |parameter: &str| match parameter.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=***"),
        _ => parameter.to_owned(),
    };
    parameters.split('&').map(hide).collect::<Vec<_>>().join("&")
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    ["pass", "secret", "token", "key"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hidden_and_the_rest_is_shown() {
        for (url, shown) in [
            ("postgres://user:secret@host/db", "postgres://user:***@host/db"),
            ("mysql://user:s:e@c/r?e#t@host:3306/db", "mysql://user:***@host:3306/db"),
            ("redis://:secret@host:6379/0", "redis://:***@host:6379/0"),
            ("postgres://user:secret@host/db?sslmode=require", "postgres://user:***@host/db?sslmode=require"),
            ("postgres://host/db?user=u&password=secret", "postgres://host/db?user=u&password=***"),
            ("nats://secret@host:4222", "nats://***@host:4222"),
        ] {
            assert_eq!(without_password(url), shown);
            assert_eq!(Url::new(url).to_string(), shown);
            assert_eq!(format!("{:?}", Url::new(url)), format!("\"{shown}\""));
        }
    }

    #[test]
    fn a_password_is_hidden_in_an_address_that_is_mistyped() {
        assert_eq!(without_password("postgres//user:secret@host/db"), "postgres//user:***@host/db");
        assert_eq!(without_password("postgres:user:secret@host/db"), "postgres:***@host/db");
        assert_eq!(without_password("user:secret@host"), "user:***@host");
    }

    #[test]
    fn an_address_without_a_password_stays_as_it_is() {
        for url in
            ["", "memory", "sqlite:./a.db", "redis://host:6379", "postgres://user@host/db", "127.0.0.1:8080"]
        {
            assert_eq!(without_password(url), url);
        }
    }
}
