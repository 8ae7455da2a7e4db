//! Sending codes and checking them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cache::Cache;
use db::Along;
use stream::Teller;
use types::{Clock, Error, Ids, Result, Timestamp};

use super::caps::Caps;
use super::digits::{Digits, same, typed};
use super::{Addressees, Code, CodeDue, CodeId, CodeSettings, Owner, Place, Resend, Sends, WRONG_CODE};
use crate::{Asking, Proofs, Reason, Target};

/// Where codes are kept. What goes `along` is committed with the code, or neither is there.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait CodeStore: Send + Sync {
    /// The last code for this, whatever became of it.
    async fn last(&self, place: &Place) -> Result<Option<Code>>;
    /// Puts a code in the place of the last one, and remembers it at least so long; false when that is another by now.
    async fn put(
        &self,
        place: &Place,
        code: &Code,
        last: Option<CodeId>,
        kept: Duration,
        along: Along,
    ) -> Result<bool>;
    /// Takes one of so many tries; false when none is left, or the code is good no more.
    async fn look(&self, place: &Place, code: CodeId, most: i64, now: Timestamp) -> Result<bool>;
    /// Uses a code up; of many at once, one does.
    async fn use_up(&self, place: &Place, code: CodeId) -> Result<bool>;
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Codes {
    store: Arc<dyn CodeStore>,
    known: Arc<dyn Addressees>,
    caps: Caps,
    digits: Digits,
    resend: Resend,
    lifetime: Duration,
    tries: i64,
    required: bool,
    teller: Teller,
    ids: Ids,
    clock: Arc<dyn Clock>,
}

impl Codes {
    /// Over this store; what goes out in an hour is counted in the cache.
    pub fn new(
        settings: CodeSettings,
        store: Arc<dyn CodeStore>,
        known: Arc<dyn Addressees>,
        cache: Cache,
        teller: Teller,
        ids: Ids,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let CodeSettings { key, lifetime, resend, tries, per_target, per_address, required, .. } = settings;
        let caps = Caps::new(cache, per_target, per_address);
        let (digits, resend) = (Digits::new(&key), Resend::new(resend, lifetime));
        Self { store, known, caps, digits, resend, lifetime, tries, required, teller, ids, clock }
    }

    /// What makes the digits, for whoever writes letters.
    pub fn digits(&self) -> Digits {
        self.digits.clone()
    }

    /// Somebody asks for a code at the door. What goes out depends on whether there is an account; what they are told,
    /// and what is done until they are, does not.
    pub async fn ask(&self, to: &Target, reason: Reason, asking: &Asking) -> Result<Timestamp> {
        let owner = match reason {
            // It makes no difference, and so need not be looked up.
            Reason::Verify => None,
            Reason::Register | Reason::Reset | Reason::Login => self.known.owner(to).await?,
        };
        if let (Reason::Register, Some(Owner { language, .. })) = (reason, owner) {
            return self.issue(to, reason, &Asking { language, ..asking.clone() }, Sends::Warning).await;
        }
        let is_good_for_something = match reason {
            // An address to be verified may become that of an account.
            Reason::Register | Reason::Verify => true,
            Reason::Reset => owner.is_some_and(|owner| owner.opens && !owner.leaves),
            // Whoever leaves comes back by signing in.
            Reason::Login => owner.is_some_and(|owner| owner.opens),
        };
        self.issue(to, reason, asking, if is_good_for_something { Sends::Code } else { Sends::Nothing }).await
    }

    async fn issue(&self, to: &Target, reason: Reason, asking: &Asking, sends: Sends) -> Result<Timestamp> {
        let (now, place) = (self.clock.now(), Place::new(to, reason));
        let last = self.store.last(&place).await?;
        if let Some(rest) = last.and_then(|last| self.resend.rest(&last, now)) {
            return Err(Error::TooMany(rest));
        }

        let code = Code {
            id: self.ids.next()?,
            is_real: sends == Sends::Code,
            sent: self.resend.next(last.as_ref(), now),
            sent_at: now,
            expires_at: now.plus(self.lifetime),
        };
        let due = CodeDue {
            code: code.id,
            reason,
            to: to.clone(),
            language: asking.language,
            from: asking.address.clone(),
            sends,
            expires_at: code.expires_at,
        };
        let along = Along::none().with(self.teller.tell(&due)?);

        let counted = self.caps.count(to, &asking.address, now).await?;
        let kept = self.resend.kept(code.sent);
        match self.store.put(&place, &code, last.map(|last| last.id), kept, along).await {
            Ok(true) => Ok(code.expires_at),
            Ok(false) => {
                self.caps.give_back(counted).await;
                Err(Error::TooMany(self.resend.wait(code.sent)))
            }
            Err(error) => {
                self.caps.give_back(counted).await;
                Err(error)
            }
        }
    }
}

#[async_trait]
impl Proofs for Codes {
    async fn send(&self, to: &Target, reason: Reason, asking: &Asking, really: bool) -> Result<Timestamp> {
        self.issue(to, reason, asking, if really { Sends::Code } else { Sends::Nothing }).await
    }

    async fn check(&self, to: &Target, reason: Reason, code: &str) -> Result<()> {
        let wrong = || Error::invalid("code", WRONG_CODE);
        // What can be no code costs no try.
        let typed = typed(code).ok_or_else(wrong)?;
        let place = Place::new(to, reason);
        let last = self.store.last(&place).await?;
        // Where nothing was sent the same is done for a code that nobody has.
        let id = last.map_or(CodeId::trusted(0), |last| last.id);
        let is_look = self.store.look(&place, id, self.tries, self.clock.now()).await?;
        let is_right = same(&typed, &self.digits.of(id)) && last.is_some_and(|last| last.is_real);
        if is_look && is_right && self.store.use_up(&place, id).await? { Ok(()) } else { Err(wrong()) }
    }

    fn required(&self) -> bool {
        self.required
    }
}

#[cfg(test)]
mod tests;
