//! Who else may say who somebody is, as the settings have it.

use std::sync::Arc;

use cache::Cache;
use identity::{Endpoints, Kind, ProviderSettings, Providers};
use types::Clock;

use crate::config::{Oauth, Oidc, Secret, Url};

/// Room for dances that have ended: thousands of them in the ten minutes for which they are remembered.
const REMEMBERED_BYTES: usize = 4 << 20;

/// Those that are set up.
pub fn of(oauth: &Oauth, secret: [u8; 32], clock: &Arc<dyn Clock>) -> Providers {
    let Oauth { public_url, google, facebook, vk, yandex, oidc } = oauth;
    let of_google = Kind::Google { issuer: google.issuer.as_str().to_owned() };
    let of_facebook =
        Kind::Facebook(ends(&facebook.authorize_url, &facebook.token_url, &facebook.profile_url));
    let of_vk = Kind::Vk(ends(&vk.authorize_url, &vk.token_url, &vk.profile_url));
    let of_yandex = Kind::Yandex(ends(&yandex.authorize_url, &yandex.token_url, &yandex.profile_url));
    let known = [
        provider("google", &google.client_id, &google.client_secret, &google.scopes, of_google),
        provider("facebook", &facebook.client_id, &facebook.client_secret, &facebook.scopes, of_facebook),
        provider("vk", &vk.client_id, &vk.client_secret, &vk.scopes, of_vk),
        provider("yandex", &yandex.client_id, &yandex.client_secret, &yandex.scopes, of_yandex),
    ];
    let known = known.into_iter().filter(|provider| !provider.client_id.is_empty());
    Providers {
        list: known.chain(others(oidc)).collect(),
        public_url: public_url.as_str().to_owned(),
        secret,
        cache: Cache::in_memory(REMEMBERED_BYTES, clock.clone()),
    }
}

fn provider(name: &str, client_id: &str, secret: &Secret, scopes: &[String], kind: Kind) -> ProviderSettings {
    ProviderSettings {
        name: name.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: secret.shown().map(str::to_owned),
        scopes: scopes.to_vec(),
        kind,
    }
}

fn ends(authorize: &Url, token: &Url, profile: &Url) -> Endpoints {
    let text = |url: &Url| url.as_str().to_owned();
    Endpoints { authorize: text(authorize), token: text(token), profile: text(profile) }
}

/// The providers that are known by their issuers alone.
fn others(oidc: &Oidc) -> impl Iterator<Item = ProviderSettings> {
    oidc.issuers.iter().filter_map(|(name, issuer)| {
        let (_, client_id) = oidc.client_ids.iter().find(|(of, _)| of == name)?;
        let secret = oidc.client_secrets.iter().find(|(of, _)| of == name).map(|(_, secret)| secret.clone());
        let kind = Kind::Oidc { issuer: issuer.clone() };
        Some(provider(name, client_id, &secret.unwrap_or_default(), &oidc.scopes, kind))
    })
}
