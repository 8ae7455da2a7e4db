//! What an operator lets be called beyond the open internet.

use std::net::IpAddr;

use types::{Error, Result};
use url::Host;

use super::addresses::is_in;

/// Networks and hosts, by their names.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    nets: Vec<(IpAddr, u8)>,
    names: Vec<String>,
}

impl Allowed {
    /// From `10.1.0.0/16`, `fd00::/8`, `192.168.1.7` or `hooks.home.arpa`.
    pub fn read(list: &[impl AsRef<str>]) -> Result<Self> {
        let mut allowed = Self::default();
        for entry in list.iter().map(AsRef::as_ref) {
            if let Some(net) = net(entry) {
                allowed.nets.push(net);
            } else if let (false, Ok(Host::Domain(name))) = (entry.contains('*'), Host::parse(entry)) {
                // A star would be a name like any other, and let nothing be called.
                allowed.names.push(bare(&name).to_owned());
            } else {
                return Err(Error::internal(format!(
                    "`{entry}`, which webhooks may call, is neither a network like 10.1.0.0/16 nor an address nor a host"
                )));
            }
        }
        Ok(allowed)
    }

    /// Whether that host was named.
    pub fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == bare(name))
    }

    /// Whether that address is in a network that was named.
    pub fn has_address(&self, address: IpAddr) -> bool {
        self.nets.iter().any(|(net, bits)| is_in(address, *net, *bits))
    }
}

/// A name with a dot behind it is the same.
pub fn bare(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn net(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
    Some((address, bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_addresses_and_names_can_be_allowed() {
        let list = ["10.1.0.0/16", "fd00::/8", "192.168.1.7", "Hooks.Home.arpa.", "приклад.укр"];
        let allowed = Allowed::read(&list).unwrap();
        for (address, is_allowed) in [
            ("10.1.255.255", true),
            ("10.2.0.0", false),
            ("fdff::1", true),
            ("fc00::1", false),
            ("192.168.1.7", true),
            ("192.168.1.8", false),
            ("::", false),
        ] {
            assert_eq!(allowed.has_address(address.parse().unwrap()), is_allowed, "{address}");
        }
        assert!(allowed.has_name("hooks.home.arpa") && allowed.has_name("xn--80aikifvh.xn--j1amh"));
        assert!(!allowed.has_name("home.arpa") && !allowed.has_name("x.hooks.home.arpa"));
        assert!(Allowed::read(&["0.0.0.0/0"]).unwrap().has_address("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_is_neither_is_told() {
        for bad in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/x",
            "fd00::/129",
            "http://example.org",
            "a b",
            "256.1.1.1",
            "*",
            "*.home.arpa",
            "10/8",
        ] {
            let error = Allowed::read(&[bad]).unwrap_err().to_string();
            assert!(error.contains(&format!("`{bad}`")), "{error}");
        }
    }
}
