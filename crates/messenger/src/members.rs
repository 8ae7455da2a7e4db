//! Who is in a chat, and what they may do there.

mod bodies;
mod leavers;
mod routes;
mod service;
mod store;

use types::{Error, Result, Text, Timestamp, UserId};

use crate::chats::{NO_RIGHT, Rank};

pub use leavers::leavers;
pub use routes::routes;
pub use service::{MemberStore, Members};
pub use store::SqlMembers;

/// Members of a group.
const MOST: i64 = 2_000;

const NO_MEMBER: Text = Text {
    code: "member_not_found",
    en: "There is no such member in this chat",
    uk: "Такого учасника в цьому чаті немає",
    ru: "Такого участника в этом чате нет",
};
const FULL: Text = Text {
    code: "group_full",
    en: "There is no room for more people in this group",
    uk: "У цій групі більше немає місця",
    ru: "В этой группе больше нет места",
};
const HAND_OVER: Text = Text {
    code: "hand_over_first",
    en: "A group has an owner: make somebody else the owner first",
    uk: "У групи є власник: спершу зробіть власником когось іншого",
    ru: "У группы есть владелец: сначала сделайте владельцем кого-то другого",
};

const NO_ROLE: Text = Text {
    code: "unknown_role",
    en: "a role is member, admin or owner",
    uk: "роль — це member, admin або owner",
    ru: "роль — это member, admin или owner",
};

/// Somebody who is in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What they may do.
    pub rank: Rank,
    /// They see what comes after this place.
    pub seen_from: i64,
    /// They have read up to this place.
    pub read_seq: i64,
    /// Since when.
    pub joined_at: Timestamp,
}

/// What somebody is to be in a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// What they may do; what they may now when not said, or to talk.
    pub rank: Option<Rank>,
    /// Whether they are to see what was said before they came.
    pub history: bool,
}

/// What becomes of somebody in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Who.
    pub user: UserId,
    /// Whether they were not in it.
    pub is_new: bool,
    /// What they may do from now on.
    pub rank: Rank,
    /// Whether what was said before is shown to them from now on.
    pub history: bool,
    /// Whose the group was, when it is theirs from now on.
    pub former_owner: Option<UserId>,
}

