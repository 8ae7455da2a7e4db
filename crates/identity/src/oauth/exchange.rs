//! From a code to a person: the exchange, and what the provider then says, with each one's quirks.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use types::{Error, Result, Timestamp};
use url::form_urlencoded::byte_serialize;

use super::dance::Dance;
use super::id_token::{self, Expected};
use super::outward::{Answer, Outward, safe};
use super::profile::{Facebook, Profile, Subject, Userinfo, Vk, Yandex};
use super::provider::{Endpoints, Kind, Provider};
use super::texts::UNPROVEN;

/// What a browser came back with, where all of it belongs to the dance.
pub struct Proof<'p> {
    /// What it left with.
    pub dance: &'p Dance,
    /// What the provider gave it.
    pub code: &'p str,
    /// The device that VK ID knows it by.
    pub device: Option<&'p str>,
}

/// What a code is exchanged for.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: Option<String>,
    id_token: Option<String>,
    state: Option<String>,
    user_id: Option<Subject>,
}

#[derive(Deserialize)]
struct Refused {
    error: serde_json::Value,
}

impl Provider {
    /// Who the provider says that this is.
    pub async fn prove(&self, outward: &Outward, proof: &Proof<'_>, now: Timestamp) -> Result<Profile> {
        let profile = match &self.settings.kind {
            Kind::Oidc { .. } | Kind::Google { .. } => self.by_id_token(outward, proof, now).await?,
            Kind::Facebook(ends) | Kind::Vk(ends) | Kind::Yandex(ends) => {
                self.by_profile(outward, ends, proof).await?
            }
        };
        profile.cleaned().ok_or_else(|| self.unproven("it does not say whom it means"))
    }

    async fn by_id_token(&self, outward: &Outward, proof: &Proof<'_>, now: Timestamp) -> Result<Profile> {
        let nothing = || Error::internal("a provider of OpenID Connect has nothing to discover");
        let discovery = self.discovery.as_ref().ok_or_else(nothing)?;
        let metadata = discovery.metadata(outward, now).await?;
        let in_form = metadata.wants_secret_in_form();
        let tokens = self.redeem(outward, &metadata.token_endpoint, &code_form(self, proof), in_form).await?;
        let token = tokens.id_token.as_deref().ok_or_else(|| self.unproven("it gives no id token"))?;
        let kid = id_token::key_name(token).map_err(|wrong| self.unproven(wrong))?;
        let keys = discovery.keys(outward, kid.as_deref(), now).await?;
        let expected = Expected {
            is_issuer: &|issuer| self.is_issuer(issuer),
            signs_with: &|algorithm| metadata.signs_with(algorithm),
            client_id: &self.settings.client_id,
            nonce: &proof.dance.nonce,
            now,
        };
        let signed = id_token::verified(token, &keys, &expected).map_err(|wrong| self.unproven(wrong))?;
        let Some(place) = &metadata.userinfo_endpoint else { return Ok(signed) };
        let said = outward.get(place, Some(&format!("Bearer {}", tokens.access_token))).await?;
        let said: Userinfo = self.read(&said)?;
        said.beside(signed).ok_or_else(|| self.unproven("its userinfo is about somebody else"))
    }

    async fn by_profile(&self, outward: &Outward, ends: &Endpoints, proof: &Proof<'_>) -> Result<Profile> {
        let mut tokens = self.redeem(outward, &ends.token, &code_form(self, proof), true).await?;
        let stranger =
            |tokens: &Tokens| tokens.state.as_deref().is_some_and(|it| !proof.dance.is_answered_by(it));
        if stranger(&tokens) {
            return Err(self.unproven("its tokens belong to another dance"));
        }
        let mut said = self.ask_profile(outward, ends, &tokens.access_token).await?;
        // A token may be over before it is used once; what it was given with asks for another.
        if let (true, Some(refresh)) = (is_unknown(&said), &tokens.refresh_token) {
            let form = refresh_form(self, proof, refresh);
            let renewed = self.redeem(outward, &ends.token, &form, true).await?;
            said = self.ask_profile(outward, ends, &renewed.access_token).await?;
            tokens.user_id = renewed.user_id.or(tokens.user_id);
        }
        let profile: Profile = match &self.settings.kind {
            Kind::Facebook(_) => self.read::<Facebook>(&said)?.into(),
            Kind::Vk(_) => self.read::<Vk>(&said)?.into(),
            _ => {
                let said: Yandex = self.read(&said)?;
                if said.client_id != self.settings.client_id {
                    return Err(self.unproven("its token was made for somebody else"));
                }
                said.into()
            }
        };
        match tokens.user_id {
            Some(Subject(user)) if user != profile.subject => {
                Err(self.unproven("its profile is about somebody else"))
            }
            _ => Ok(profile),
        }
    }

