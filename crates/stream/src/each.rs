//! A consumer of facts of one kind, for whoever does one thing about each of them.

use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use db::Along;
use serde::de::DeserializeOwned;
use types::Result;
use types::facts::Tell;

use crate::{Consumer, Fact, Hears};

/// A group of this name, which does this about each `T`. It may be more than a transaction holds, and so the position moves
/// after it: whatever ends it in the middle, all of it is done again, which must come to the same.
pub fn each<T, A, W>(group: &'static str, act: A) -> Arc<dyn Consumer>
where
    T: Tell + DeserializeOwned + Send + 'static,
    A: Fn(T) -> W + Send + Sync + 'static,
    W: Future<Output = Result<()>> + Send + 'static,
{
    Arc::new(Each { group, act, kind: PhantomData })
}

struct Each<T, A> {
    group: &'static str,
    act: A,
    kind: PhantomData<fn() -> T>,
}

#[async_trait]
impl<T, A, W> Consumer for Each<T, A>
where
    T: Tell + DeserializeOwned + Send + 'static,
    A: Fn(T) -> W + Send + Sync + 'static,
    W: Future<Output = Result<()>> + Send + 'static,
{
    fn group(&self) -> &'static str {
        self.group
    }

    fn topic(&self) -> &'static str {
        T::TOPIC
    }

    fn kinds(&self) -> Option<&'static [&'static str]> {
        Some(Hears::of::<T>().kinds)
    }

    async fn handle(&self, facts: &[Fact], _: Along) -> Result<()> {
        for fact in facts {
            if let Some(fact) = fact.read()? {
                (self.act)(fact).await?;
            }
        }
        Ok(())
    }
}
