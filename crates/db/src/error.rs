//! What a database can refuse, told apart by what the caller can do.

use rusqlite::ErrorCode;
use tokio_postgres::error::SqlState;

/// A result with this crate's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A database's error.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A statement touched other rows than it had to; nothing happened.
    #[error("statement {step} touched {touched} rows")]
    Missed {
        /// Which statement of the batch.
        step: usize,
        /// How many rows it touched.
        touched: u64,
        /// Whether it was not the store's own but came along.
        along: bool,
    },
    /// It clashes with a named constraint.
    #[error("constraint {0} refuses it")]
    Constraint(String),
    /// The database cannot be reached, or is too busy; nothing happened.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The connection was lost while committing, or no answer came: it may have happened.
    #[error("the database gave no answer, the outcome is unknown: {0}")]
    Unknown(String),
    /// The disk is full; nothing happened.
    #[error("no space left: {0}")]
    Full(String),
    /// Two transactions were in each other's way; trying again helps.
    #[error("in the way of another transaction: {0}")]
    Contended(String),
    /// Anything else: a bug, or a broken database.
    #[error("{0}")]
    Other(String),
}

impl Error {
    /// Whether this constraint refused it.
    pub fn is_constraint(&self, name: &str) -> bool {
        matches!(self, Self::Constraint(found) if found == name)
    }

    /// The answer to a commit that failed while writing: its last page may be on the disk all the same, and come to
    /// light after a crash.
    pub(crate) fn from_sqlite_commit(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::SystemIoFailure) => Self::Unknown(error.to_string()),
            _ => Self::from_sqlite(error),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
    pub(crate) fn from_sqlite(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(text),
            Some(ErrorCode::OperationInterrupted) => Self::Unavailable(format!("it took too long: {text}")),
            // The index of the log cannot grow: the same full disk, met at another place.
            Some(ErrorCode::SystemIoFailure)
                if error
                    .sqlite_error()
                    .is_some_and(|e| e.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE) =>
            {
                Self::Full(text)
            }
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::CannotOpen,
            ) => Self::Unavailable(text),
            Some(ErrorCode::ConstraintViolation) => Self::Constraint(text),
            _ => Self::Other(text),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
    pub(crate) fn from_postgres(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            let text = types::with_causes(&error);
            return if error.is_closed() || has_io(&error) {
                Self::Unavailable(text)
            } else {
                Self::Other(text)
            };
        };
        let text = db.to_string();
        match db.code() {
            &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => Self::Contended(text),
            &SqlState::DISK_FULL => Self::Full(text),
            code if code.code().starts_with("23") => {
                Self::Constraint(db.constraint().unwrap_or_default().to_owned())
            }
            // Lost connections, too few resources, and an operator who steps in: cancels, shuts down, starts up.
            code if ["08", "53", "57"].iter().any(|class| code.code().starts_with(class)) => {
                Self::Unavailable(text)
            }
            _ => Self::Other(text),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
    pub(crate) fn from_mysql(error: mysql_async::Error) -> Self {
        let text = error.to_string();
        match &error {
            mysql_async::Error::Server(server) => match server.code {
                1205 | 1213 | 1020 => Self::Contended(text),
                1021 | 1114 => Self::Full(text),
                1040 | 1053 | 1077 | 1203 | 1317 | 1927 => Self::Unavailable(text),
                1022 | 1048 | 1062 | 1169 | 1216 | 1217 | 1451 | 1452 | 3819 | 4025 => {
                    Self::Constraint(quoted(&server.message).unwrap_or_default().to_owned())
                }
                _ => Self::Other(text),
            },
            mysql_async::Error::Io(_)
            | mysql_async::Error::Driver(
                mysql_async::DriverError::ConnectionClosed | mysql_async::DriverError::PoolDisconnected,
            ) => Self::Unavailable(text),
            _ => Self::Other(text),
        }
    }

    /// The same, met where the server may have done the work before the connection was lost.
    pub(crate) fn in_commit(self) -> Self {
        if let Self::Unavailable(text) = self { Self::Unknown(text) } else { self }
    }
}

/// The last thing in quotes: where the server names the key.
fn quoted(message: &str) -> Option<&str> {
    let end = message.rfind('\'')?;
    let start = message[..end].rfind('\'')?;
    let name = &message[start + 1..end];
    Some(name.rsplit('.').next().unwrap_or(name))
}

fn has_io(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut source = Some(error);
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    false
}

impl From<Error> for types::Error {
    fn from(error: Error) -> Self {
        match &error {
            Error::Missed { .. } => Self::Stale,
            Error::Unavailable(_) | Error::Unknown(_) | Error::Contended(_) => {
                Self::unavailable_by("the database cannot do it now", error)
            }
            Error::Full(_) => Self::Full(Some(std::sync::Arc::new(error))),
            Error::Constraint(_) | Error::Other(_) => Self::internal_by("a statement failed", error),
        }
    }
}

/// For writes that find nothing to write to: that is an answer, not a failure.
pub trait UnlessMissed {
    /// False when one of the store's own statements missed its rows. What came along must never miss.
    fn unless_missed(self) -> Result<bool>;
}

impl UnlessMissed for Result<()> {
    fn unless_missed(self) -> Result<bool> {
        match self {
            Ok(()) => Ok(true),
            Err(Error::Missed { along: false, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
