//! What kind of request it is: those are counted apart, and some are sent away last.

use api::rates::Group;
use axum::http::Method;

/// Where somebody is registered or a code goes out, which costs us something also when it succeeds.
const COSTLY: [&str; 5] =
    ["/signup", "/register", "/auth/register", "/auth/verify-code", "/auth/reset-password"];

/// The kind; none for what tells whether we are well.
pub fn of(method: &Method, path: &str) -> Option<Group> {
    if path == "/health" || *method == Method::OPTIONS {
        return None;
    }
    if method.is_safe() {
        return Some(Group::Read);
    }
    let costly = COSTLY.contains(&path.strip_prefix("/api").unwrap_or(path)) || path == "/api/v1/accounts";
    Some(if costly || identity::is_door(path) { Group::Door { costly } } else { Group::Write })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_known_by_method_and_path() {
        let (door, costly) = (Group::Door { costly: false }, Group::Door { costly: true });
        for (method, path, kind) in [
            (Method::GET, "/health", None),
            (Method::OPTIONS, "/tasks", None),
            (Method::GET, "/tasks", Some(Group::Read)),
            (Method::HEAD, "/login", Some(Group::Read)),
            (Method::POST, "/tasks", Some(Group::Write)),
            (Method::DELETE, "/api/v1/tasks/1", Some(Group::Write)),
            (Method::POST, "/login", Some(door)),
            (Method::POST, "/auth", Some(door)),
            (Method::POST, "/auth/refresh", Some(door)),
            (Method::POST, "/api/auth/login", Some(door)),
            (Method::POST, "/signup", Some(costly)),
            (Method::POST, "/api/v1/accounts", Some(costly)),
            (Method::POST, "/api/auth/verify-code", Some(costly)),
            (Method::POST, "/auth/reset-password", Some(costly)),
        ] {
            assert_eq!(of(&method, path), kind, "{method} {path}");
        }
    }
}
