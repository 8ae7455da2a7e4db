//! Bodies that are one object or an array of many.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use utoipa::ToSchema;

/// One, or as many as an array has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// An object.
    One(T),
    /// An array of such.
    Many(Vec<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Either(PhantomData))
    }
}

struct Either<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OneOrMany<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(OneOrMany::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMany<T>, A::Error> {
        let mut many = Vec::new();
        while let Some(Object(item)) = items.next_element()? {
            many.push(item);
        }
        Ok(OneOrMany::Many(many))
    }
}

/// A `T` that is written as an object: an array of its values in order would be taken for one.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Only(PhantomData)).map(Self)
    }
}

struct Only<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Only<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::from_str;

    use super::*;

    #[derive(Debug, PartialEq, Eq, serde::Deserialize)]
    struct Pair {
        a: i64,
        b: i64,
    }

    #[test]
    fn an_object_is_one_and_an_array_many_and_nothing_else_is_either() {
        let pair = Pair { a: 1, b: 2 };
        assert_eq!(from_str::<OneOrMany<Pair>>(r#"{"a": 1, "b": 2}"#).unwrap(), OneOrMany::One(pair));
        let many = from_str::<OneOrMany<Pair>>(r#"[{"a": 1, "b": 2}, {"b": 4, "a": 3}]"#).unwrap();
        assert_eq!(many, OneOrMany::Many(vec![Pair { a: 1, b: 2 }, Pair { a: 3, b: 4 }]));
        assert_eq!(from_str::<OneOrMany<Pair>>("[]").unwrap(), OneOrMany::Many(vec![]));
        for wrong in ["[[1, 2]]", "[1, 2]", "1", "null", "[null]", r#"["x"]"#] {
            assert!(from_str::<OneOrMany<Pair>>(wrong).is_err(), "{wrong}");
        }
    }
}
