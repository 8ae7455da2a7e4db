//! What a failure of Redis means to those who asked.

use redis::{ErrorKind, RedisError};
use types::Error;

/// The house's word for it. A server's words are kept as text, cut where they may repeat what was asked.
pub fn meaning(error: &RedisError) -> Error {
    let codes = codes(error);
    let says = |code: &str| codes.iter().any(|known| known == code);
    let said = said(error);
    if says("OOM") {
        return Error::Full(None);
    }
    match error.kind() {
        ErrorKind::UnexpectedReturnType => Error::internal(format!("Redis was not understood: {said}")),
        _ if is_refusal(error) => Error::internal(refusal(&said)),
        _ => Error::unavailable(format!("Redis is not there: {said}")),
    }
}

/// Whether a server that is well will not do it, now or later.
pub fn is_refusal(error: &RedisError) -> bool {
    let codes = codes(error);
    !codes.is_empty() && !codes.iter().any(|code| passes(code))
}

/// Whether this connection leads to a server that has become a copy of another: the next one may lead to that.
pub fn wants_another_connection(error: &RedisError) -> bool {
    codes(error).iter().any(|code| code == "READONLY")
}

/// The error in words, without what was asked: "unknown command 'HELLO', with args beginning with: 'AUTH' 'secret'".
pub fn said(error: &RedisError) -> String {
    let text = error.to_string();
    text.split(", with args").next().unwrap_or_default().to_owned()
}

fn refusal(said: &str) -> String {
    if said.contains("not an integer") {
        "a value in the cache that is no number cannot be added to".to_owned()
    } else if said.contains("would overflow") {
        "a counter in the cache is full".to_owned()
    } else {
        format!("Redis refuses: {said}")
    }
}

/// The codes of a server's errors: one for a command, several for a transaction.
fn codes(error: &RedisError) -> Vec<String> {
    let errors = error.clone().into_server_errors();
    errors.iter().flat_map(|errors| errors.iter()).map(|(_, error)| error.code().to_owned()).collect()
}

/// Whether a server that says so may do the same a little later.
fn passes(code: &str) -> bool {
    let passing = [
        "LOADING",
        "BUSY",
        "READONLY",
        "MASTERDOWN",
        "CLUSTERDOWN",
        "TRYAGAIN",
        "NOREPLICAS",
        "MISCONF",
        "NOAUTH",
    ];
    passing.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_cut_from_what_a_server_says() {
        let asked = "unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'user' 'secret'";
        let error = redis::make_extension_error("ERR".into(), Some(asked.into()));
        let said = said(&error);
        assert!(said.contains("unknown command 'HELLO'") && !said.contains("secret"), "{said}");
        assert!(!format!("{:?}", meaning(&error)).contains("secret"));
    }
}
