//! What each role may do about other people: the one table. About oneself everybody may.

use types::{Caller, Error, Result, Role, Text, UserId};

/// What may be done about somebody else's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Look at the account.
    SeeAccount,
    /// See where its owner is signed in.
    SeeSessions,
    /// Sign its owner out.
    EndSessions,
    /// Say what its owner may do.
    ChangeRole,
    /// Delete it, or bring it back.
    DeleteAccount,
}

/// The least role for each act.
const TABLE: &[(Act, Role)] = &[
    (Act::SeeAccount, Role::Manager),
    (Act::SeeSessions, Role::Admin),
    (Act::EndSessions, Role::Admin),
    (Act::ChangeRole, Role::Admin),
    (Act::DeleteAccount, Role::Admin),
];

/// The caller's role does not suffice.
pub const FORBIDDEN: Text = Text {
    code: "forbidden",
    en: "Your role does not allow this",
    uk: "Ваша роль цього не дозволяє",
    ru: "Ваша роль этого не позволяет",
};

/// Whether the caller may do this about somebody else.
pub fn allow(caller: &Caller, act: Act) -> Result<()> {
    let may = TABLE.iter().any(|(listed, least)| *listed == act && caller.role >= *least);
    if may { Ok(()) } else { Err(Error::Forbidden(FORBIDDEN)) }
}

/// Whether the caller may do this about this person, who may be themselves.
pub fn allow_about(caller: &Caller, user: UserId, act: Act) -> Result<()> {
    if caller.user == user { Ok(()) } else { allow(caller, act) }
}

#[cfg(test)]
mod tests {
    use types::SessionId;

    use super::*;

    #[test]
    fn every_act_has_a_least_role_and_lower_roles_may_not() {
        let acts = [Act::SeeAccount, Act::SeeSessions, Act::EndSessions, Act::ChangeRole, Act::DeleteAccount];
        for act in acts {
            let allowed = |role| {
                let caller = Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role };
                assert!(allow_about(&caller, caller.user, act).is_ok());
                allow_about(&caller, UserId::trusted(2), act).is_ok()
            };
            let manages = act == Act::SeeAccount;
            let roles = [Role::User, Role::Manager, Role::Admin];
            assert_eq!(roles.map(allowed), [false, manages, true], "{act:?}");
        }
    }
}
