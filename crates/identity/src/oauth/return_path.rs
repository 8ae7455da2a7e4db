//! Where a browser may go when the dance is over: a path of our own pages, and never another house.

use types::{Error, Result};

use super::texts::BAD_RETURN;

/// Where it goes when nothing was asked for.
pub const HOME: &str = "/app/";
/// Characters of a path.
const LONGEST: usize = 512;

/// The path to return to. Whatever a browser could read as another host is refused, not repaired.
pub fn checked(asked: Option<String>) -> Result<String> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else { return Ok(HOME.to_owned()) };
    if is_ours(&asked) { Ok(asked) } else { Err(Error::invalid("return_to", BAD_RETURN)) }
}

fn is_ours(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~?#&=%+,:;@!$'()*".contains(&byte);
    if path.len() > LONGEST || !path.bytes().all(plain) {
        return false;
    }
    let lower = path.to_ascii_lowercase();
    // A proxy on the way may undo an encoding once: nothing that counts may be hidden in one.
    let (way, rest) = lower.split_at(lower.find(['?', '#']).unwrap_or(lower.len()));
    let own = way == "/app" || way.starts_with("/app/");
    let hidden = ["%2f", "%5c", "%2e", "%25", "%00", "%0d", "%0a", "%09"];
    let dots = way.split('/').any(|part| part == "." || part == "..");
    let splits = ["%00", "%0d", "%0a"].iter().any(|code| rest.contains(code));
    own && !way.contains("//") && !dots && !hidden.iter().any(|code| way.contains(code)) && !splits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_pages_are_taken_as_they_stand() {
        for path in [
            "/app",
            "/app/",
            "/app/tasks",
            "/app/tasks?filter=a%20b&next=https://example.org/",
            "/app/a#b",
            "/app?x=/../y",
        ] {
            assert_eq!(checked(Some(path.to_owned())).unwrap(), path);
        }
        for none in [None, Some(String::new())] {
            assert_eq!(checked(none).unwrap(), HOME);
        }
    }

    #[test]
    fn whatever_could_lead_to_another_host_is_refused() {
        for path in [
            "https://evil.example/",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/%2fevil.example",
            "/app/../..//evil.example",
            "/app/%2e%2e//evil.example",
            "/app/..%2f..%2f%2fevil.example",
            "/app/%5cevil.example",
            "/app/%252f%252fevil.example",
            "/app//evil.example",
            "/app\\@evil.example",
            "/app@evil.example",
            "/app.evil.example",
            "/apple",
            "app/",
            "javascript:alert(1)",
            "/app/\r\nSet-Cookie: a=b",
            "/app/?a=%0d%0aSet-Cookie:%20a=b",
            "/app/\u{0}",
            "/app/ї",
            " /app/",
            "/",
            "/auth/logout",
            "http:/app/",
            "@evil.example/app/",
        ] {
            assert!(checked(Some(path.to_owned())).is_err(), "{path:?}");
        }
        assert!(checked(Some(format!("/app/{}", "a".repeat(LONGEST)))).is_err());
    }
}
