//! A corner of a real broker that a test has to itself.

/// Where it is, and what nobody else's names begin with.
#[derive(Debug, Clone)]
pub struct Kafka {
    /// The broker of `DAYBOOK_TEST_KAFKA`: `kafka://HOST:PORT`.
    pub url: String,
    /// For the names of topics and groups: all tests share the broker.
    pub prefix: String,
}

/// A corner of its own for each call. Whoever calls it is `#[ignore = "needs Kafka"]` and has `kafka` in its name.
#[expect(clippy::disallowed_methods, reason = "tests run side by side and must not meet")]
pub fn kafka() -> Kafka {
    let url = std::env::var("DAYBOOK_TEST_KAFKA").expect("DAYBOOK_TEST_KAFKA must name a broker");
    let prefix = format!("test-{:016x}-", getrandom::u64().expect("randomness"));
    Kafka { url, prefix }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::kafka;

    #[test]
    #[ignore = "needs Kafka"]
    fn two_corners_are_on_one_broker_that_listens_and_never_meet() {
        let (one, other) = (kafka(), kafka());
        assert_eq!(one.url, other.url);
        assert_ne!(one.prefix, other.prefix);
        TcpStream::connect(one.url.strip_prefix("kafka://").unwrap()).unwrap();
    }
}
