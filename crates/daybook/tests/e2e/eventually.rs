//! Waiting for a value.

use std::time::Duration;

/// Far more than anything takes: a test that gets here has found something that never comes.
const LONGEST: Duration = Duration::from_secs(30);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);

/// Looks until there is a value, and fails when none comes.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let found = tokio::time::timeout(LONGEST, looking).await;
    found.unwrap_or_else(|_| panic!("this never happened: {what}"))
}
