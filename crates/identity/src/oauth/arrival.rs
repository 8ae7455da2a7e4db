//! What a browser comes back with.

use serde::Deserialize;
use types::{Error, Result};
use utoipa::IntoParams;

use super::texts::{DENIED, NOT_BEGUN};

/// What a provider sent a browser back with.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
pub struct Arrival {
    /// What is exchanged for the provider's word.
    code: Option<String>,
    /// What the browser left with.
    state: Option<String>,
    /// Why there is no code.
    error: Option<String>,
    /// Who sends it back, as far as the provider says.
    iss: Option<String>,
    /// The device that VK ID knows the browser by.
    device_id: Option<String>,
    /// The same, as VK ID sometimes wraps it: JSON.
    payload: Option<String>,
}

/// What VK ID wraps.
#[derive(Deserialize)]
struct Payload {
    code: Option<String>,
    state: Option<String>,
    device_id: Option<String>,
}

impl Arrival {
    /// The same without wrapping. What stands outside goes before what is inside.
    pub fn unwrapped(mut self) -> Self {
        let payload = self.payload.take().and_then(|text| serde_json::from_str(&text).ok());
        if let Some(Payload { code, state, device_id }) = payload {
            self.code = self.code.or(code);
            self.state = self.state.or(state);
            self.device_id = self.device_id.or(device_id);
        }
        self
    }

    /// The state that it claims.
    pub fn state(&self) -> Result<&str> {
        self.state.as_deref().ok_or(Error::Forbidden(NOT_BEGUN))
    }

    /// Who it says it is from.
    pub fn issuer(&self) -> Option<&str> {
        self.iss.as_deref()
    }

    /// The device, if there is one.
    pub fn device(&self) -> Option<&str> {
        self.device_id.as_deref().filter(|device| !device.is_empty())
    }

    /// The code, or why there is none. Asked once the state is known to be right.
    pub fn code(&self) -> Result<&str> {
        match (self.error.as_deref(), self.code.as_deref()) {
            (Some("temporarily_unavailable" | "server_error"), _) => Err(Error::unavailable(
                "the provider sends the browser back and says that it cannot answer now",
            )),
            (Some(_), _) => Err(Error::Forbidden(DENIED)),
            (None, Some(code)) if !code.is_empty() => Ok(code),
            (None, _) => Err(Error::Forbidden(NOT_BEGUN)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_is_found_and_nonsense_is_nothing() {
        let payload = r#"{"type": "code_v2", "code": "c", "state": "s", "device_id": "d", "ttl": 600}"#;
        let wrapped = Arrival { payload: Some(payload.into()), ..Arrival::default() }.unwrapped();
        assert_eq!(
            (wrapped.state().unwrap(), wrapped.code().unwrap(), wrapped.device()),
            ("s", "c", Some("d"))
        );
        for nonsense in ["", "{", "[]", "null", "{\"code\": 7}"] {
            let arrival = Arrival { payload: Some(nonsense.into()), ..Arrival::default() }.unwrapped();
            assert!(arrival.state().is_err() && arrival.code().is_err());
        }
    }

    #[test]
    fn a_refusal_counts_also_when_a_code_came_along() {
        let arrival =
            Arrival { code: Some("c".into()), error: Some("access_denied".into()), ..Arrival::default() };
        assert!(matches!(arrival.code(), Err(Error::Forbidden(DENIED))));
    }
}
