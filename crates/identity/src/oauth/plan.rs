//! What a provider's word is worth here: the one decision, without asking anybody anything.

use types::{Error, Result, UserId};

use super::login::Login;
use super::profile::Profile;
use super::texts::{ACCOUNT_EXISTS, LINK_NEEDS_YOU, LOGIN_TAKEN};
use crate::Account;

/// What is known when a browser comes back.
pub struct Known<'k> {
    /// Whom the dance was begun for, when it was to link.
    pub link: Option<UserId>,
    /// Who is signed in where it ends.
    pub caller: Option<UserId>,
    /// What the provider says.
    pub profile: &'k Profile,
    /// The login of this provider and subject.
    pub login: Option<Login>,
    /// Whose the address is here.
    pub holder: Option<Account>,
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Plan {
    /// The login opens this account.
    SignIn(UserId),
    /// The login is linked to this account.
    Link(UserId),
    /// It is linked already.
    Linked,
    /// The login opens a new account, with the address if that was proved.
    Welcome {
        /// The proved address.
        email: Option<String>,
    },
    /// The login takes this account over: it has the address, and nobody ever proved anything to it.
    TakeOver(Box<Account>),
}

/// Decides.
pub fn decide(known: Known<'_>) -> Result<Plan> {
    let Known { link, caller, profile, login, holder } = known;
    if let Some(user) = link {
        // Otherwise somebody could begin here and have another's browser end it.
        if caller != Some(user) {
            return Err(Error::Forbidden(LINK_NEEDS_YOU));
        }
        return match login {
            None => Ok(Plan::Link(user)),
            Some(login) if login.user == user => Ok(Plan::Linked),
            Some(_) => Err(Error::Conflict(LOGIN_TAKEN)),
        };
    }
    if let Some(login) = login {
        return Ok(Plan::SignIn(login.user));
    }
    let email = profile.proved_email().map(str::to_owned);
    match holder.filter(|_| email.is_some()) {
        None => Ok(Plan::Welcome { email }),
        // Both sides are proved by signing in to the one and coming back from the other.
        Some(holder) if holder.is_somebodys() => Err(Error::Conflict(ACCOUNT_EXISTS)),
        // Mostly it is the same person, in a house that sends no letters: what they wrote stays theirs. Whoever else
        // made the account is out of it, as after a password that was reset by code.
        Some(holder) => Ok(Plan::TakeOver(Box::new(holder))),
    }
}

#[cfg(test)]
mod tests {
    use types::{Role, Timestamp};

    use super::*;
    use crate::accounts::stage::somebody;

    const ANNA: UserId = UserId::trusted(7);
    const BORIS: UserId = UserId::trusted(8);

    fn profile(verified: bool) -> Profile {
        let email = Some("anna@example.org".to_owned());
        Profile { subject: "s".into(), email, email_verified: verified, name: None }
    }

    fn login(user: UserId) -> Login {
        let created_at = Timestamp::default();
        Login { provider: "google".into(), subject: "s".into(), user, email: None, created_at }
    }

    fn holder(verified: bool, role: Role) -> Account {
        let email_verified_at = verified.then(Timestamp::default);
        Account { id: BORIS, role, email_verified_at, ..somebody() }
    }

    fn known(profile: &Profile) -> Known<'_> {
        Known { link: None, caller: None, profile, login: None, holder: None }
    }

    #[test]
    fn a_known_login_opens_its_account_whatever_the_address_says() {
        let profile = profile(true);
        let all =
            Known { login: Some(login(ANNA)), holder: Some(holder(true, Role::User)), ..known(&profile) };
        assert_eq!(decide(all).unwrap(), Plan::SignIn(ANNA));
    }

    #[test]
    fn linking_needs_the_same_person_at_both_ends() {
        let profile = profile(true);
        for caller in [None, Some(BORIS)] {
            let refused = decide(Known { link: Some(ANNA), caller, ..known(&profile) });
            assert!(matches!(refused, Err(Error::Forbidden(LINK_NEEDS_YOU))));
        }
        let linking = |login| Known { link: Some(ANNA), caller: Some(ANNA), login, ..known(&profile) };
        assert_eq!(decide(linking(None)).unwrap(), Plan::Link(ANNA));
        assert_eq!(decide(linking(Some(login(ANNA)))).unwrap(), Plan::Linked);
        assert!(matches!(decide(linking(Some(login(BORIS)))), Err(Error::Conflict(LOGIN_TAKEN))));
    }

    #[test]
    fn an_address_opens_to_whoever_proves_it_what_nobody_proved_before() {
        let (proved, unproved) = (profile(true), profile(false));
        let with = |profile, holder| decide(Known { holder, ..known(profile) });
        let email = Some("anna@example.org".to_owned());
        assert_eq!(with(&proved, None).unwrap(), Plan::Welcome { email });
        let by_phone = Account { phone_verified_at: Some(Timestamp::default()), ..holder(false, Role::User) };
        for kept in [holder(true, Role::User), holder(false, Role::Admin), by_phone] {
            assert!(matches!(with(&proved, Some(kept)), Err(Error::Conflict(ACCOUNT_EXISTS))));
        }
        let taken = Plan::TakeOver(Box::new(holder(false, Role::User)));
        assert_eq!(with(&proved, Some(holder(false, Role::User))).unwrap(), taken);
        for verified in [true, false] {
            let apart = Plan::Welcome { email: None };
            assert_eq!(with(&unproved, Some(holder(verified, Role::User))).unwrap(), apart);
        }
    }
}