impl Wish {
    /// What comes of it for somebody who is this now, if whoever wants it may; nothing when it is so already.
    pub fn by(
        self,
        (actor, rank): (UserId, Rank),
        user: UserId,
        now: Option<&Member>,
    ) -> Result<Option<Place>> {
        let wanted = self.rank.or(now.map(|member| member.rank)).unwrap_or(Rank::Member);
        let is_other = now.map_or(wanted > Rank::Member, |member| member.rank != wanted);
        let history = self.history && now.is_none_or(|member| member.seen_from > 0);
        let steps_down = actor == user && wanted < rank;
        if rank < Rank::Admin || is_other && rank < Rank::Owner && !steps_down {
            return Err(Error::Forbidden(NO_RIGHT));
        }
        if steps_down && rank == Rank::Owner {
            return Err(Error::Conflict(HAND_OVER));
        }
        if now.is_some() && !is_other && !history {
            return Ok(None);
        }
        let former_owner = (is_other && wanted == Rank::Owner).then_some(actor);
        Ok(Some(Place { user, is_new: now.is_none(), rank: wanted, history, former_owner }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: UserId = UserId::trusted(1);
    const BEN: UserId = UserId::trusted(2);

    fn ben(rank: Rank) -> Member {
        let joined_at = Timestamp::default();
        Member { user: BEN, rank, seen_from: 7, read_seq: 7, joined_at }
    }

    fn wish(rank: impl Into<Option<Rank>>) -> Wish {
        Wish { rank: rank.into(), history: false }
    }

    /// What Anna, who may this, makes of Ben: his rank from then on, and whether she loses hers; or the refusal.
    fn made(anna: Rank, ben: Option<Member>, wish: Wish) -> Result<Option<(Rank, bool)>, &'static str> {
        match wish.by((ANNA, anna), BEN, ben.as_ref()) {
            Ok(place) => Ok(place.map(|place| (place.rank, place.former_owner == Some(ANNA)))),
            Err(Error::Forbidden(text) | Error::Conflict(text)) => Err(text.code),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn who_lets_in_whom_as_what() {
        for (anna, role, wanted) in [
            (Rank::Member, None, Err("no_right_in_chat")),
            (Rank::Member, Some(Rank::Admin), Err("no_right_in_chat")),
            (Rank::Admin, None, Ok(Some((Rank::Member, false)))),
            (Rank::Admin, Some(Rank::Member), Ok(Some((Rank::Member, false)))),
            (Rank::Admin, Some(Rank::Admin), Err("no_right_in_chat")),
            (Rank::Admin, Some(Rank::Owner), Err("no_right_in_chat")),
            (Rank::Owner, None, Ok(Some((Rank::Member, false)))),
            (Rank::Owner, Some(Rank::Admin), Ok(Some((Rank::Admin, false)))),
            (Rank::Owner, Some(Rank::Owner), Ok(Some((Rank::Owner, true)))),
        ] {
            assert_eq!(made(anna, None, wish(role)), wanted, "{anna:?} {role:?}");
        }
    }

    #[test]
    fn the_owner_alone_says_who_else_may_what() {
        for (anna, ben_is, role, wanted) in [
            (Rank::Owner, Rank::Member, Rank::Admin, Ok(Some((Rank::Admin, false)))),
            (Rank::Owner, Rank::Admin, Rank::Member, Ok(Some((Rank::Member, false)))),
            (Rank::Owner, Rank::Admin, Rank::Owner, Ok(Some((Rank::Owner, true)))),
            (Rank::Owner, Rank::Admin, Rank::Admin, Ok(None)),
            (Rank::Admin, Rank::Member, Rank::Admin, Err("no_right_in_chat")),
            (Rank::Admin, Rank::Admin, Rank::Member, Err("no_right_in_chat")),
            (Rank::Admin, Rank::Owner, Rank::Member, Err("no_right_in_chat")),
            (Rank::Admin, Rank::Member, Rank::Member, Ok(None)),
            (Rank::Member, Rank::Member, Rank::Member, Err("no_right_in_chat")),
        ] {
            assert_eq!(made(anna, Some(ben(ben_is)), wish(role)), wanted, "{anna:?} {ben_is:?} {role:?}");
        }
        assert_eq!(made(Rank::Owner, Some(ben(Rank::Admin)), wish(None)), Ok(None), "what is not said stays");
    }

    #[test]
    fn one_may_step_down_but_not_up_nor_leave_the_group_to_nobody() {
        let own = |rank, wanted| {
            let stepping = wish(wanted).by((BEN, rank), BEN, Some(&ben(rank)));
            stepping.map(|place| place.map(|place| (place.rank, place.former_owner)))
        };
        assert_eq!(own(Rank::Admin, Rank::Member).unwrap(), Some((Rank::Member, None)));
        assert_eq!(own(Rank::Owner, Rank::Owner).unwrap(), None);
        assert!(matches!(own(Rank::Owner, Rank::Admin), Err(Error::Conflict(HAND_OVER))));
        assert!(matches!(own(Rank::Admin, Rank::Owner), Err(Error::Forbidden(NO_RIGHT))));
        assert!(matches!(own(Rank::Member, Rank::Admin), Err(Error::Forbidden(NO_RIGHT))));
    }

    #[test]
    fn what_was_said_before_can_be_shown_later() {
        let wish = Wish { rank: None, history: true };
        assert_eq!(made(Rank::Admin, Some(ben(Rank::Owner)), wish), Ok(Some((Rank::Owner, false))));
        let sees_all = Member { seen_from: 0, ..ben(Rank::Member) };
        assert_eq!(made(Rank::Admin, Some(sees_all), wish), Ok(None));
        assert_eq!(made(Rank::Member, Some(sees_all), wish), Err("no_right_in_chat"));
        assert!(wish.by((ANNA, Rank::Admin), BEN, None).unwrap().is_some_and(|place| place.history));
    }
}
