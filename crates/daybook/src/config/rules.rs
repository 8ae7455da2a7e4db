//! What several settings have to agree on.

use std::time::Duration;

use super::{Config, Errors};

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
    for rule in rules(config).into_iter().filter(|rule| rule.broken && is_readable(rule)) {
        errors.push(rule.sentence);
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
