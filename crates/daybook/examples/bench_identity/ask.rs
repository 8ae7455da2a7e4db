//! Asking a running house.

use std::io::Write;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::Outcome;

/// A client with connections that stay open.
pub type House = Client<HttpConnector, Body>;

pub fn client() -> House {
    Client::builder(TokioExecutor::new()).build_http()
}

/// The answer to a request, which must be a good one.
pub async fn ask(
    house: &House,
    url: &str,
    token: &str,
    body: Option<Value>,
) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
    let request = Request::builder()
        .method(if body.is_some() { "POST" } else { "GET" })
        .uri(url)
        .header(CONTENT_TYPE, "application/json")
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))?;
    let answer = house.request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    if status.is_success() {
        Ok(serde_json::from_slice(&body)?)
    } else {
        Err(format!("{url}: {status}").into())
    }
}

/// Somebody with an account, signed in so often.
pub async fn people(url: &str, count: usize) -> Outcome {
    let house = client();
    let credentials = json!({"email": "bench@example.org", "password": "correct horse battery"});
    ask(&house, &format!("{url}/signup"), "", Some(credentials.clone())).await?;
    for _ in 0..count {
        let welcome = ask(&house, &format!("{url}/login"), "", Some(credentials.clone())).await?;
        writeln!(std::io::stdout(), "{}", welcome["refresh_token"].as_str().unwrap_or_default())?;
    }
    Ok(())
}
