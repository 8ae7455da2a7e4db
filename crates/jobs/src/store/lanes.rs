//! Lanes with a limit.

use db::{Batch, Result, sql};

use super::SqlJobs;

impl SqlJobs {
    /// Writes down how many of a lane may run at once.
    pub async fn limit(&self, lane: &str, most: Option<u32>) -> Result<()> {
        let limit = sql!(
            "insert into job_lanes (lane, most) values (?, ?) on conflict (lane) do update set most = excluded.most",
            lane,
            most.map(i64::from)
        );
        self.db.write(Batch::new().any(limit)).await
    }
}
