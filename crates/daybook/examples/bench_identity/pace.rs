//! How long does one quiet client wait for a cheap answer?

use std::time::Duration;

use serde_json::json;
use types::{Clock, SystemClock};

use crate::ask::{ask, client};
use crate::{Outcome, result};

pub async fn run(url: &str, rate: u32, seconds: Duration) -> Outcome {
    let house = client();
    let credentials = json!({"email": "bench@example.org", "password": "correct horse battery"});
    let welcome = ask(&house, &format!("{url}/login"), "", Some(credentials)).await?;
    let token = welcome["access_token"].as_str().unwrap_or_default().to_owned();
    let (begun, mut waited) = (SystemClock.now(), Vec::new());
    let mut due = begun;
    while due.since(begun) < seconds {
        // What waits because the answer before it was late has waited since it was due.
        tokio::time::sleep(due.since(SystemClock.now())).await;
        ask(&house, &format!("{url}/api/v1/me"), &token, None).await?;
        waited.push(SystemClock.now().since(due));
        due = due.plus(Duration::from_secs(1) / rate);
    }
    result(waited, SystemClock.now().since(begun))
}
