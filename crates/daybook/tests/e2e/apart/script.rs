//! What is done once with every operation, in an order in which it works.

use serde_json::{Value, json};

use super::super::house::PASSWORD;
use Who::{Anna, Nobody};

/// One request. `{id}` in its path stands for the id of what was made last, `{me}` and
/// `{user_id}` there and in its body for Anna's and Ben's.
pub struct Call {
    pub who: Who,
    pub method: &'static str,
    pub path: &'static str,
    pub body: Value,
    pub with: &'static [(&'static str, &'static str)],
}

impl Call {
    /// The same with these headers.
    fn with(self, with: &'static [(&'static str, &'static str)]) -> Self {
        Self { with, ..self }
    }
}

#[derive(Clone, Copy)]
pub enum Who {
    Nobody,
    Anna,
}

const fn call(who: Who, method: &'static str, path: &'static str, body: Value) -> Call {
    Call { who, method, path, body, with: &[] }
}

/// All of it.
pub fn script() -> Vec<Call> {
    [
        signing_in(),
        by_secrets(),
        looking(),
        changing(),
        tasks(),
        arranging(),
        root_tasks(),
        sent_again(),
        talking(),
        gathering(),
        root_messenger(),
        working(),
        listening(),
        queueing(),
        root_jobs(),
        signing_out(),
    ]
    .into_iter()
    .flatten()
    .collect()
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

/// What workers outside say, and what the house does for people.
fn working() -> Vec<Call> {
    let claim = json!({"claim": "1:1"});
    vec![
        call(Anna, "POST", "/api/v1/work/claim", json!({"queues": ["none"], "max": 100})),
        call(Anna, "POST", "/api/v1/work/claim", json!({"queues": ["none"], "wait_seconds": 1})),
        call(Anna, "POST", "/api/v1/work/claim", json!({"queues": ["None"], "max": 0})),
        call(Anna, "POST", "/api/v1/work/{id}/heartbeat", claim.clone()),
        call(Anna, "POST", "/api/v1/work/{id}/complete", claim),
        call(Anna, "POST", "/api/v1/work/{id}/fail", json!({"claim": "1:1", "error": "none"})),
        call(Anna, "GET", "/api/v1/jobs/webhook-secret", Value::Null),
        call(Anna, "PUT", "/api/v1/jobs/webhook-secret", json!({"number": 2})),
        call(Anna, "PUT", "/api/v1/jobs/webhook-secret", json!({"number": 7})),
        call(Anna, "GET", "/api/v1/jobs/{id}/result", Value::Null),
    ]
}

/// Tasks.
fn tasks() -> Vec<Call> {
    vec![
        call(Anna, "POST", "/api/v1/tasks", json!({"title": "Їжак"})),
        call(Anna, "POST", "/api/v1/tasks", json!({"title": "Milk", "note": "two\nlitres"})),
        call(Anna, "GET", "/api/v1/tasks", Value::Null),
        call(Anna, "GET", "/api/v1/home", Value::Null),
        call(Anna, "GET", "/api/v1/home?include=tasks", Value::Null),
        call(Anna, "GET", "/api/v1/home?include=nothing", Value::Null),
        call(Anna, "GET", "/api/v1/tasks?limit=1", Value::Null),
        call(Anna, "GET", "/api/v1/tasks?limit=1&cursor={id}", Value::Null),
        call(Anna, "GET", "/api/v1/tasks?limit=0", Value::Null),
        call(Anna, "GET", "/api/v1/tasks/{id}", Value::Null),
        call(Anna, "GET", "/api/v1/tasks/{id}", Value::Null).with(&[("if-none-match", "\"0\", W/\"1\"")]),
        call(Anna, "HEAD", "/api/v1/tasks/{id}", Value::Null).with(&[("if-none-match", "*")]),
        call(Anna, "PATCH", "/api/v1/tasks/{id}", json!({"completed": true}))
            .with(&[("if-match", "W/\"1\"")]),
        call(Anna, "DELETE", "/api/v1/tasks/{id}", Value::Null).with(&[("if-match", "\"7\"")]),
        call(Anna, "DELETE", "/api/v1/tasks/{id}", Value::Null).with(&[("if-match", "1")]),
        call(Anna, "PATCH", "/api/v1/tasks/{id}", json!({"completed": true})).with(&[("if-match", "\"1\"")]),
        call(Anna, "PATCH", "/api/v1/tasks/{id}", json!({"completed": 1})),
        call(Anna, "GET", "/api/v1/tasks?completed=true", Value::Null),
        call(Anna, "GET", "/api/v1/tasks/changes", Value::Null),
        call(Anna, "GET", "/api/v1/tasks/changes?limit=1", Value::Null),
        call(Anna, "GET", "/api/v1/tasks/changes?since=17", Value::Null),
        call(Anna, "GET", "/api/v1/tasks/events", Value::Null),
        call(Anna, "GET", "/api/v1/tasks/events?since=17", Value::Null),
        call(Anna, "DELETE", "/api/v1/tasks/{id}", Value::Null),
        call(Anna, "DELETE", "/api/v1/tasks/{id}", Value::Null),
        call(Anna, "POST", "/api/v1/tasks/{id}/restore", json!({})),
        call(Anna, "POST", "/api/v1/tasks/{id}/restore", json!({})),
    ]
}

/// Tasks in order, many at once, and in lists.
fn arranging() -> Vec<Call> {
    vec![
        call(Anna, "POST", "/api/v1/tasks/{id}/move", json!({"after": null})),
        call(Anna, "POST", "/api/v1/tasks/{id}/move", json!({"after": 17})),
        call(Anna, "GET", "/api/v1/tasks?order=position", Value::Null),
        call(Anna, "GET", "/api/v1/tasks?q=milk&order=position", Value::Null),
        call(Anna, "GET", "/api/v1/tasks?q=nothing+like+it&completed=true", Value::Null),
        call(Anna, "GET", "/api/v1/tasks?order=due&due_after=2027-03-01&priority=2", Value::Null),
        call(
            Anna,
            "POST",
            "/api/v1/tasks/bulk",
            json!({"items": [{"title": "x", "priority": 7}, {"title": ""}]}),
        ),
        call(
            Anna,
            "PATCH",
            "/api/v1/tasks/bulk",
            json!({"items": [{"id": 17, "change": {"completed": true}}]}),
        ),
        call(Anna, "POST", "/api/v1/lists", json!({"name": "Дім"})),
        call(Anna, "POST", "/api/v1/lists", json!({"name": ""})),
        call(Anna, "GET", "/api/v1/lists", Value::Null),
        call(Anna, "GET", "/api/v1/lists/{id}", Value::Null),
        call(Anna, "PATCH", "/api/v1/lists/{id}", json!({"name": "Home"})),
        call(Anna, "DELETE", "/api/v1/lists/{id}", Value::Null),
    ]
}

/// Tasks at the root, which ends with none left.
fn root_tasks() -> Vec<Call> {
    vec![
        call(Anna, "POST", "/tasks", json!({"title": "Їжак", "color": "red"})),
        call(Anna, "POST", "/tasks", json!({"title": ""})),
        call(Anna, "GET", "/tasks", Value::Null),
        call(Anna, "GET", "/tasks?after=x", Value::Null),
        call(Anna, "GET", "/tasks/{id}", Value::Null),
        call(Anna, "PUT", "/tasks/{id}", json!({"completed": true})),
        call(Anna, "PUT", "/tasks/{id}", json!({"completed": "yes"})),
        call(Anna, "DELETE", "/tasks/{id}", Value::Null),
        call(Anna, "DELETE", "/tasks/{id}", Value::Null),
        call(Anna, "DELETE", "/tasks", Value::Null),
        call(Anna, "GET", "/tasks", Value::Null),
    ]
}

/// Chats and messages.
fn talking() -> Vec<Call> {
    vec![
        call(Nobody, "POST", "/auth/known", json!({"ids": [17]})),
        call(Anna, "POST", "/api/v1/chats", json!({"user_id": 17})),
        call(Anna, "POST", "/api/v1/chats", json!({"user_id": "{me}"})),
        call(Anna, "GET", "/api/v1/chats", Value::Null),
        call(Anna, "GET", "/api/v1/chats?limit=0", Value::Null),
        call(Anna, "GET", "/api/v1/chats/{id}", Value::Null),
        call(Anna, "GET", "/api/v1/chats/{id}/messages", Value::Null),
        call(Anna, "PUT", "/api/v1/chats/{id}/read", json!({})),
        call(Anna, "POST", "/api/v1/chats/{id}/messages", json!({"text": ""})),
        call(Anna, "POST", "/api/v1/chats/{id}/messages", json!({"text": "Їжак", "client_key": "a"})),
        call(Anna, "GET", "/api/v1/messages/{id}", Value::Null),
        call(Anna, "GET", "/api/v1/messages/{id}", Value::Null).with(&[("if-none-match", "\"1\"")]),
        call(Anna, "PATCH", "/api/v1/messages/{id}", json!({"text": "Лис"})),
        call(Anna, "GET", "/api/v1/messages/{id}/history", Value::Null),
        call(
            Anna,
            "GET",
            "/api/v1/messages/statistics?since=2027-01-01T00:00:00Z&to=4000000000",
            Value::Null,
        ),
        call(Anna, "GET", "/api/v1/messages/statistics?of=mine", Value::Null),
        call(Anna, "DELETE", "/api/v1/messages/{id}?for=me", Value::Null),
        call(Anna, "DELETE", "/api/v1/messages/{id}", Value::Null),
    ]
}

/// Groups and who is in them, whom one finds and whom one does not want to hear of.
fn gathering() -> Vec<Call> {
    let group = json!({"title": "Похід", "members": ["{user_id}"]});
    vec![
        call(Anna, "GET", "/api/v1/people?ids={user_id},7", Value::Null),
        call(Anna, "GET", "/api/v1/people?name=hanna", Value::Null),
        call(Anna, "GET", "/api/v1/people", Value::Null),
        call(Anna, "POST", "/api/v1/chats", json!({"title": ""})),
        call(Anna, "POST", "/api/v1/chats", group.clone()).with(&[("idempotency-key", "chat")]),
        call(Anna, "POST", "/api/v1/chats", group).with(&[("idempotency-key", "chat")]),
        call(Anna, "GET", "/api/v1/chats/{id}", Value::Null).with(&[("if-none-match", "*")]),
        call(Anna, "PATCH", "/api/v1/chats/{id}", json!({"title": "Hike"})).with(&[("if-match", "\"7\"")]),
        call(Anna, "PATCH", "/api/v1/chats/{id}", json!({"title": "Hike"})).with(&[("if-match", "\"x.1\"")]),
        call(Anna, "GET", "/api/v1/chats/{id}/members", Value::Null),
        call(Anna, "GET", "/api/v1/chats/{id}/members?limit=1", Value::Null),
        call(Anna, "PUT", "/api/v1/chats/{id}/members/{user_id}", json!({"role": "admin"})),
        call(Anna, "PUT", "/api/v1/chats/{id}/members/{user_id}", json!({"role": "king"})),
        call(Anna, "DELETE", "/api/v1/chats/{id}/members/{user_id}", Value::Null),
        call(Anna, "DELETE", "/api/v1/chats/{id}/members/{user_id}", Value::Null),
        call(Anna, "PUT", "/api/v1/chats/{id}/members/{user_id}", json!({"history": true})),
        call(Anna, "PUT", "/api/v1/blocks/{user_id}", Value::Null),
        call(Anna, "GET", "/api/v1/blocks", Value::Null),
        call(Anna, "POST", "/api/v1/chats", json!({"user_id": "{user_id}"})),
        call(Anna, "DELETE", "/api/v1/blocks/{user_id}", Value::Null),
        call(Anna, "GET", "/api/v1/home?include=messenger", Value::Null),
    ]
}

/// The messenger as the older clients know it.
fn root_messenger() -> Vec<Call> {
    vec![
        call(Anna, "POST", "/send", json!({"pal_id": "{me}", "message": "Лис"})),
        call(Anna, "POST", "/send", json!({"pal_id": 17, "message": "Лис"})),
        call(Anna, "POST", "/send", json!({"message": ""})),
        call(Anna, "GET", "/chat?pal_id={me}&limit=1", Value::Null),
        call(Anna, "GET", "/chat?pal_id=x", Value::Null),
        call(Anna, "GET", "/chats", Value::Null),
        call(Anna, "GET", "/MessagesReceived?to=7", Value::Null),
        call(Anna, "GET", "/MessagesReceivedByUser?since=8&to=7", Value::Null),
        call(Anna, "GET", "/MessagesSentByUser?since=-1", Value::Null),
        call(Anna, "GET", "/api/v1/messages/{id}/trail", Value::Null),
    ]
}

/// What is sent again.
fn sent_again() -> Vec<Call> {
    let many = json!({"items": [{"title": "x", "priority": 2}, {"title": ""}]});
    vec![
        call(Anna, "POST", "/api/v1/tasks", json!({"title": "Milk"})).with(&[("idempotency-key", "a")]),
        call(Anna, "POST", "/api/v1/tasks", json!({"title": "Milk"})).with(&[("idempotency-key", "a")]),
        call(Anna, "POST", "/api/v1/tasks", json!({"title": "Oat"})).with(&[("idempotency-key", "a")]),
        call(Anna, "POST", "/api/v1/tasks", json!({"title": "Oat"})).with(&[("idempotency-key", "a b")]),
        call(Anna, "POST", "/api/v1/tasks/bulk", many.clone()).with(&[("idempotency-key", "a")]),
        call(Anna, "POST", "/api/v1/tasks/bulk", many).with(&[("idempotency-key", "a")]),
        call(Anna, "POST", "/api/v1/tasks/bulk", json!({"items": []})).with(&[("idempotency-key", "a")]),
    ]
}

/// Hearing what happens in chats.
fn listening() -> Vec<Call> {
    vec![
        call(Anna, "GET", "/api/v1/chats/events", Value::Null),
        call(Anna, "GET", "/api/v1/chats/events?since=x", Value::Null),
        call(Anna, "GET", "/api/v1/chats/live", Value::Null),
        call(Anna, "GET", "/api/v1/chats/live?since=1-2", Value::Null),
        call(Anna, "POST", "/api/v1/chats/{id}/typing", Value::Null),
        call(Anna, "GET", "/api/v1/presence?users=1,2", Value::Null),
        call(Anna, "GET", "/api/v1/presence?users=1,x", Value::Null),
    ]
}

/// Having things done later.
fn queueing() -> Vec<Call> {
    let (one, named) =
        (json!({"kind": "external", "payload": {"n": 1}}), json!({"kind": "external", "key": "one"}));
    let many = json!([one, named, {"kind": "magic"}, named]);
    vec![
        call(Anna, "GET", "/api/v1/jobs/summary", Value::Null),
        call(Anna, "POST", "/api/v1/jobs", json!({"kind": "external", "payload": 1, "priority": "low"})),
        call(Anna, "POST", "/api/v1/jobs", named.clone()),
        call(Anna, "POST", "/api/v1/jobs", named),
        call(Anna, "POST", "/api/v1/jobs", many.clone()).with(&[("idempotency-key", "jobs")]),
        call(Anna, "POST", "/api/v1/jobs", many).with(&[("idempotency-key", "jobs")]),
        call(Anna, "POST", "/api/v1/jobs", one).with(&[("idempotency-key", "job")]),
        call(Anna, "GET", "/api/v1/jobs?limit=2&state=queued,dead&kind=external", Value::Null),
        call(Anna, "GET", "/api/v1/jobs?state=asleep", Value::Null),
        call(Anna, "GET", "/api/v1/jobs/{id}", Value::Null),
        call(Anna, "GET", "/api/v1/jobs/{id}", Value::Null).with(&[("if-none-match", "*")]),
        call(Anna, "GET", "/api/v1/jobs/{id}/explain", Value::Null),
        call(Anna, "GET", "/api/v1/jobs/{id}/stream", Value::Null),
        call(Anna, "POST", "/api/v1/jobs/{id}/retry", Value::Null),
        call(Anna, "POST", "/api/v1/jobs/{id}/cancel", Value::Null),
        call(Anna, "POST", "/api/v1/jobs/{id}/cancel", Value::Null),
        call(Anna, "GET", "/api/v1/jobs/{id}/stream", Value::Null),
        call(Anna, "POST", "/api/v1/jobs/retry", json!({"state": "cancelled"})),
        call(Anna, "POST", "/api/v1/jobs/retry", json!({"state": "done"})),
        call(Anna, "GET", "/api/v1/home?include=jobs", Value::Null),
        call(
            Anna,
            "POST",
            "/api/v1/schedules",
            json!({"name": "Звіт", "cron": "0 6 * * mon", "kind": "report", "payload": {"of": "jobs"}}),
        ),
        call(
            Anna,
            "POST",
            "/api/v1/schedules",
            json!({"cron": "61 * * * *", "zone": "Mars/Phobos", "kind": "x"}),
        ),
        call(Anna, "GET", "/api/v1/schedules", Value::Null),
        call(Anna, "GET", "/api/v1/schedules/{id}", Value::Null),
        call(Anna, "PATCH", "/api/v1/schedules/{id}", json!({"paused": true})),
        call(Anna, "DELETE", "/api/v1/schedules/{id}", Value::Null),
    ]
}

/// The queue as document 5 has it.
fn root_jobs() -> Vec<Call> {
    vec![
        call(Anna, "POST", "/jobs", json!({"kind": "external", "payload": {}, "colour": "red"})),
        call(Anna, "POST", "/jobs", json!({"kind": ""})),
        call(Anna, "GET", "/jobs", Value::Null),
        call(Anna, "GET", "/jobs?before=x", Value::Null),
        call(Anna, "GET", "/jobs/{id}", Value::Null),
        call(Anna, "POST", "/jobs/{id}/cancel", Value::Null),
        call(Anna, "POST", "/jobs/{id}/retry", Value::Null),
    ]
}

/// Going; each of these ends what comes after it.
fn signing_out() -> Vec<Call> {
    vec![
        call(Anna, "DELETE", "/api/v1/me/sessions?others=true", Value::Null),
        call(Anna, "POST", "/auth/logout", Value::Null),
        call(Anna, "POST", "/api/auth/logout", Value::Null),
        call(Anna, "POST", "/logout", Value::Null),
    ]
}
