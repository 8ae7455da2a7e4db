//! What every floor of the house speaks in: ids, time, the caller, the kinds of error, texts in three languages,
//! and the facts that cross domains. No I/O happens here.

mod caller;
pub mod check;
mod clock;
mod error;
mod expected;
pub mod facts;
mod id;
mod ids;
mod text;
mod time;

pub use caller::{Caller, Role};
pub use clock::{Clock, SystemClock};
pub use error::{Error, FieldError, Result, with_causes};
pub use expected::Expected;
pub use id::{ChatId, Id, JobId, ListId, MessageId, NotAnId, ScheduleId, SessionId, TaskId, UserId};
pub use ids::{Ids, SLOTS};
pub use text::{Language, Phrase, Text};
pub use time::Timestamp;
