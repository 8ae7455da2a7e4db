//! What is done later, here and outside.

use serde_json::{Value, json};

use super::Who::Anna;
use super::{Call, call};

/// All of it.
pub fn all() -> Vec<Call> {
    [working(), queueing(), root_jobs()].concat()
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
