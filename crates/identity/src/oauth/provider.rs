//! Providers as data: what each is called, where it is asked, and how it differs from the others.

use std::borrow::Cow;

use types::{Error, Result, Timestamp};
use url::Url;

use super::dance::Dance;
use super::discovery::Discovery;
use super::outward::{Outward, safe};

/// What Google may call itself in an id token beside its issuer.
const GOOGLE_PLAIN: &str = "accounts.google.com";

/// What is set about a provider.
pub struct ProviderSettings {
    /// What it is called in paths.
    pub name: String,
    /// What the house is called there.
    pub client_id: String,
    /// What the house proves itself with there; a public client has none.
    pub client_secret: Option<String>,
    /// What it is asked for.
    pub scopes: Vec<String>,
    /// How it is asked.
    pub kind: Kind,
}

/// Where a provider without discovery is asked.
pub struct Endpoints {
    /// Where browsers go.
    pub authorize: String,
    /// Where codes are exchanged.
    pub token: String,
    /// Where it says who somebody is.
    pub profile: String,
}

/// How a provider is asked.
pub enum Kind {
    /// OpenID Connect, all else by discovery.
    Oidc {
        /// Its issuer.
        issuer: String,
    },
    /// OpenID Connect, with an issuer that has two spellings.
    Google {
        /// Its issuer.
        issuer: String,
    },
    /// OAuth 2; every call is signed with the secret, and there may be no address.
    Facebook(Endpoints),
    /// OAuth 2 with a device that goes along; no secret is needed.
    Vk(Endpoints),
    /// OAuth 2 with an authorization scheme of its own.
    Yandex(Endpoints),
}

/// A provider that can be asked.
pub struct Provider {
    /// What is set about it.
    pub settings: ProviderSettings,
    /// Where it sends browsers back to; always this, byte for byte.
    pub redirect_uri: String,
    /// What it says of itself, where it does.
    pub discovery: Option<Discovery>,
}

impl Provider {
    /// For a house that browsers reach there.
    pub fn new(settings: ProviderSettings, public_url: &str) -> Self {
        let base = public_url.trim_end_matches('/');
        let redirect_uri = format!("{base}/auth/oauth/{}/callback", settings.name);
        let discovery = match &settings.kind {
            Kind::Oidc { issuer } | Kind::Google { issuer } => Some(Discovery::new(issuer)),
            Kind::Facebook(_) | Kind::Vk(_) | Kind::Yandex(_) => None,
        };
        Self { settings, redirect_uri, discovery }
    }

    /// Whether that is who an id token is from.
    pub fn is_issuer(&self, said: &str) -> bool {
        match &self.settings.kind {
            Kind::Google { issuer } => said == issuer || said == GOOGLE_PLAIN,
            Kind::Oidc { issuer } => said == issuer,
            Kind::Facebook(_) | Kind::Vk(_) | Kind::Yandex(_) => false,
        }
    }

    /// Where the browser goes.
    pub async fn door(&self, outward: &Outward, dance: &Dance, now: Timestamp) -> Result<String> {
        let authorize: Cow<'_, str> = match (&self.settings.kind, &self.discovery) {
            (_, Some(discovery)) => {
                discovery.metadata(outward, now).await?.authorization_endpoint.clone().into()
            }
            (Kind::Facebook(ends) | Kind::Vk(ends) | Kind::Yandex(ends), None) => (&ends.authorize).into(),
            (Kind::Oidc { .. } | Kind::Google { .. }, None) => {
                return Err(Error::internal("a provider of OpenID Connect has nothing to discover"));
            }
        };
        let mut door: Url = safe(&authorize)?;
        door.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.settings.scopes.join(" ")),
            ("state", &dance.state),
            ("code_challenge", &dance.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        if self.discovery.is_some() {
            door.query_pairs_mut().append_pair("nonce", &dance.nonce);
        }
        Ok(door.into())
    }
}
