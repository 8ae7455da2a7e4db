//! Identity as the neighbour that knows who there is.

use std::sync::Arc;

use async_trait::async_trait;
use identity::Accounts;
use messenger::People;
use types::{Result, UserId};

use super::House;
use super::remote::Remote;

enum Neighbour {
    Here(Accounts),
    There(Remote),
}

impl House {
    pub(super) fn people(&self) -> Arc<dyn People> {
        Arc::new(match &self.identity {
            Some(identity) => Neighbour::Here(identity.accounts.clone()),
            None => Neighbour::There(Remote::new(self.config.identity.url.as_str())),
        })
    }
}

#[async_trait]
impl People for Neighbour {
    async fn known(&self, ids: &[UserId]) -> Result<Vec<UserId>> {
        match self {
            Self::Here(accounts) => accounts.known(ids).await,
            Self::There(remote) => remote.known(ids).await,
        }
    }
}
