//! The receiver that the documentation shows, run against what is sent.
#![cfg(test)]

use std::path::{Path, PathBuf};
use std::process::Command;

use jobs::webhook::{Secret, sign};
use types::Timestamp;

const BODY: &str = r#"{"text":"привіт"}"#;
const NOW: i64 = 1_795_253_400;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// What the example thinks of a message; nothing where there is no Python.
fn verified(secret: &Secret, signature: &str, body: &str, now: i64) -> Option<bool> {
    let call = "import sys; sys.path.insert(0, sys.argv[1]); from verify_webhook import verify; \
        headers = {'webhook-id': 'msg_17', 'webhook-timestamp': '1795253400', 'webhook-signature': sys.argv[3]}; \
        print(verify(sys.argv[2], headers, sys.argv[4].encode(), int(sys.argv[5])))";
    let python = Command::new("python3")
        .args(["-X", "utf8", "-B", "-c", call])
        .arg(docs().join("examples"))
        .args([&secret.reveal(), signature, body, &now.to_string()])
        .output()
        .ok()?;
    assert!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
    Some(String::from_utf8_lossy(&python.stdout).trim() == "True")
}

#[test]
fn the_receiver_in_the_documentation_knows_what_the_house_sends() {
    let [old, new, other] = [1, 2, 3].map(|byte| Secret::of([byte; 32]));
    let at = Timestamp::from_millis(NOW * 1_000);
    let signature = sign("msg_17", at, BODY.as_bytes(), &[new.clone(), old.clone()]);
    for (secret, body, now, expected) in [
        (&old, BODY, NOW, true),
        (&new, BODY, NOW + 300, true),
        (&other, BODY, NOW, false),
        (&old, "{}", NOW, false),
        (&old, BODY, NOW + 301, false),
        (&old, BODY, NOW - 301, false),
    ] {
        let Some(verified) = verified(secret, &signature, body, now) else { return };
        assert_eq!(verified, expected, "{secret:?} {body} {now}");
    }
}

#[test]
fn the_documentation_shows_the_receiver_that_is_tested() {
    let [page, example] = ["jobs.md", "examples/verify_webhook.py"]
        .map(|name| std::fs::read_to_string(docs().join(name)).unwrap());
    assert!(page.contains(&format!("```python\n{example}```\n")), "docs/jobs.md has another receiver");
    let [id, seconds, secret, body] = [
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        r#"{"test": 2432232314}"#,
    ];
    let at = Timestamp::from_millis(seconds.parse::<i64>().unwrap() * 1_000);
    let signature = sign(id, at, body.as_bytes(), &[Secret::parse(secret).unwrap()]);
    for part in [id, seconds, secret, body, &signature] {
        assert!(page.contains(part), "docs/jobs.md has another message than {part}");
    }
}
