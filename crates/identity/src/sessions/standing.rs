//! How a session stands, and what a refresh token is worth to it.

use std::time::Duration;

use types::{Role, Timestamp};

use super::Session;
use super::refresh::RefreshToken;

/// A replaced token is honoured so long however its successor was used: that is how slow a parallel tab may be.
const GRACE: Duration = Duration::from_secs(30);

/// A session and what is known of its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The session.
    pub session: Session,
    /// What its owner may do now.
    pub role: Role,
    /// The generation of the owner's access tokens now.
    pub generation: i64,
    /// How often it was renewed.
    pub rotation: i64,
    /// When it was renewed last.
    pub rotated_at: Timestamp,
    /// Whether somebody has shown an access token of this rotation.
    pub used: bool,
    /// The hash of the token that is good now.
    pub current: Vec<u8>,
    /// The hash of the one before.
    pub previous: Option<Vec<u8>>,
}

/// What to do with a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the good one: it is replaced.
    Replace,
    /// It was replaced, and its client may not know yet: it hears the same answer once more.
    Repeat,
    /// Somebody else has used it before: the session is no longer its owner's alone.
    Stolen,
}

impl Standing {
    /// Judges a token that is one of ours.
    pub fn judge(&self, token: &RefreshToken, now: Timestamp) -> Verdict {
        let hash = token.hash();
        if self.current == hash {
            return Verdict::Replace;
        }
        let in_time = !self.used || now < self.rotated_at.plus(GRACE);
        let is_previous = self.previous.as_deref() == Some(&hash);
        if is_previous && in_time { Verdict::Repeat } else { Verdict::Stolen }
    }
}

#[cfg(test)]
mod tests {
    use types::{SessionId, UserId};

    use super::super::refresh::Sealer;
    use super::*;

    #[test]
    fn a_replaced_token_is_good_until_its_successor_is_used_and_half_a_minute_beyond() {
        let sealer = Sealer::new(&[1; 32]);
        let first = Sealer::first(UserId::trusted(1), SessionId::trusted(2), [7; 32]);
        let (second, now) = (sealer.successor(&first), Timestamp::from_millis(1_000_000));
        let third = sealer.successor(&second);
        let session = Session {
            id: first.session,
            owner: first.owner,
            agent: String::new(),
            address: String::new(),
            created_at: now,
            seen_at: now,
            expires_at: now,
        };
        let mut standing = Standing {
            session,
            role: Role::User,
            generation: 1,
            rotation: 1,
            rotated_at: now,
            used: false,
            current: second.hash().to_vec(),
            previous: Some(first.hash().to_vec()),
        };
        let late = now.plus(Duration::from_hours(24));
        assert_eq!(standing.judge(&second, late), Verdict::Replace);
        assert_eq!(standing.judge(&first, late), Verdict::Repeat);
        standing.used = true;
        assert_eq!(standing.judge(&first, now.plus(Duration::from_secs(29))), Verdict::Repeat);
        assert_eq!(standing.judge(&first, now.plus(Duration::from_secs(30))), Verdict::Stolen);
        (standing.current, standing.previous) = (third.hash().to_vec(), Some(second.hash().to_vec()));
        assert_eq!(standing.judge(&first, now), Verdict::Stolen);
    }
}