    async fn ask_profile(&self, outward: &Outward, ends: &Endpoints, token: &str) -> Result<Answer> {
        let settings = &self.settings;
        match &settings.kind {
            Kind::Vk(_) => {
                let form = [("client_id", settings.client_id.as_str()), ("access_token", token)];
                outward.post(&ends.profile, &form, None).await
            }
            Kind::Facebook(_) => {
                let mut place = safe(&ends.profile)?;
                place.query_pairs_mut().append_pair("fields", "id,name,email");
                if let Some(secret) = &settings.client_secret {
                    place.query_pairs_mut().append_pair("appsecret_proof", &secret_proof(secret, token));
                }
                outward.get(place.as_str(), Some(&format!("Bearer {token}"))).await
            }
            _ => {
                let mut place = safe(&ends.profile)?;
                place.query_pairs_mut().append_pair("format", "json");
                outward.get(place.as_str(), Some(&format!("OAuth {token}"))).await
            }
        }
    }

    /// Exchanges what is in the form for tokens.
    async fn redeem(
        &self,
        outward: &Outward,
        place: &str,
        form: &[(&str, &str)],
        secret_in_form: bool,
    ) -> Result<Tokens> {
        let (mut form, client_id) = (form.to_vec(), self.settings.client_id.as_str());
        let secret = self.settings.client_secret.as_deref();
        let basic = secret.filter(|_| !secret_in_form).map(|secret| basic(client_id, secret));
        if basic.is_none() {
            form.push(("client_id", client_id));
            form.extend(secret.map(|secret| ("client_secret", secret)));
        }
        let answer = outward.post(place, &form, basic.as_deref()).await?;
        self.read(&answer)
    }

    /// What the provider says; a refusal says nothing about anybody. Some refuse with a success.
    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T> {
        if answer.status.is_server_error() {
            return Err(answer.failed());
        }
        if let Ok(Refused { error }) = answer.json::<Refused>() {
            // The whole of it may hold a token; its code is a word.
            let code = error.get("type").or(Some(&error)).and_then(serde_json::Value::as_str);
            let code: String = code.unwrap_or("error").chars().take(64).collect();
            tracing::warn!(provider = %self.settings.name, code, "a provider refuses what a browser brought");
            return Err(Error::Unauthenticated(UNPROVEN));
        }
        if answer.status.is_success() { answer.json() } else { Err(answer.failed()) }
    }

    /// The provider's word proves nothing, for this reason.
    pub fn unproven(&self, why: &'static str) -> Error {
        tracing::warn!(provider = %self.settings.name, why, "a provider's word was not taken");
        Error::Unauthenticated(UNPROVEN)
    }
}

fn code_form<'f>(provider: &'f Provider, proof: &'f Proof<'_>) -> Vec<(&'static str, &'f str)> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", proof.code),
        ("redirect_uri", &provider.redirect_uri),
        ("code_verifier", &proof.dance.verifier),
    ];
    form.extend(of_device(provider, proof));
    form
}

fn refresh_form<'f>(
    provider: &'f Provider,
    proof: &'f Proof<'_>,
    token: &'f str,
) -> Vec<(&'static str, &'f str)> {
    let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
    form.extend(of_device(provider, proof));
    form
}

/// What VK ID wants with every token it gives.
fn of_device<'f>(provider: &Provider, proof: &'f Proof<'_>) -> Vec<(&'static str, &'f str)> {
    match (&provider.settings.kind, proof.device) {
        (Kind::Vk(_), Some(device)) => vec![("device_id", device), ("state", &proof.dance.state)],
        _ => Vec::new(),
    }
}

fn is_unknown(answer: &Answer) -> bool {
    answer.status == axum::http::StatusCode::UNAUTHORIZED
}

/// Who asks, as a header: both parts are encoded first, since either may hold a colon.
fn basic(client_id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(client_id), encoded(secret));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

/// Facebook's proof that whoever shows a token also has the secret, so that a stolen token alone opens nothing.
fn secret_proof(secret: &str, token: &str) -> String {
    // A key of any length is one, so that there is nothing to fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(token.as_bytes());
    mac.finalize().into_bytes().iter().fold(String::new(), |proof, byte| proof + &format!("{byte:02x}"))
}
