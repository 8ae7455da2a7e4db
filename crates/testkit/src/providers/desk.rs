//! What a provider knows: its client, who is signed in there, and what it gave out.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use types::Clock;

use super::{Brand, Twist};
use crate::StillClock;

/// Somebody with an account at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What the provider calls them.
    pub subject: String,
    /// Their address, if they let others know it.
    pub email: Option<String>,
    /// Whether they proved it there.
    pub email_verified: bool,
    /// Their name.
    pub name: String,
}

impl Person {
    /// Somebody with an address that they proved there.
    pub fn proved(subject: &str, email: &str) -> Self {
        Self {
            subject: subject.into(),
            email: Some(email.into()),
            email_verified: true,
            name: "Анна Ї".into(),
        }
    }

    /// Somebody with an address that they did not prove.
    pub fn unproved(subject: &str, email: &str) -> Self {
        Self { email_verified: false, ..Self::proved(subject, email) }
    }

    /// Somebody without an address.
    pub fn silent(subject: &str) -> Self {
        Self { email: None, email_verified: false, ..Self::proved(subject, "") }
    }
}

/// What a code was given for.
#[derive(Debug, Clone)]
pub struct Given {
    pub person: Person,
    pub challenge: String,
    pub state: String,
    pub nonce: Option<String>,
    pub device: String,
    used: bool,
}

impl Given {
    pub fn new(person: Person, challenge: &str, state: &str, nonce: Option<&String>, device: String) -> Self {
        let (challenge, state) = (challenge.to_owned(), state.to_owned());
        Self { person, challenge, state, nonce: nonce.cloned(), device, used: false }
    }
}

pub struct Desk {
    pub brand: Brand,
    pub url: String,
    pub redirect_uri: String,
    pub clock: StillClock,
    book: Mutex<Book>,
}

struct Book {
    person: Person,
    twists: Vec<Twist>,
    codes: HashMap<String, Given>,
    tokens: HashMap<String, Given>,
    asked: BTreeMap<&'static str, usize>,
    refused: Vec<String>,
    number: usize,
}

impl Desk {
    pub fn new(brand: Brand, url: &str, redirect_uri: &str, clock: &StillClock) -> Self {
        let book = Book {
            person: Person::proved("1001", "anna@example.org"),
            twists: Vec::new(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            asked: BTreeMap::new(),
            refused: Vec::new(),
            number: 0,
        };
        let (url, redirect_uri) = (url.to_owned(), redirect_uri.to_owned());
        Self { brand, url, redirect_uri, clock: clock.clone(), book: Mutex::new(book) }
    }

    pub fn seat(&self, person: Person) {
        self.book().person = person;
    }

    pub fn person(&self) -> Person {
        self.book().person.clone()
    }

    pub fn twist(&self, twists: &[Twist]) {
        self.book().twists = twists.to_vec();
    }

    pub fn does(&self, twist: Twist) -> bool {
        self.book().twists.contains(&twist)
    }

    pub fn count(&self, door: &'static str) {
        *self.book().asked.entry(door).or_default() += 1;
    }

    pub fn asked(&self, door: &str) -> usize {
        self.book().asked.get(door).copied().unwrap_or_default()
    }

    pub fn refused(&self) -> Vec<String> {
        std::mem::take(&mut self.book().refused)
    }

    /// A word that was not given out before.
    pub fn word(&self, of: &str) -> String {
        let mut book = self.book();
        book.number += 1;
        format!("{of}-{}", book.number)
    }

    pub fn give_code(&self, given: Given) -> String {
        let code = self.word("code");
        self.book().codes.insert(code.clone(), given);
        code
    }

    /// What the code was given for; each once.
    pub fn take_code(&self, code: &str) -> Option<Given> {
        let mut book = self.book();
        let given = book.codes.get_mut(code).filter(|given| !given.used)?;
        given.used = true;
        Some(given.clone())
    }

    pub fn give_token(&self, of: &str, given: &Given) -> String {
        let token = self.word(of);
        self.book().tokens.insert(token.clone(), given.clone());
        token
    }

    pub fn token(&self, token: &str) -> Option<Given> {
        self.book().tokens.get(token).cloned()
    }

    pub fn take_token(&self, token: &str) -> Option<Given> {
        self.book().tokens.remove(token)
    }

    pub fn now(&self) -> i64 {
        self.clock.now().seconds()
    }

    /// A refusal as OAuth has it, with what is really wrong for the test to read.
    pub fn refuse(&self, status: StatusCode, error: &str, why: &str) -> Response {
        self.book().refused.push(why.to_owned());
        (status, Json(json!({"error": error, "error_description": why}))).into_response()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A query or a form. Of a name that stands there twice the last counts.
pub fn pairs(text: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}
