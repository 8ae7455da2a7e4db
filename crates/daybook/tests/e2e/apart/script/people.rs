//! Who comes, what they see and change of themselves, and that they go.

use serde_json::{Value, json};

use super::super::super::house::PASSWORD;
use super::Who::{Anna, Nobody};
use super::{Call, call};

/// Those who come.
pub fn coming() -> Vec<Call> {
    [signing_in(), by_secrets(), looking(), changing()].concat()
}

/// Coming in, and the doors for programs.
fn signing_in() -> Vec<Call> {
    let (boris, wrong) = (
        json!({"email": "boris@example.org", "password": PASSWORD}),
        json!({"email": "boris@example.org", "password": "wrong"}),
    );
    vec![
        call(Nobody, "POST", "/signup", boris.clone()),
        call(Nobody, "POST", "/signup", boris.clone()),
        call(Nobody, "POST", "/auth/register", json!({"email": "vira@example.org", "password": PASSWORD})),
        call(Nobody, "POST", "/auth/register", json!({"email": "vira", "password": ""})),
        call(Nobody, "POST", "/login", boris.clone()),
        call(Nobody, "POST", "/login", wrong.clone()),
        call(Nobody, "POST", "/auth/login", boris.clone()),
        call(Nobody, "POST", "/auth/login", wrong),
        call(Nobody, "GET", "/.well-known/jwks.json", Value::Null),
        call(Nobody, "POST", "/api/auth/login", boris.clone()),
        call(Nobody, "POST", "/auth", boris),
        call(Nobody, "POST", "/auth/refresh", Value::Null),
        call(Nobody, "POST", "/api/auth/refresh", Value::Null),
        call(Nobody, "POST", "/refresh", json!({"refresh_token": "Bearer nonsense"})),
        call(Nobody, "POST", "/auth/renew", json!({"refresh_token": "nonsense"})),
        call(Nobody, "POST", "/auth/seen", json!({"tokens": ["nonsense"]})),
        call(Nobody, "GET", "/.well-known/ended-sessions", Value::Null),
    ]
}

/// Coming in by what was sent or shown.
fn by_secrets() -> Vec<Call> {
    let login = json!({"email": "anna@example.org", "code": "000000"});
    let founder = json!({"token": "none", "username": "olha", "password": PASSWORD});
    vec![
        call(Nobody, "POST", "/auth/login-code", login.clone()),
        call(Nobody, "POST", "/api/auth/login-code", login),
        call(Nobody, "GET", "/api/v1/doors", Value::Null),
        call(Nobody, "POST", "/api/v1/first-administrator", founder),
    ]
}

/// What somebody sees of themselves.
fn looking() -> Vec<Call> {
    vec![
        call(Anna, "GET", "/auth/hello", Value::Null),
        call(Anna, "GET", "/api/auth/hello", Value::Null),
        call(Anna, "GET", "/auth/sessions", Value::Null),
        call(Anna, "GET", "/api/auth/sessions", Value::Null),
        call(Anna, "GET", "/auth/sessions/{id}", Value::Null),
        call(Anna, "GET", "/api/auth/sessions/{id}", Value::Null),
        call(Anna, "GET", "/api/v1/me/sessions", Value::Null),
        call(Anna, "DELETE", "/auth/sessions/{id}", Value::Null),
        call(Anna, "DELETE", "/api/auth/sessions/{id}", Value::Null),
        call(Anna, "DELETE", "/api/v1/me/sessions/{id}", Value::Null),
        call(Anna, "GET", "/api/v1/me", Value::Null),
    ]
}

/// What somebody changes about themselves, and what needs a code or a role that nobody here has.
fn changing() -> Vec<Call> {
    let code = json!({"email": "anna@example.org", "code": "000000", "new_password": PASSWORD});
    let both = json!({"old_password": "wrong", "new_password": PASSWORD});
    vec![
        call(Nobody, "POST", "/register", json!({"user": "hanna", "pass": PASSWORD})),
        call(Nobody, "POST", "/register", json!({"user": "hanna", "pass": PASSWORD})),
        call(
            Nobody,
            "POST",
            "/api/auth/register",
            json!({"phone_number": "+380441234567", "name": "Ірина", "password": PASSWORD}),
        ),
        call(Nobody, "POST", "/api/v1/accounts", json!({"identifier": "olha", "password": "password1"})),
        call(Nobody, "POST", "/auth/confirm-reset-password", code.clone()),
        call(Nobody, "POST", "/api/auth/confirm-reset-password", code),
        call(Anna, "PATCH", "/api/v1/me", json!({"name": "Анна", "week_start": 7})),
        call(Anna, "PATCH", "/api/v1/me", json!({"role": "admin"})),
        call(Anna, "PATCH", "/api/v1/me", json!({"name": "Hanna"})).with(&[("if-match", "\"1\"")]),
        call(Anna, "GET", "/api/v1/me", Value::Null).with(&[("if-none-match", "\"2\"")]),
        call(Anna, "PUT", "/api/v1/me/timezone", json!({"timezone": "Europe/Kyiv"})),
        call(Anna, "PUT", "/user/{id}", json!({"timezone": "Europe/Kyiv"})),
        call(Anna, "PUT", "/api/v1/me/password", both.clone()),
        call(Anna, "POST", "/auth/update-password", both.clone()),
        call(Anna, "POST", "/api/auth/update-password", both),
        call(Anna, "POST", "/api/v1/me/email", json!({"address": "a@example.org", "password": "wrong"})),
        call(Anna, "POST", "/api/v1/me/email/confirm", json!({"code": "000000"})),
        call(Anna, "POST", "/api/v1/me/phone", json!({"address": "+380441234568", "password": "wrong"})),
        call(Anna, "POST", "/api/v1/me/phone/confirm", json!({"code": "000000"})),
        call(Anna, "GET", "/api/v1/me/logins", Value::Null),
        call(Anna, "DELETE", "/api/v1/me/logins/{provider}", Value::Null),
        call(Nobody, "GET", "/auth/oauth/{provider}", Value::Null),
        call(Nobody, "GET", "/auth/oauth/{provider}/callback", Value::Null),
        call(Nobody, "GET", "/api/auth/oauth/{provider}", Value::Null),
        call(Nobody, "GET", "/api/auth/oauth/{provider}/callback", Value::Null),
        call(Anna, "GET", "/api/v1/accounts/{id}", Value::Null),
        call(Anna, "PUT", "/api/v1/accounts/{id}/role", json!({"role": "admin"})),
        call(Anna, "DELETE", "/api/v1/me", json!({"password": "wrong"})),
        call(Nobody, "POST", "/auth/verify-code", json!({"email": "new@example.org", "reason": "register"})),
        call(
            Nobody,
            "POST",
            "/api/auth/verify-code",
            json!({"email": "new@example.org", "reason": "register"}),
        ),
        call(Nobody, "POST", "/auth/reset-password", json!({"email": "nobody@example.org"})),
        call(Nobody, "POST", "/api/auth/reset-password", json!({"email": "nobody@example.org"})),
    ]
}

/// Going; each of these ends what comes after it.
pub fn going() -> Vec<Call> {
    vec![
        call(Anna, "DELETE", "/api/v1/me/sessions?others=true", Value::Null),
        call(Anna, "POST", "/auth/logout", Value::Null),
        call(Anna, "POST", "/api/auth/logout", Value::Null),
        call(Anna, "POST", "/logout", Value::Null),
    ]
}
