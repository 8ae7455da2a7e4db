//! What several settings have to agree on.

use std::time::Duration;

use super::{Config, Errors, Gateway, Oauth, Oidc};

/// argon2 refuses less memory than this for a lane.
const HASH_MEMORY_PER_LANE: usize = 8 * 1024;

/// What is remembered of a code is forgotten after a day.
const LONGEST_CODE: Duration = Duration::from_hours(12);

struct Rule {
    /// The settings it speaks of. If one of them was refused there is nothing to compare yet.
    about: [&'static str; 2],
    broken: bool,
    sentence: &'static str,
}

/// Adds a sentence for each rule that is broken; `refused` are the settings whose value could not be read.
pub fn check(config: &Config, refused: &[String], errors: &mut Errors) {
    let is_readable = |rule: &Rule| !refused.iter().any(|path| rule.about.contains(&path.as_str()));
    for rule in rules(config)
        .into_iter()
        .chain(of_oauth(&config.oauth))
        .chain([of_gateway(&config.gateway)])
        .filter(|rule| rule.broken && is_readable(rule))
    {
        errors.push(rule.sentence);
    }
}

/// Names of providers that are not the person's to give.
const OURS: [&str; 5] = ["google", "gmail", "facebook", "vk", "yandex"];

fn asks_somebody(oauth: &Oauth) -> bool {
    let Oauth { google, facebook, vk, yandex, oidc, .. } = oauth;
    let ids = [&google.client_id, &facebook.client_id, &vk.client_id, &yandex.client_id];
    !oidc.issuers.is_empty() || ids.iter().any(|id| !id.is_empty())
}

/// Whether every issuer has one client, and nothing is said of others.
fn are_complete(oidc: &Oidc) -> bool {
    let Oidc { issuers, client_ids, client_secrets, .. } = oidc;
    let issuer = |name: &str| issuers.iter().filter(|(known, _)| known == name).count() == 1;
    let clients = client_ids.iter().all(|(name, _)| issuer(name)) && client_ids.len() == issuers.len();
    let once = |name: &str| client_ids.iter().filter(|(known, _)| known == name).count() == 1;
    let each = issuers.iter().all(|(name, _)| once(name) && !OURS.contains(&name.as_str()));
    clients && each && client_secrets.iter().all(|(name, _)| issuer(name))
}

fn of_gateway(gateway: &Gateway) -> Rule {
    Rule {
        about: ["gateway.slow", "gateway.slow"],
        broken: gateway.slow >= gateway::ANSWER,
        sentence: "gateway.slow must be less than 30s, which is how long a service is waited for",
    }
}

fn rules(config: &Config) -> [Rule; 8] {
    let Config { listen, system, tls, tokens, passwords, codes, mail, .. } = config;
    let taken = system.listen.port() != 0 && listen.contains(&system.listen);
    let least_memory =
        usize::try_from(passwords.lanes).unwrap_or(usize::MAX).saturating_mul(HASH_MEMORY_PER_LANE);
    [
        Rule {
            about: ["tls.cert", "tls.key"],
            broken: tls.cert.is_some() && tls.key.is_none(),
            sentence: "tls.cert is set and tls.key is not; TLS needs both",
        },
        Rule {
            about: ["tls.cert", "tls.key"],
            broken: tls.key.is_some() && tls.cert.is_none(),
            sentence: "tls.key is set and tls.cert is not; TLS needs both",
        },
        Rule {
            about: ["listen", "system.listen"],
            broken: taken,
            sentence: "system.listen is one of the addresses of listen; give it another port",
        },
        Rule {
            about: ["tokens.access_ttl", "tokens.refresh_ttl"],
            broken: tokens.access_ttl >= tokens.refresh_ttl,
            sentence: "tokens.access_ttl has to be shorter than tokens.refresh_ttl",
        },
        Rule {
            about: ["passwords.min_length", "passwords.max_length"],
            broken: passwords.min_length > passwords.max_length,
            sentence: "passwords.min_length is above passwords.max_length, so that no password would do",
        },
        Rule {
            about: ["passwords.memory", "passwords.lanes"],
            broken: passwords.memory < least_memory,
            sentence: "passwords.memory is too small; a hash needs at least 8KiB for each of passwords.lanes",
        },
        Rule {
            about: ["mail.url", "mail.from"],
            broken: !mail.url.is_empty() && mail.from.is_empty(),
            sentence: "mail.url is set and mail.from is not; mail needs a sender",
        },
        Rule {
            about: ["codes.lifetime", "codes.resend"],
            broken: codes.resend.iter().chain([&codes.lifetime]).any(|time| *time > LONGEST_CODE),
            sentence: "codes.lifetime and codes.resend must not be longer than 12h",
        },
    ]
}

fn of_oauth(oauth: &Oauth) -> [Rule; 3] {
    [
        Rule {
            about: ["oauth.public_url", "oauth.oidc.issuers"],
            broken: oauth.public_url.is_empty() && asks_somebody(oauth),
            sentence: "oauth.public_url is empty; providers have to know where to send browsers back to",
        },
        Rule {
            about: ["oauth.oidc.issuers", "oauth.oidc.client_ids"],
            broken: !are_complete(&oauth.oidc),
            sentence: "oauth.oidc.issuers, client_ids and client_secrets do not name the same providers; each issuer needs \
                       a client_id, and names must not repeat or be google, gmail, facebook, vk or yandex",
        },
        Rule {
            about: ["oauth.facebook.client_id", "oauth.facebook.client_secret"],
            broken: !oauth.facebook.client_id.is_empty() && oauth.facebook.client_secret.shown().is_none(),
            sentence: "oauth.facebook.client_id is set and oauth.facebook.client_secret is not; Facebook needs both",
        },
    ]
}
