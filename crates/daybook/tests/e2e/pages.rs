//! `/`, `/app/…`, `/swagger/…`.

use daybook::domains::openapi;
use serde_json::Value;

use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_is_there_and_strict() {
    let house = House::new().await;
    let page = house.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    let again = house.with("if-none-match", page.header("etag")).get("/").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_is_shown_as_it_is_promised() {
    let house = House::new().await;
    let page = house.get("/swagger/index.html").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("swagger"));
    let promised: Value = serde_json::from_str(&openapi().to_json().unwrap()).unwrap();
    assert_eq!(house.get("/api/v1/openapi.json").await.is(200), promised);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leads_out_of_the_pages() {
    let house = House::new().await;
    for path in [
        "/app/../../etc/passwd",
        "/app/%2e%2e/%2e%2e/etc/passwd",
        "/app/assets/nothing.js",
        "/swagger/../x",
        "//",
    ] {
        house.get(path).await.is(404);
    }
}
