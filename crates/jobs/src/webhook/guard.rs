//! Whom the house calls when somebody asks it to: nobody on its own networks, unless its operator says so.

use std::net::IpAddr;

use hyper::Uri;
use types::check::TOO_LONG;
use types::{Phrase, Result as Configured};
use url::{Host, Url};

use super::addresses::{is_public, meant};
use super::allowed::{Allowed, bare};
use super::texts::{BAD_PORT, BAD_URL, CREDENTIALS, REFUSED};

/// Bytes of an address.
const LONGEST: usize = 2_000;
/// Those that web servers have of the ports that only administrators can open. On the rest of these a POST may mean
/// something, to a mail server for one.
const WEB_PORTS: [u16; 2] = [80, 443];
const FIRST_FREE_PORT: u16 = 1_024;

/// Judges addresses.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowed: Allowed,
}

impl Guard {
    /// Lets the whole internet be called, and beyond it these networks (`10.1.0.0/16`), addresses and hosts.
    pub fn new(allow: &[impl AsRef<str>]) -> Configured<Self> {
        Ok(Self { allowed: Allowed::read(allow)? })
    }

    /// An address as somebody wrote it, if it can be one at all: what its name leads to is judged when it is called.
    pub fn read(&self, text: &str) -> Result<Url, Phrase> {
        if text.len() > LONGEST {
            return Err(TOO_LONG.with([&LONGEST]));
        }
        // Browsers drop line breaks and tabs, so that what is called would not be what was read.
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(BAD_URL.into());
        }
        let mut url = Url::parse(text).map_err(|_| BAD_URL)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(CREDENTIALS.into());
        }
        if let Some(Host::Domain(name)) = url.host() {
            let name = bare(name).to_owned();
            if name.split('.').any(str::is_empty) {
                return Err(BAD_URL.into());
            }
            url.set_host(Some(&name)).map_err(|_| BAD_URL)?;
        }
        url.set_fragment(None);
        let port = url.port_or_known_default();
        let (true, Some(host), Some(port)) = (matches!(url.scheme(), "https" | "http"), url.host(), port)
        else {
            return Err(BAD_URL.into());
        };
        self.judge_host(&host, port)?;
        // Some signs that a URL may have, a request may not.
        if url.as_str().len() > LONGEST || url.as_str().parse::<Uri>().is_err() {
            return Err(BAD_URL.into());
        }
        Ok(url)
    }

    /// Whether the host may be called at these addresses, all that its name leads to.
    pub fn judge(&self, host: &Host<&str>, addresses: &[IpAddr]) -> Result<(), Phrase> {
        let is_named = matches!(host, Host::Domain(name) if self.allowed.has_name(name));
        let is_fine = is_named || addresses.iter().all(|address| self.may_call(*address));
        // Where the name leads inside is nobody's business.
        if is_fine { Ok(()) } else { Err(REFUSED.with([host])) }
    }

    fn judge_host(&self, host: &Host<&str>, port: u16) -> Result<(), Phrase> {
        let (address, is_allowed) = match host {
            Host::Domain(name) => (None, self.allowed.has_name(name)),
            Host::Ipv4(address) => (Some(IpAddr::V4(*address)), self.is_allowed((*address).into())),
            Host::Ipv6(address) => (Some(IpAddr::V6(*address)), self.is_allowed((*address).into())),
        };
        if port == 0 || (port < FIRST_FREE_PORT && !WEB_PORTS.contains(&port) && !is_allowed) {
            return Err(BAD_PORT.with([&port]));
        }
        address.map_or(Ok(()), |address| self.judge(host, &[address]))
    }

    fn may_call(&self, address: IpAddr) -> bool {
        is_public(meant(address)) || self.is_allowed(address)
    }

    fn is_allowed(&self, address: IpAddr) -> bool {
        self.allowed.has_address(address) || self.allowed.has_address(meant(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, &'static str> {
        Guard::default().read(text).map(Into::into).map_err(|why| why.text.code)
    }

    #[test]
    fn addresses_of_the_web_are_taken_as_browsers_read_them() {
        for (text, url) in [
            ("https://example.org/hook?a=b", "https://example.org/hook?a=b"),
            ("http://example.org:8080", "http://example.org:8080/"),
            ("HTTPS://Example.ORG:443/x#part", "https://example.org/x"),
            ("https://example.org./x", "https://example.org/x"),
            ("https://приклад.укр/гак", "https://xn--80aikifvh.xn--j1amh/%D0%B3%D0%B0%D0%BA"),
            ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"),
            ("https://134744072/", "https://8.8.8.8/"),
            ("https://example.org/a|b?c={d}\"<e>", "https://example.org/a|b?c={d}%22%3Ce%3E"),
            // What it would lead to is seen when it is called.
            ("http://localhost/", "http://localhost/"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(url), "{text}");
        }
    }

    #[test]
    fn whatever_else_is_written_is_refused() {
        for (text, code) in [
            ("", "bad_webhook_url"),
            ("example.org/hook", "bad_webhook_url"),
            ("ftp://example.org/", "bad_webhook_url"),
            ("file:///etc/passwd", "bad_webhook_url"),
            ("gopher://example.org:6379/_x", "bad_webhook_url"),
            ("https:///", "bad_webhook_url"),
            ("https://exa\r\nmple.org/", "bad_webhook_url"),
            ("https://example.org/\r\nX-Injected: 1", "bad_webhook_url"),
            ("https://example.org/a b", "bad_webhook_url"),
            ("https://example.org/\t", "bad_webhook_url"),
            ("https://example.org\u{2028}/", "bad_webhook_url"),
            ("https://example.org..", "bad_webhook_url"),
            ("https://[fe80::1%25eth0]/", "bad_webhook_url"),
            ("https://anna@example.org/", "webhook_url_credentials"),
            ("https://anna:hunter2@example.org/", "webhook_url_credentials"),
            ("https://8.8.8.8@10.0.0.1/", "webhook_url_credentials"),
            ("https://example.org:0/", "webhook_url_port"),
            ("http://example.org:25/", "webhook_url_port"),
            ("https://example.org:22/", "webhook_url_port"),
            (&format!("https://example.org/{}", "x".repeat(2_000)), "too_long"),
            (&format!("https://example.org/{}", "ї".repeat(900)), "bad_webhook_url"),
        ] {
            assert_eq!(read(text), Err(code), "{text:.60}");
        }
    }

    #[test]
    fn an_inner_address_is_known_in_every_spelling() {
        for text in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "127。0。0。1",
            "①②⑦.0.0.1",
            "0",
            "169.254.169.254",
            "0xa9fea9fe",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[::127.0.0.1]",
            "[64:ff9b::a9fe:a9fe]",
            "[fd00:ec2::254]",
            "[fe80::1]",
        ] {
            assert_eq!(read(&format!("http://{text}/")), Err("webhook_address_refused"), "{text}");
        }
    }

    #[test]
    fn one_inner_address_among_many_is_enough_to_refuse() {
        let guard = Guard::default();
        let addresses = |list: &[&str]| -> Vec<IpAddr> { list.iter().map(|a| a.parse().unwrap()).collect() };
        let host = Host::Domain("example.org");
        assert!(guard.judge(&host, &addresses(&["8.8.8.8", "2606:4700::1"])).is_ok());
        let refused = guard.judge(&host, &addresses(&["8.8.8.8", "10.0.0.1"])).unwrap_err();
        assert_eq!(
            (refused.text.code, refused.args),
            ("webhook_address_refused", vec!["example.org".to_owned()])
        );
    }

    #[test]
    fn what_an_operator_allows_may_be_called() {
        let guard = Guard::new(&["10.1.0.0/16", "hooks.home.arpa"]).unwrap();
        for text in [
            "http://10.1.2.3/",
            "http://10.1.2.3:81/",
            "http://[::ffff:10.1.2.3]/",
            "http://[64:ff9b::10.1.2.3]/",
            "http://hooks.home.arpa:81/",
        ] {
            assert!(guard.read(text).is_ok(), "{text}");
        }
        assert!(guard.read("http://10.2.0.1/").is_err() && guard.read("http://10.1.2.3:0/").is_err());
        let inside = ["192.168.0.1".parse().unwrap()];
        assert!(guard.judge(&Host::Domain("hooks.home.arpa"), &inside).is_ok());
        assert!(guard.judge(&Host::Domain("other.home.arpa"), &inside).is_err());
    }
}
