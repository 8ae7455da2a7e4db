//! Blocks as JSON.

use serde::Serialize;
use types::{Timestamp, UserId};
use utoipa::ToSchema;

/// Somebody whom you block.
#[derive(Serialize, ToSchema)]
pub struct Blocked {
    #[schema(value_type = u64)]
    user_id: UserId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<super::Blocked> for Blocked {
    fn from(super::Blocked { user, created_at }: super::Blocked) -> Self {
        Self { user_id: user, created_at }
    }
}
