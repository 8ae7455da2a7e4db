//! What a browser gets for each file of the pages.

#![cfg(test)]

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use tower::ServiceExt;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: impl AsRef<str>) -> &str {
        self.headers.get(name.as_ref()).map_or("", |value| value.to_str().unwrap())
    }
}

async fn ask(method: Method, path: &str, if_none_match: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(tag) = if_none_match {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let response = web::routes().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

async fn get(path: &str) -> Answer {
    ask(Method::GET, path, None).await
}

#[tokio::test]
async fn each_kind_of_file_has_its_media_type() {
    for (path, expected) in [
        ("/", "text/html; charset=utf-8"),
        ("/app", "text/html; charset=utf-8"),
        ("/app/", "text/html; charset=utf-8"),
        ("/app/assets/theme.css", "text/css; charset=utf-8"),
        ("/app/assets/api.js", "text/javascript; charset=utf-8"),
        ("/app/assets/icon.svg", "image/svg+xml"),
        ("/app/assets/manifest.webmanifest", "application/manifest+json"),
    ] {
        let answer = get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, expected), "{path}");
    }
}

#[tokio::test]
async fn every_file_in_the_folder_is_served_as_it_is() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap();
        let name = file.file_name().into_string().unwrap();
        let path = if name == "index.html" { "/".into() } else { format!("/app/assets/{name}") };
        let answer = get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{name} is missing in the table");
        assert!(answer.body == std::fs::read(file.path()).unwrap(), "{name} has other content");
        assert_ne!(answer.header("content-type"), "application/octet-stream", "{name} has no media type");
    }
}

#[tokio::test]
async fn a_page_may_run_only_what_the_house_serves() {
    let answer = get("/").await;
    let policy = answer.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.split("; ").any(|part| part == rule), "{rule} is missing in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn a_browser_that_has_the_file_is_told_so() {
    let first = get("/app/assets/api.js").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "a strong tag: {tag}");
    assert_eq!(first.header("cache-control"), "no-cache");

    for known in [tag.clone(), format!("W/{tag}"), format!("\"old\", {tag}"), "*".into()] {
        let again = ask(Method::GET, "/app/assets/api.js", Some(&known)).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{known}");
        assert!(again.body.is_empty());
        assert_eq!(again.header("etag"), tag);
        assert_eq!(again.header("cache-control"), "no-cache");
        assert_eq!(again.header("content-length"), first.header("content-length"));
    }
}

#[tokio::test]
async fn a_browser_that_has_another_version_gets_the_new_one() {
    let other = get("/app/assets/theme.css").await.header("etag").to_owned();
    let answer = ask(Method::GET, "/app/assets/api.js", Some(&other)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.body.is_empty());
}

#[tokio::test]
async fn head_answers_like_get_without_the_content() {
    let (got, head) = (get("/").await, ask(Method::HEAD, "/", None).await);
    assert_eq!(head.status, StatusCode::OK);
    assert!(head.body.is_empty());
    assert_eq!(head.header("content-length"), got.body.len().to_string());
    assert_eq!(head.header("etag"), got.header("etag"));
    assert_eq!(head.header("content-type"), got.header("content-type"));
}

#[tokio::test]
async fn what_is_no_file_of_the_pages_is_not_served() {
    for path in [
        "/index.html",
        "/favicon.ico",
        "/tasks",
        "/login",
        "/app/assets/",
        "/app/assets/index.html",
        "/app/assets/no-such.js",
        "/app/assets/../src/lib.rs",
        "/app/assets/%2e%2e/Cargo.toml",
        "/assets/api.js",
    ] {
        assert_eq!(get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_file_can_only_be_read() {
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        assert_eq!(ask(method, "/", None).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
