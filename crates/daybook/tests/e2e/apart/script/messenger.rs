//! What is said, and who hears it.

use serde_json::{Value, json};

use super::Who::{Anna, Nobody};
use super::{Call, call};

/// All of it.
pub fn all() -> Vec<Call> {
    [talking(), gathering(), root_messenger(), listening()].concat()
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
