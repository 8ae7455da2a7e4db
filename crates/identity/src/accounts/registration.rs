//! Signing up: what a person gives, and what is made of it.

use types::check::{Checks, REQUIRED};
use types::{Language, Result, Role};

use super::identifier::{email, phone, username};
use super::{Demand, Identifier, PasswordRule, rules};
use crate::Target;

/// What a person gives to sign up. The role is the house's to give, never theirs.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    /// Their address.
    pub email: Option<String>,
    /// Their number.
    pub phone: Option<String>,
    /// The name they will sign in with.
    pub username: Option<String>,
    /// Any of the three, where a client has one field for all.
    pub login: Option<String>,
    /// Their password.
    pub password: String,
    /// How much is asked of it.
    pub demand: Demand,
    /// The code that was sent to their address or number.
    pub code: Option<String>,
    /// Whether it was sent to the number, where both are given.
    pub code_by_phone: bool,
    /// What they are called.
    pub name: Option<String>,
    /// Their time zone; UTC when they do not say.
    pub timezone: Option<String>,
    /// What they read.
    pub language: Language,
    /// What they may do.
    pub role: Role,
    /// Whether whoever owns the house signs them up, and so vouches for their address.
    pub vouched: bool,
    /// Where they call from.
    pub address: String,
}

/// A registration as it will be kept.
pub struct Candidate {
    pub email: Option<String>,
    pub phone: Option<String>,
    pub username: Option<String>,
    pub name: String,
    pub timezone: String,
    /// What the code is to prove; nothing for whoever has a user name alone.
    pub to_prove: Option<Target>,
}

impl Registration {
    /// The registration as it will be kept, or every field that cannot be.
    pub fn checked(&self, rule: PasswordRule) -> Result<Candidate> {
        let mut checks = Checks::default();
        let given = |field: &Option<String>| field.clone().filter(|text| !text.trim().is_empty());
        let mut mail = given(&self.email).and_then(|text| checks.take(email("email", &text)));
        let mut number = given(&self.phone).and_then(|text| checks.take(phone("phone_number", &text)));
        let mut handle = given(&self.username).and_then(|text| checks.take(username("username", &text)));
        match given(&self.login).and_then(|text| checks.take(Identifier::parse(&text))) {
            Some(Identifier::Email(text)) => mail = mail.or(Some(text)),
            Some(Identifier::Phone(text)) => number = number.or(Some(text)),
            Some(Identifier::Username(text)) => handle = handle.or(Some(text)),
            None => {}
        }
        if [&self.email, &self.phone, &self.username, &self.login].into_iter().all(|it| given(it).is_none()) {
            checks.refuse("email", REQUIRED);
        }
        let own = [mail.as_deref(), number.as_deref(), handle.as_deref()];
        checks.take(rule.check("password", &self.password, self.demand, &own));
        let name = self.name.as_deref().and_then(|name| checks.take(rules::name(name)));
        let timezone = self.timezone.as_deref().and_then(|zone| checks.take(rules::time_zone(zone)));
        checks.done()?;

        let by_mail = mail.clone().map(Target::Email);
        let by_phone = number.clone().map(Target::Phone);
        let to_prove = if self.code_by_phone { by_phone.or(by_mail) } else { by_mail.or(by_phone) };
        Ok(Candidate {
            email: mail,
            phone: number,
            username: handle,
            name: name.unwrap_or_default(),
            timezone: timezone.unwrap_or_else(|| "UTC".to_owned()),
            to_prove,
        })
    }
}

impl Candidate {
    /// Without an address that no code has proved beside the one that was: whether it has an account is not told, nor
    /// is it kept from its owner. It can be added once there is proof.
    pub fn with_proved_alone(self) -> Self {
        let email = self.email.filter(|_| matches!(self.to_prove, Some(Target::Email(_))));
        let phone = self.phone.filter(|_| matches!(self.to_prove, Some(Target::Phone(_))));
        Self { email, phone, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: PasswordRule = PasswordRule { least: 8, most: 128 };

    fn wrong(registration: &Registration) -> Vec<(String, &'static str)> {
        match registration.checked(RULE) {
            Err(types::Error::Invalid(fields)) => {
                fields.iter().map(|field| (field.field.to_string(), field.message.text.code)).collect()
            }
            Err(error) => panic!("{error}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let all = Registration {
            email: Some("anna".into()),
            phone: Some("123".into()),
            username: Some("a b".into()),
            password: "short".into(),
            timezone: Some("Mars/Base".into()),
            name: Some("a\0".into()),
            ..Registration::default()
        };
        let found = wrong(&all);
        let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["email", "phone_number", "username", "password", "name", "timezone"]);
    }

    #[test]
    fn somebody_must_be_named() {
        let nobody = Registration {
            email: Some(" ".into()),
            password: "long enough".into(),
            ..Registration::default()
        };
        assert_eq!(wrong(&nobody), [("email".to_owned(), "required")]);
    }

    #[test]
    fn one_field_may_name_them_in_any_way_and_the_code_proves_what_was_said() {
        let by = |login: &str| {
            let registration = Registration {
                login: Some(login.into()),
                password: "long enough".into(),
                ..Registration::default()
            };
            let Candidate { email, phone, username, to_prove, .. } = registration.checked(RULE).unwrap();
            ([email, phone, username].into_iter().flatten().collect::<Vec<_>>(), to_prove.is_some())
        };
        assert_eq!(by("Anna@b.org"), (vec!["anna@b.org".to_owned()], true));
        assert_eq!(by("+380441234567"), (vec!["+380441234567".to_owned()], true));
        assert_eq!(by("Anna"), (vec!["anna".to_owned()], false));
        let both = |code_by_phone| {
            let registration = Registration {
                email: Some("anna@b.org".into()),
                phone: Some("+380441234567".into()),
                password: "long enough".into(),
                code_by_phone,
                ..Registration::default()
            };
            registration.checked(RULE).unwrap().to_prove.unwrap()
        };
        assert!(matches!(both(false), Target::Email(_)));
        assert!(matches!(both(true), Target::Phone(_)));
    }
}
