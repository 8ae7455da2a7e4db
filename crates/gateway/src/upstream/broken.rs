//! Why an exchange with a service came to nothing.

/// What is behind it.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no answer, or no more of it.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Nobody listens there, so nothing was sent.
    #[error("there is no connection")]
    Away(#[source] Cause),
    /// One of the two sides broke off.
    #[error("it broke off")]
    Off(#[source] Cause),
    /// What came leaves a doubt about what it is or where it ends.
    #[error("it answered what is no HTTP: {0}")]
    Garbled(&'static str),
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Self::Off(error.into())
    }
}

impl From<hyper_util::client::legacy::Error> for Broken {
    fn from(error: hyper_util::client::legacy::Error) -> Self {
        if error.is_connect() { Self::Away(error.into()) } else { Self::Off(error.into()) }
    }
}
