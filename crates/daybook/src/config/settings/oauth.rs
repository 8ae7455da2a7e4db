//! Settings about those who vouch for people: Google, Facebook, VK ID, Yandex, and others by discovery.

use super::super::parse::{endpoint, issuers, optional_text, pairs, secret, secret_pairs, service, words};
use super::super::raw::Raw;
use super::super::secret::Secret;
use super::super::table::{Group, Key, Kind, default, join, settings};
use super::super::url::Url;

settings! {
    /// Signing in by the word of a provider.
    Oauth {
        /// Where browsers reach this house, for example `https://daybook.example.org`. At every provider, register
        /// `PUBLIC_URL/auth/oauth/PROVIDER/callback` as the redirect URI.
        public_url: Url = service(""),
    } with {
        /// Google. A provider is asked once it has a `client_id`.
        google: Google,
        /// Facebook.
        facebook: Facebook,
        /// VK ID. A public client has no secret.
        vk: Vk,
        /// Yandex.
        yandex: Yandex,
        /// Any other provider of OpenID Connect, each under a name of your own. All else is found by discovery.
        oidc: Oidc,
    }
}

settings! {
    /// Google.
    Google {
        /// What this house is called there.
        client_id: String = optional_text(""),
        /// What it proves itself with there.
        client_secret: Secret = secret(""),
        /// Who signs the id tokens.
        issuer: Url = endpoint("https://accounts.google.com"),
        /// What is asked for.
        scopes: Vec<String> = words(["openid", "email", "profile"]),
    }
}

settings! {
    /// Facebook.
    Facebook {
        /// What this house is called there.
        client_id: String = optional_text(""),
        /// What it proves itself with there.
        client_secret: Secret = secret(""),
        /// Where browsers go.
        authorize_url: Url = endpoint("https://www.facebook.com/v21.0/dialog/oauth"),
        /// Where codes are exchanged.
        token_url: Url = endpoint("https://graph.facebook.com/v21.0/oauth/access_token"),
        /// Where it is said who somebody is.
        profile_url: Url = endpoint("https://graph.facebook.com/v21.0/me"),
        /// What is asked for.
        scopes: Vec<String> = words(["public_profile", "email"]),
    }
}

settings! {
    /// VK ID.
    Vk {
        /// What this house is called there.
        client_id: String = optional_text(""),
        /// What it proves itself with there.
        client_secret: Secret = secret(""),
        /// Where browsers go.
        authorize_url: Url = endpoint("https://id.vk.ru/authorize"),
        /// Where codes are exchanged.
        token_url: Url = endpoint("https://id.vk.ru/oauth2/auth"),
        /// Where it is said who somebody is.
        profile_url: Url = endpoint("https://id.vk.ru/oauth2/user_info"),
        /// What is asked for.
        scopes: Vec<String> = words(["vkid.personal_info", "email"]),
    }
}

settings! {
    /// Yandex.
    Yandex {
        /// What this house is called there.
        client_id: String = optional_text(""),
        /// What it proves itself with there.
        client_secret: Secret = secret(""),
        /// Where browsers go.
        authorize_url: Url = endpoint("https://oauth.yandex.ru/authorize"),
        /// Where codes are exchanged.
        token_url: Url = endpoint("https://oauth.yandex.ru/token"),
        /// Where it is said who somebody is.
        profile_url: Url = endpoint("https://login.yandex.ru/info"),
        /// What is asked for.
        scopes: Vec<String> = words(["login:info", "login:email"]),
    }
}

settings! {
    /// Other providers of OpenID Connect.
    Oidc {
        /// Their issuers, as `name=issuer`: `[work=https://id.example.org]`.
        issuers: Vec<(String, String)> = issuers([]),
        /// What this house is called there, as `name=client_id`.
        client_ids: Vec<(String, String)> = pairs([]),
        /// What it proves itself with there, as `name=secret`; a public client has none.
        client_secrets: Vec<(String, Secret)> = secret_pairs([]),
        /// What is asked for.
        scopes: Vec<String> = words(["openid", "email", "profile"]),
    }
}
