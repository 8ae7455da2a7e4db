//! Where answers lie: each with the generation that it is of, which a write ends.
//!
//! A generation is a number that was never used before, made by the first who wants to remember something and read before
//! the call, never after it. So an answer that was on its way while somebody wrote is of a generation that is over.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use cache::Cache;
use futures_util::FutureExt;
use types::{Clock, Timestamp, UserId};

use super::answer::Answer;
use super::flights::Question;

/// For how long at least nothing is remembered after a write of which nobody knows whether and when it is done.
const DOUBT: Duration = Duration::from_mins(1);
/// Bytes before a written answer: its generation, and when it was asked for.
const HEAD: usize = 16;
/// What an answer takes beside its own bytes, roughly: two keys, two entries and a generation.
pub const BESIDE: usize = 600;

/// The rack. Cheap to clone.
#[derive(Clone)]
pub struct Rack {
    inner: Arc<Inner>,
}

struct Inner {
    cache: Cache,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
    /// The next generation.
    next: AtomicU64,
    /// Until when nothing is believed, because the end of a generation could not be told.
    deaf_until: AtomicI64,
}

/// What lies there for a question.
pub enum Looked {
    /// Nothing can be known: nothing is there, and nothing may be put there.
    Closed,
    /// Nothing, and the generation that an answer would be of, if there is one.
    Nothing(Option<u64>),
    /// An answer, how old it is, and its generation.
    Found(Answer, Duration, u64),
}

impl Rack {
    /// In this cache. The number must be unlike any other process's.
    pub fn new(cache: Cache, clock: Arc<dyn Clock>, lifetime: Duration, number: u64) -> Self {
        let (next, deaf_until) = (AtomicU64::new(number), AtomicI64::new(0));
        Self { inner: Arc::new(Inner { cache, clock, lifetime, next, deaf_until }) }
    }

    /// Whether other processes write there as well.
    pub fn is_shared(&self) -> bool {
        self.inner.cache.is_shared()
    }

    /// Looks, in one round trip.
    pub async fn look(&self, question: &Question) -> Looked {
        let now = self.inner.clock.now();
        if now.micros() < self.inner.deaf_until.load(Ordering::Relaxed) {
            return Looked::Closed;
        }
        let (user, domain) = (question.user, question.domain);
        let keys = [doubt(user, domain), generation(user, domain), place(question)];
        let Ok([doubt, generation, answer]) =
            self.inner.cache.get_each(keys.each_ref().map(String::as_str)).await
        else {
            return Looked::Closed;
        };
        if doubt.is_some() {
            return Looked::Closed;
        }
        let generation = generation.as_deref().and_then(number);
        let found = answer.zip(generation).and_then(|(answer, generation)| {
            let asked = number(answer.get(8..HEAD)?).map(u64::cast_signed).map(Timestamp::from_micros)?;
            let of = number(answer.get(..8)?)?;
            (of == generation).then(|| Some((Answer::read(answer.slice(HEAD..))?, now.since(asked), of)))?
        });
        found.map_or(Looked::Nothing(generation), |(answer, age, of)| Looked::Found(answer, age, of))
    }

    /// Begins a generation, or joins the one that somebody else has just begun.
    pub async fn begin(&self, question: &Question) -> Option<u64> {
        let key = generation(question.user, question.domain);
        let next = self.inner.next.fetch_add(1, Ordering::Relaxed);
        // It has to outlive what is remembered of it, and would do no harm if it did not.
        let lifetime = self.inner.lifetime * 2;
        if self.inner.cache.put_new(&key, &next.to_be_bytes(), lifetime).await.ok()? {
            return Some(next);
        }
        self.inner.cache.get(&key).await.ok()?.as_deref().and_then(number)
    }

    /// Puts an answer there that was asked for at that moment. A server is not waited for.
    pub async fn put(&self, question: &Question, of: u64, asked: Timestamp, answer: &Answer) {
        let left = self.inner.lifetime.saturating_sub(self.inner.clock.now().since(asked));
        if left.is_zero() {
            return;
        }
        let mut bytes = BytesMut::with_capacity(HEAD + answer.size());
        bytes.put_u64(of);
        bytes.put_i64(asked.micros());
        answer.write(&mut bytes);
        let (cache, place) = (self.inner.cache.clone(), place(question));
        // One that is lost is asked for again.
        let mut putting = async move { drop(cache.put(&place, &bytes, left).await) }.boxed();
        // It is on its way when this returns, and so whoever looks from then on finds it.
        if poll_fn(|cx| Poll::Ready(putting.as_mut().poll(cx))).await.is_pending() {
            tokio::spawn(putting);
        }
    }

    /// Ends a generation: the answers of it are never seen again.
    pub async fn end(&self, user: UserId, domain: &str) {
        if self.inner.cache.remove(&generation(user, domain)).await.is_err() {
            self.deafen();
        }
    }

    /// Ends a generation and lets none begin for a while.
    pub async fn doubt(&self, user: UserId, domain: &str) {
        // In this order: a generation that begins in between is ended too.
        let while_ = DOUBT.max(self.inner.lifetime);
        if self.inner.cache.put(&doubt(user, domain), b"", while_).await.is_err() {
            self.deafen();
        }
        self.end(user, domain).await;
    }

    /// By the end of a lifetime whatever could not be ended has ended by itself.
    fn deafen(&self) {
        let until = self.inner.clock.now().plus(self.inner.lifetime).micros();
        self.inner.deaf_until.fetch_max(until, Ordering::Relaxed);
    }
}

fn doubt(user: UserId, domain: &str) -> String {
    format!("gateway:doubt:{user}:{domain}")
}

fn generation(user: UserId, domain: &str) -> String {
    format!("gateway:generation:{user}:{domain}")
}

fn place(question: &Question) -> String {
    let Question { user, role, domain, asked, generation: _ } = question;
    format!("gateway:answer:{user}:{}:{domain}:{asked}", role.name())
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}
