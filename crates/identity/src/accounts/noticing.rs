//! Telling people what happened to their account.

use db::Along;
use stream::Teller;
use types::{Language, Result, UserId};

use super::{Account, Accounts};
use crate::{Happened, Notice, Target};

/// What happened, told at that address in their language; at none, nobody is told.
pub fn noticing(
    teller: &Teller,
    along: Along,
    account: &Account,
    to: Option<Target>,
    what: Happened,
) -> Result<Along> {
    let Some(to) = to else { return Ok(along) };
    let language = Language::tag(account.language).to_owned();
    Ok(along.with(teller.tell(&Notice { user: account.id, to, language, what })?))
}

impl Accounts {
    /// What happened to somebody's account, for them to hear with the write that is the reason.
    pub async fn notice(&self, user: UserId, what: Happened) -> Result<Along> {
        let account = self.find(user).await?;
        self.noticing(Along::none(), &account, account.reached_at(), what)
    }

    /// What happened, told at that address.
    pub(super) fn noticing(
        &self,
        along: Along,
        account: &Account,
        to: Option<Target>,
        what: Happened,
    ) -> Result<Along> {
        noticing(&self.means.teller, along, account, to, what)
    }
}
