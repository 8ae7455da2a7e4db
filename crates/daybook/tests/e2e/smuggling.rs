//! Requests that two readers could read differently: refused before anybody reads them.

use testkit::Engine;

use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_readers_could_see_differently_are_refused() {
    let house = House::with(Engine::Embedded, &[("DAYBOOK_LIMITS_HEADER_TIMEOUT", "200ms")]).await;
    for odd in [
        // Folded headers.
        "GET /health HTTP/1.1\r\nhost: x\r\nx-a: 1\r\n 2\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: x\r\nx-a: 1\r\n\ttransfer-encoding: chunked\r\n\r\n",
        "GET /health HTTP/1.1\r\n host: x\r\n\r\n",
        // A name that ends before its colon.
        "GET /health HTTP/1.1\r\nhost: x\r\ncontent-length : 0\r\n\r\n",
        // Line feeds, and carriage returns, alone.
        "GET /health HTTP/1.1\nhost: x\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: x\n\r\n",
        "GET /health HTTP/1.1\r\nhost: x\r\nx-a: 1\nx-b: 2\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: x\r\n\n",
        "GET /health HTTP/1.1\nhost: x\n\n",
        "GET /health HTTP/1.1\r\nhost: x\r\nx-a: 1\rx-b: 2\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: x\r\nx-a: \0\r\n\r\n",
    ] {
        let said = house.raw(odd).await;
        // A head that has not ended for us is one that takes too long, and that is cut off without a word.
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 400 "), "{odd:?}: {said}");
        assert!(said.matches("HTTP/1.1 ").count() <= 1, "{odd:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_that_readers_could_see_differently_are_refused() {
    let house = House::new().await;
    for body in [
        "2\n{}\r\n0\r\n\r\n",
        "2\r\n{}\n0\r\n\r\n",
        "0x2\r\n{}\r\n0\r\n\r\n",
        "+2\r\n{}\r\n0\r\n\r\n",
        "2 x\r\n{}\r\n0\r\n\r\n",
    ] {
        let request = format!(
            "POST /login HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{body}"
        );
        let said = house.raw(request).await;
        assert!(said.starts_with("HTTP/1.1 400 "), "{body:?}: {said}");
    }
}
