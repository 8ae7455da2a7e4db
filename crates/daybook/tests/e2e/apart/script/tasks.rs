//! What is done with tasks.

use serde_json::{Value, json};

use super::Who::Anna;
use super::{Call, call};

/// All of it.
pub fn all() -> Vec<Call> {
    [tasks(), arranging(), root_tasks(), sent_again()].concat()
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
