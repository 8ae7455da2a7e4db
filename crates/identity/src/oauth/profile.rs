//! What a provider says of a person.

use serde::{Deserialize, Deserializer};

use crate::Identifier;

/// Characters of what a provider calls a person, and of a name here.
const LONGEST: usize = 200;

/// A person, as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// What the provider calls them, for good.
    pub subject: String,
    /// Their address, if they let us know.
    pub email: Option<String>,
    /// Whether the provider stands for it that the address is theirs.
    pub email_verified: bool,
    /// What they are called.
    pub name: Option<String>,
}

impl Profile {
    /// The profile as it is kept: an address as it is compared, a name of one short line. None without a subject.
    pub fn cleaned(self) -> Option<Self> {
        let Self { subject, email, email_verified, name } = self;
        let good = !subject.is_empty() && subject.len() <= LONGEST && !subject.chars().any(char::is_control);
        let email = email.and_then(|email| match Identifier::parse(&email) {
            Ok(Identifier::Email(email)) => Some(email),
            _ => None,
        });
        let name = name.map(|name| name.trim().chars().filter(|c| !c.is_control()).take(LONGEST).collect());
        good.then_some(Self { subject, email, email_verified, name })
    }

    /// The address, if it counts as proved.
    pub fn proved_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified)
    }
}

/// A flag, which some providers write as text. Anything else is a no.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let said = serde_json::Value::deserialize(from)?;
        Ok(Self(said.as_bool().unwrap_or_else(|| said.as_str() == Some("true"))))
    }
}

/// A name for a person that some providers write as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(pub String);

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Number(u64),
        }
        Ok(Self(match Written::deserialize(from)? {
            Written::Text(text) => text,
            Written::Number(number) => number.to_string(),
        }))
    }
}

/// What OpenID Connect says of a person.
#[derive(Deserialize)]
pub struct Userinfo {
    sub: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: Flag,
    name: Option<String>,
}

impl Userinfo {
    /// Both words together, where they are about the same person. The id token's, which is signed, goes first, and an
    /// address is proved only by whoever said it.
    pub fn beside(self, signed: Profile) -> Option<Profile> {
        if self.sub != signed.subject {
            return None;
        }
        let name = signed.name.or(self.name);
        Some(match signed.email {
            Some(_) => Profile { name, ..signed },
            None => Profile { email: self.email, email_verified: self.email_verified.0, name, ..signed },
        })
    }
}

/// What Facebook says. It does not say whether the address was proved, and so it was not.
#[derive(Deserialize)]
pub struct Facebook {
    id: Subject,
    email: Option<String>,
    name: Option<String>,
}

impl From<Facebook> for Profile {
    fn from(Facebook { id: Subject(subject), email, name }: Facebook) -> Self {
        Self { subject, email, email_verified: false, name }
    }
}

/// What VK ID says. It does not say whether the address was proved, and so it was not.
#[derive(Deserialize)]
pub struct Vk {
    user: VkUser,
}

#[derive(Deserialize)]
struct VkUser {
    user_id: Subject,
    email: Option<String>,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
}

impl From<Vk> for Profile {
    fn from(Vk { user }: Vk) -> Self {
        let VkUser { user_id: Subject(subject), email, first_name, last_name } = user;
        let name = format!("{first_name} {last_name}");
        Self { subject, email, email_verified: false, name: Some(name) }
    }
}

/// What Yandex says, and to whom.
#[derive(Deserialize)]
pub struct Yandex {
    id: Subject,
    /// Whom the token was made for.
    pub client_id: String,
    default_email: Option<String>,
    real_name: Option<String>,
    display_name: Option<String>,
}

/// Where the mailboxes are Yandex's own, so that its account is the proof. It says nothing of other addresses.
const OF_YANDEX: [&str; 6] = ["yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua"];

impl From<Yandex> for Profile {
    fn from(said: Yandex) -> Self {
        let Yandex { id: Subject(subject), default_email: email, real_name, display_name, .. } = said;
        let host = email.as_deref().and_then(|email| email.rsplit_once('@')).map(|(_, host)| host);
        let email_verified =
            host.is_some_and(|host| OF_YANDEX.iter().any(|own| host.eq_ignore_ascii_case(own)));
        Self { subject, email, email_verified, name: real_name.or(display_name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: serde::de::DeserializeOwned>(json: &str) -> T {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn only_who_says_so_has_proved_an_address() {
        let yandex = |email: &str| {
            let said = format!(r#"{{"id": "7", "client_id": "c", "default_email": "{email}"}}"#);
            Profile::from(read::<Yandex>(&said)).cleaned().unwrap()
        };
        assert_eq!(yandex("Anna@Yandex.RU").proved_email(), Some("anna@yandex.ru"));
        assert_eq!(yandex("anna@example.org").proved_email(), None);
        assert_eq!(yandex("anna@notyandex.ru").proved_email(), None);
        let facebook = Profile::from(read::<Facebook>(r#"{"id": "7", "email": "anna@example.org"}"#));
        assert_eq!((facebook.proved_email(), facebook.email.as_deref()), (None, Some("anna@example.org")));
    }

    #[test]
    fn a_flag_is_a_yes_only_when_it_says_so() {
        for (said, is) in [
            ("true", true),
            ("\"true\"", true),
            ("false", false),
            ("\"false\"", false),
            ("1", false),
            ("null", false),
        ] {
            assert_eq!(read::<Flag>(said), Flag(is), "{said}");
        }
    }

    #[test]
    fn a_person_needs_a_subject_that_can_be_kept() {
        let profile = |subject: &str| Profile {
            subject: subject.into(),
            email: None,
            email_verified: true,
            name: None,
        };
        assert!(profile("7").cleaned().is_some());
        for bad in ["", "a\0b", &"x".repeat(LONGEST + 1)] {
            assert!(profile(bad).cleaned().is_none());
        }
    }

    #[test]
    fn two_words_about_two_people_are_no_word() {
        let signed = Profile { subject: "7".into(), email: None, email_verified: false, name: None };
        let other = read::<Userinfo>(r#"{"sub": "8", "email": "a@example.org", "email_verified": true}"#);
        assert_eq!(other.beside(signed.clone()), None);
        let same = read::<Userinfo>(r#"{"sub": "7", "email": "a@example.org", "email_verified": true}"#);
        assert_eq!(same.beside(signed.clone()).unwrap().proved_email(), Some("a@example.org"));
        let unproved = Profile { email: Some("b@example.org".into()), ..signed };
        let same = read::<Userinfo>(r#"{"sub": "7", "email": "a@example.org", "email_verified": true}"#);
        assert_eq!(same.beside(unproved).unwrap().proved_email(), None);
    }
}
