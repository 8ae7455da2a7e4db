//! Secrets as JSON.

use serde::{Deserialize, Serialize};
use types::Timestamp;
use utoipa::ToSchema;

use super::Standing;

/// What your webhooks are signed with.
#[derive(Serialize, ToSchema)]
pub struct WebhookSecret {
    /// `whsec_` and the key in Base64. Whoever has it can pretend to be this house.
    secret: String,
    /// Which of your secrets it is, from 1.
    number: i64,
    /// Until when messages are signed with the one before as well; null when they are not.
    #[schema(value_type = Option<String>, format = DateTime)]
    previous_until: Option<Timestamp>,
}

/// Which secret is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedSecret {
    /// One more than that of the secret you have. Said again, nothing changes.
    pub number: i64,
}

impl From<Standing> for WebhookSecret {
    fn from(standing: Standing) -> Self {
        let Standing { number, secret, previous_until } = standing;
        Self { secret: secret.reveal(), number, previous_until }
    }
}
