//! A browser, as far as the dance needs one: it keeps cookies and goes where it is sent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::client::{Answer, Client};
use super::super::house::PASSWORD;
use super::PUBLIC;

pub struct Browser {
    house: Client,
    pub jar: BTreeMap<String, String>,
    accept: &'static str,
}

impl Browser {
    pub fn new(house: &Client) -> Self {
        Self {
            house: house.clone(),
            jar: BTreeMap::new(),
            accept: "text/html,application/xhtml+xml,*/*;q=0.8",
        }
    }

    /// The same, as a program that reads JSON.
    pub fn program(house: &Client) -> Self {
        Self { accept: "application/json", ..Self::new(house) }
    }

    /// Whoever signs in with a password.
    pub async fn sign_in(&mut self, email: &str) {
        let answer = self.house.post("/auth/login", json!({"email": email, "password": PASSWORD})).await;
        answer.is(200);
        self.keep(&answer);
    }

    /// Asks the house, with its cookies.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let client = self.dressed();
        let client = headers.iter().fold(client, |client, (name, value)| client.with(name, value));
        let answer = client.get(path).await;
        self.keep(&answer);
        answer
    }

    pub async fn delete(&mut self, path: &str) -> Answer {
        self.dressed().delete(path).await
    }

    fn dressed(&self) -> Client {
        let cookies: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let client = self.house.with("accept", self.accept);
        if cookies.is_empty() { client } else { client.with("cookie", &cookies.join("; ")) }
    }

    /// Leaves; the provider's page that it is sent to.
    pub async fn leaves(&mut self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(answer.header("cache-control"), "no-store");
        answer.header("location").to_owned()
    }

    /// Goes to the provider's page, where it is sent back at once: the path in the house.
    pub async fn visits(&self, page: &str) -> String {
        let (host, path) = page.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let answer = Client::new(host.parse().unwrap()).get(&format!("/{path}")).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        answer.header("location").strip_prefix(PUBLIC).unwrap().to_owned()
    }

    /// The whole dance, to the house's last answer.
    pub async fn dances(&mut self, path: &str) -> Answer {
        let page = self.leaves(path).await;
        let back = self.visits(&page).await;
        self.get(&back).await
    }

    /// The same, and it ends at this place.
    #[track_caller]
    pub fn ends_at(answer: &Answer, place: &str) {
        assert_eq!((answer.status, answer.header("location")), (303, place), "{}", answer.text());
    }

    /// Who is signed in with it.
    pub async fn me(&mut self) -> Value {
        self.get("/api/v1/me").await.is(200)
    }

    pub async fn is_nobody(&mut self) {
        self.get("/api/v1/me").await.problem(401, "unauthenticated");
    }

    /// The logins of who is signed in, as providers.
    pub async fn logins(&mut self) -> Vec<String> {
        let logins = self.get("/api/v1/me/logins").await.is(200);
        let items = logins["items"].as_array().unwrap().iter();
        items.map(|login| login["provider"].as_str().unwrap().to_owned()).collect()
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{cookie}");
            if name.starts_with("__Host-") {
                assert!(attributes.contains("Secure") && attributes.contains("Path=/"), "{cookie}");
                assert!(!attributes.contains("Domain"), "{cookie}");
            }
            if attributes.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
