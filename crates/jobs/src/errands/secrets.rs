//! What a person's webhooks are signed with. No job has it, and no table: it is made of a key of the house, the person, and a
//! number that they count up to have another.

mod bodies;
mod routes;

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use types::{Caller, Error, Result, Text, Timestamp, UserId};

use crate::queue::Queue;
use crate::webhook::Secret;

pub use routes::routes;

/// How long the one before is good after a change.
const GRACE: Duration = Duration::from_hours(24);

const BAD_NUMBER: Text = Text {
    code: "bad_secret_number",
    en: "the number is that of your secret, or one more for a new one",
    uk: "номер — це номер вашого секрету або на один більший для нового",
    ru: "номер — это номер вашего секрета или на один больший для нового",
};

/// The secrets. Cheap to clone.
#[derive(Clone)]
pub struct Secrets {
    queue: Queue,
    key: Arc<[u8; 32]>,
}

/// A person's secret as it stands.
pub struct Standing {
    /// Its number.
    pub number: i64,
    /// It.
    pub secret: Secret,
    /// Until when the one before is good as well, if it is.
    pub previous_until: Option<Timestamp>,
}

impl Secrets {
    /// Made with this key.
    pub fn new(queue: Queue, key: [u8; 32]) -> Self {
        Self { queue, key: Arc::new(key) }
    }

    /// The caller's.
    pub async fn find(&self, caller: &Caller) -> Result<Standing> {
        let (number, changed_at) = self.queue.store.secret(caller.user).await?;
        let until = changed_at.plus(GRACE);
        let previous_until = (number > 1 && until > self.queue.clock.now()).then_some(until);
        Ok(Standing { number, secret: self.made(caller.user, number)?, previous_until })
    }

    /// Gives the caller the secret of this number: the one they have, or the next.
    pub async fn change(&self, caller: &Caller, number: i64) -> Result<Standing> {
        let now = self.queue.clock.now();
        let changed = number > 1 && self.queue.store.next_secret(caller.user, number, now).await?;
        let standing = self.find(caller).await?;
        if changed || standing.number == number {
            Ok(standing)
        } else {
            Err(Error::invalid("number", BAD_NUMBER))
        }
    }

    /// What a message of theirs is signed with now: the newest first.
    pub(super) async fn good(&self, owner: UserId) -> Result<Vec<Secret>> {
        let (number, changed_at) = self.queue.store.secret(owner).await?;
        let mut numbers = vec![number];
        if number > 1 && changed_at.plus(GRACE) > self.queue.clock.now() {
            numbers.push(number - 1);
        }
        numbers.into_iter().map(|number| self.made(owner, number)).collect()
    }

    fn made(&self, owner: UserId, number: i64) -> Result<Secret> {
        let seal = Hmac::<Sha256>::new_from_slice(&*self.key);
        let mut seal = seal.map_err(|e| Error::internal_by("no secret can be made with this key", e))?;
        seal.update(format!("webhooks {owner} {number}").as_bytes());
        Ok(Secret::of(seal.finalize().into_bytes().into()))
    }
}
