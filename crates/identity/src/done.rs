//! The answer where there is nothing to show.

use serde::Serialize;
use utoipa::ToSchema;

/// Something was done.
#[derive(Serialize, ToSchema)]
pub struct Done {
    message: &'static str,
}

impl Done {
    /// This was.
    pub const fn new(message: &'static str) -> Self {
        Self { message }
    }
}
