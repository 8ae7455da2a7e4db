//! Counts as JSON, and the ranges that are asked for.

use serde::de::{Error, IntoDeserializer};
use serde::{Deserialize, Deserializer, Serialize};
use types::{Timestamp, UserId};
use utoipa::{IntoParams, ToSchema};

use super::Of;

/// The last second that can be written as a year of four digits.
const LAST: i64 = 253_402_300_799;

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// All messages in the house, each once.
    #[default]
    All,
    /// Those that came to you.
    Received,
    /// Those that you wrote.
    Sent,
}

impl What {
    pub const fn of(self, user: UserId) -> Of {
        match self {
            Self::All => Of::All,
            Self::Received => Of::Received(user),
            Self::Sent => Of::Sent(user),
        }
    }
}

/// Which messages are counted, by when they were written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// `all` in the house (the usual), `received` by you, or `sent` by you.
    #[param(inline)]
    #[serde(default)]
    pub of: What,
    /// The first second: Unix seconds or RFC 3339. From the beginning when not given.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    pub since: Second,
    /// The last second, included: Unix seconds or RFC 3339. Now when not given.
    #[param(value_type = Option<String>)]
    pub to: Option<Second>,
}

/// A second, however it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Second(pub i64);

impl<'de> Deserialize<'de> for Second {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let second = if text.bytes().all(|letter| letter.is_ascii_digit()) {
            text.parse().map_err(D::Error::custom)?
        } else {
            Timestamp::deserialize(text.as_str().into_deserializer())?.seconds()
        };
        let is_known = (0..=LAST).contains(&second);
        is_known
            .then_some(Self(second))
            .ok_or_else(|| D::Error::custom("a time from 1970 to 9999 is expected"))
    }
}

/// How many messages there are.
#[derive(Serialize, ToSchema)]
pub struct Statistics {
    #[schema(inline)]
    pub of: What,
    pub messages: i64,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde::de::value::{Error, StrDeserializer};

    use super::*;

    fn second(text: &str) -> Option<i64> {
        let text: StrDeserializer<'_, Error> = text.into_deserializer();
        Second::deserialize(text).ok().map(|second| second.0)
    }

    #[test]
    fn a_second_is_a_number_or_a_moment() {
        assert_eq!(second("0"), Some(0));
        assert_eq!(second("1795253400"), Some(1_795_253_400));
        assert_eq!(second("2026-11-21T09:30:00Z"), Some(1_795_253_400));
        assert_eq!(second("2026-11-21T11:30:00.999+02:00"), Some(1_795_253_400));
        for bad in [
            "",
            "-1",
            "+1",
            "1.5",
            "yesterday",
            "253402300800",
            "99999999999999999999",
            "1900-01-01T00:00:00Z",
        ] {
            assert_eq!(second(bad), None, "{bad:?}");
        }
    }
}
