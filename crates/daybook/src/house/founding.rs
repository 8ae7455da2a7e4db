//! Whoever starts an empty house hears how to run it.

use std::net::SocketAddr;

use super::House;
use crate::domains::GATEWAY;

/// The fragment that the secret stands in: browsers send it nowhere.
const PAGE: &str = "/#administrator=";

impl House {
    /// Shows the link that makes the first administrator, while there is none.
    pub(super) async fn invite(&self) {
        let Some(identity) = &self.identity else { return };
        match identity.founding.invitation().await {
            Ok(None) => {}
            Ok(Some(secret)) => tracing::info!(
                link = format!("{}{PAGE}{secret}", self.front()),
                "nobody runs this house yet: open this link to become its administrator"
            ),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "whether somebody runs this house cannot be found out"
            ),
        }
    }

    /// Where browsers find the pages, as far as this process knows.
    fn front(&self) -> String {
        let public = self.config.oauth.public_url.as_str();
        match self.addresses.public.first() {
            _ if !public.is_empty() => public.trim_end_matches('/').to_owned(),
            Some(address) if self.roles.has(GATEWAY) => near(*address, self.config.tls.cert.is_some()),
            _ => String::new(),
        }
    }
}

/// An address as somebody at this machine writes it.
fn near(address: SocketAddr, encrypted: bool) -> String {
    let scheme = if encrypted { "https" } else { "http" };
    if address.ip().is_unspecified() {
        format!("{scheme}://localhost:{}", address.port())
    } else {
        format!("{scheme}://{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_one_that_a_browser_on_this_machine_can_open() {
        for (address, encrypted, link) in [
            ("127.0.0.1:8080", false, "http://127.0.0.1:8080"),
            ("0.0.0.0:8080", false, "http://localhost:8080"),
            ("[::]:8443", true, "https://localhost:8443"),
            ("[::1]:80", false, "http://[::1]:80"),
        ] {
            assert_eq!(near(address.parse().unwrap(), encrypted), link);
        }
    }
}
