//! Chats of many: made by somebody, called something.

use api::idempotency::{Key, Once, once};
use db::Along;
use types::check::{self, Checks};
use types::facts::messages::ChatChanged;
use types::{Caller, ChatId, Error, Expected, FieldError, Result, UserId};

use super::super::{
    BLOCKED, Chat, LONGEST_TITLE, MOST_AT_ONCE, NewGroup, Rank, TOO_MANY, TRIES, UNKNOWN_PEOPLE, View, Wanted,
};
use super::Chats;

/// Unknown people who are named to whoever named them.
const NAMED: usize = 10;

impl Chats {
    /// The chat that is wanted: with somebody the one that there is, a group anew, or once for each key.
    pub async fn open(&self, caller: &Caller, wanted: Wanted, key: Option<&Key>) -> Result<Once<View>> {
        let make = async || {
            let chat = match &wanted {
                Wanted::With(pal) => self.open_with(caller, *pal, key).await?,
                Wanted::Group(title, members) => self.make(caller, title, members, key).await?,
            };
            self.find(caller, chat).await
        };
        let Some(key) = key else { return make().await.map(Once::Now) };
        once(
            key,
            || self.store.made(caller.user, key),
            make,
            |made| self.store.view(caller.user, ChatId::trusted(made.first_id)),
        )
        .await
    }

    async fn make(
        &self,
        caller: &Caller,
        title: &str,
        members: &[UserId],
        key: Option<&Key>,
    ) -> Result<ChatId> {
        let mut checks = Checks::default();
        let title = checks.take(titled(title));
        if members.len() > MOST_AT_ONCE {
            checks.refuse("members", TOO_MANY.with([&MOST_AT_ONCE]));
        }
        checks.done()?;
        let mut others: Vec<UserId> = members.iter().copied().filter(|user| *user != caller.user).collect();
        others.sort_unstable();
        others.dedup();
        self.may_all_join(caller, &others).await?;

        let (id, created_at) = (self.ids.next()?, self.clock.now());
        let along = self.telling(caller, id, created_at, key)?;
        let title = title.unwrap_or_default();
        self.store.make(&NewGroup { id, title, owner: caller.user, others, created_at }, along).await?;
        Ok(id)
    }

    async fn may_all_join(&self, caller: &Caller, others: &[UserId]) -> Result<()> {
        let known = self.people.known(others).await?;
        let unknown = others.iter().filter(|user| !known.contains(user)).take(NAMED);
        let unknown: Vec<String> = unknown.map(ToString::to_string).collect();
        if !unknown.is_empty() {
            return Err(Error::invalid("members", UNKNOWN_PEOPLE.with([&unknown.join(", ")])));
        }
        self.refuse_blocked(caller, others).await
    }

    /// An error if one of these does not want to hear of the caller.
    pub(crate) async fn refuse_blocked(&self, caller: &Caller, others: &[UserId]) -> Result<()> {
        let blocking = self.store.blocking(caller.user, others).await?;
        if blocking.is_empty() { Ok(()) } else { Err(Error::Forbidden(BLOCKED)) }
    }

    /// Calls a group something else, if it is as expected up to the moment of writing.
    pub async fn rename(
        &self,
        caller: &Caller,
        chat: ChatId,
        title: &str,
        expected: &Expected,
    ) -> Result<View> {
        let title = titled(title)?;
        for _ in 0..TRIES {
            let view = self.find(caller, chat).await?;
            view.chat.kind.must_be_group()?;
            view.rank.at_least(Rank::Admin)?;
            expected.met_by(view.chat.version)?;
            if view.chat.title.as_ref() == Some(&title) {
                return Ok(view);
            }
            let (version, updated_at) = (view.chat.version + 1, self.clock.now().max(view.chat.updated_at));
            let renamed = Chat { title: Some(title.clone()), version, updated_at, ..view.chat };

            let along = Along::none().with(self.teller.tell(&ChatChanged { chat, by: caller.user })?);
            if self.store.rename(&renamed, along).await? {
                return Ok(View { chat: renamed, ..view });
            }
        }
        Err(expected.missed())
    }
}

fn titled(title: &str) -> Result<String, FieldError> {
    check::line("title", title, LONGEST_TITLE)
}
