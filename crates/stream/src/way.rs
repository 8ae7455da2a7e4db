//! Which way the facts of a topic go.

/// The port of a broker whose address names none.
const PORT: u16 = 9092;
/// What our names begin with on a cluster when the address does not say.
const PREFIX: &str = "daybook";

/// The way of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Consumers read the table.
    Table,
    /// A relay feeds a cluster, and consumers are groups there.
    Kafka(Address),
}

/// Where a cluster is, and what is ours on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `host:port,host:port`
    pub brokers: String,
    /// What our topics and groups begin with, so that several houses can share a cluster.
    pub prefix: String,
}

impl Way {
    /// Reads `table` or `kafka://host:port,host:port/prefix`; otherwise what was expected, to go after "is not".
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "table" {
            return Ok(Self::Table);
        }
        let (scheme, rest) = text.split_once("://").unwrap_or((text, ""));
        match scheme {
            "kafka" => Address::parse(rest).map(Self::Kafka),
            _ if scheme.starts_with("kafka") => {
                Err("a Kafka without TLS and SASL, the only one this Daybook can speak to")
            }
            "nats" => Err("a way that this Daybook knows; it does not speak NATS"),
            _ => Err("a way for facts"),
        }
    }
}

impl Address {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains('@') {
            return Err("a Kafka without a user and password, which this Daybook cannot send");
        }
        if text.contains('?') {
            return Err("a Kafka address, which takes no parameters");
        }
        let (hosts, prefix) = text.split_once('/').unwrap_or((text, PREFIX));
        let brokers: Option<Vec<String>> = hosts.split(',').map(|host| broker(host.trim())).collect();
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !(1..=60).contains(&prefix.len()) || !prefix.bytes().all(letter) {
            return Err(
                "a Kafka address whose path is a prefix for names of topics: 1 to 60 letters, digits, `.`, `_`, `-`",
            );
        }
        let brokers = brokers.ok_or("a list of brokers, host:port with commas between them")?;
        Ok(Self { brokers: brokers.join(","), prefix: prefix.to_owned() })
    }

    /// What one of our topics or groups is called there.
    pub fn name(&self, ours: &str) -> String {
        format!("{}.{ours}", self.prefix)
    }
}

/// A broker with its port.
fn broker(text: &str) -> Option<String> {
    // An IPv6 address has its colons between brackets.
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (text, PORT),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let bracketed = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let good =
        bracketed.map_or_else(|| !host.is_empty() && host.bytes().all(plain), |inner| inner.contains(':'));
    (good && port != 0).then(|| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kafka(brokers: &str, prefix: &str) -> Way {
        Way::Kafka(Address { brokers: brokers.to_owned(), prefix: prefix.to_owned() })
    }

    #[test]
    fn a_cluster_is_its_brokers_and_a_prefix() {
        assert_eq!(Way::parse("table"), Ok(Way::Table));
        assert_eq!(Way::parse("kafka://a"), Ok(kafka("a:9092", "daybook")));
        assert_eq!(
            Way::parse("kafka://a:1,b.c:2, [::1]:3,[::1]/my-house"),
            Ok(kafka("a:1,b.c:2,[::1]:3,[::1]:9092", "my-house"))
        );
        let Ok(Way::Kafka(address)) = Way::parse("kafka://a") else { panic!("it is one") };
        assert_eq!(address.name("tasks"), "daybook.tasks");
    }

    #[test]
    fn what_cannot_be_is_named() {
        let refused = |text| Way::parse(text).unwrap_err();
        assert!(refused("kafka+ssl://a").contains("TLS"));
        assert!(refused("kafka://me:secret@a").contains("password"));
        assert!(refused("kafka://a?acks=1").contains("parameters"));
        assert!(refused("nats://a").contains("NATS"));
        for bad in [
            "kafka://",
            "kafka://a:b",
            "kafka://a,,b",
            "kafka://a:0",
            "kafka://a:70000",
            "kafka://a/",
            "kafka://a/b/c",
        ] {
            assert!(Way::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(refused("pigeon"), "a way for facts");
        assert_eq!(refused("kafka"), "a list of brokers, host:port with commas between them");
    }
}
