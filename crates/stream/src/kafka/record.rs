//! A record: a fact as JSON, with what places it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use types::{Error, Result, Timestamp};

use crate::Fact;

/// Where a record stands in its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Everything of the partition up to this number is here or before.
    pub number: i64,
    /// Nothing of the partition lies between this number and that.
    pub after: i64,
    /// How many partitions there were.
    pub of: usize,
    /// Which database it is from: another one gives the same numbers to other facts.
    pub origin: i64,
}

/// What a partition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub spot: Spot,
    /// What it tells; none if it is there only to say that there is nothing more up to its number.
    pub fact: Option<Fact>,
}

/// As it is written. All but the first four are missing where there is no fact.
#[derive(Serialize, Deserialize)]
struct Json<'r> {
    number: i64,
    after: i64,
    of: usize,
    origin: i64,
    #[serde(default, skip_serializing_if = "is_nothing")]
    id: i64,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    topic: Cow<'r, str>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    key: i64,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    kind: Cow<'r, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    body: Option<&'r RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_nothing(number: &i64) -> bool {
    *number == 0
}

impl Spot {
    /// The record that stands here.
    pub fn record(self, fact: Option<&Fact>) -> Result<Vec<u8>> {
        let body = fact.map(|fact| serde_json::from_str(&fact.body)).transpose();
        let Self { number, after, of, origin } = self;
        let text = |text: fn(&Fact) -> &str| Cow::Borrowed(fact.map(text).unwrap_or_default());
        let json = Json {
            number,
            after,
            of,
            origin,
            id: fact.map_or(0, |fact| fact.id),
            topic: text(|fact| &fact.topic),
            key: fact.map_or(0, |fact| fact.key),
            kind: text(|fact| &fact.kind),
            body: body.map_err(|e| Error::internal_by(format!("fact {number} is not JSON"), e))?,
            created_at: fact.map(|fact| fact.created_at),
        };
        serde_json::to_vec(&json).map_err(|e| Error::internal_by("a record cannot be written as JSON", e))
    }
}

impl Record {
    /// Reads a record, if it is one of ours.
    pub fn read(payload: &[u8], published_at: Option<Timestamp>) -> serde_json::Result<Self> {
        let json: Json<'_> = serde_json::from_slice(payload)?;
        let Json { number, after, of, origin, .. } = json;
        let created_at = json.created_at.unwrap_or_default();
        let fact = json.body.map(|body| Fact {
            number,
            id: json.id,
            topic: json.topic.into_owned(),
            key: json.key,
            kind: json.kind.into_owned(),
            body: body.get().to_owned(),
            created_at,
            published_at: published_at.unwrap_or(created_at),
        });
        Ok(Self { spot: Spot { number, after, of, origin }, fact })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let (created_at, published_at) = (Timestamp::from_micros(1_234_567), Timestamp::from_millis(2_000));
        let (topic, kind, body) = ("tasks".into(), "created".into(), r#"{"id":7,"title":"a \"b\""}"#.into());
        let fact = Fact { number: 9, id: 3, topic, key: 0, kind, body, created_at, published_at };
        let spot = Spot { number: 9, after: 4, of: 8, origin: 5 };
        for fact in [Some(fact), None] {
            let written = spot.record(fact.as_ref()).unwrap();
            let read = Record::read(&written, Some(published_at)).unwrap();
            assert_eq!(read, Record { spot, fact });
        }
        let bare = String::from_utf8(spot.record(None).unwrap()).unwrap();
        assert_eq!(bare, r#"{"number":9,"after":4,"of":8,"origin":5}"#);
    }

    #[test]
    fn what_is_not_ours_is_no_record() {
        for payload in ["", "7", "{}", r#"{"number":"9"}"#] {
            assert!(Record::read(payload.as_bytes(), None).is_err());
        }
    }
}
