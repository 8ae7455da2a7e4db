//! `daybook serve`.

use std::sync::Arc;

use api::serve::Lanes;
use api::stop::Stop;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use types::SystemClock;

use crate::config::Config;
use crate::domains::Roles;
use crate::house::House;
use crate::socket::sentence;

/// Crates whose records are written at the level that is set; others speak from `warn` up.
const OURS: &[&str] =
    &["api", "cache", "daybook", "db", "gateway", "identity", "part", "stream", "tasks", "types", "web"];
/// Threads beyond one a core for whatever is no connection from the network (those have lanes): a read that waits for the
/// disk holds up its thread.
const SPARE_THREADS: usize = 2;

/// Serves until the process is told to stop.
pub fn serve(config: Config, roles: &[String]) -> Result<(), String> {
    take_all_descriptors();
    let roles = Roles::named(roles)?;
    let settings = api::log::Settings { format: config.log.format, level: config.log.level, ours: OURS };
    let _log = api::log::start(settings).map_err(|e| format!("the log cannot be written: {e}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(Lanes::usual() + SPARE_THREADS)
        .enable_all()
        .build()
        .map_err(|e| format!("the runtime cannot start: {e}"))?;
    runtime.block_on(async {
        let stop = Stop::on_signals().map_err(|e| format!("signals cannot be heard: {e}"))?;
        let house =
            House::open(config, roles, Arc::new(SystemClock)).await.map_err(|error| sentence(&error))?;
        Box::pin(house.serve(stop)).await.map_err(|error| sentence(&error))
    })
}

/// Each connection is a file to the system, which gives a process few of them (1,024) unless it asks for what it may have.
fn take_all_descriptors() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        // What there is must do where this is not allowed.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
}
