//! What the gateway remembers: a line each.

use api::edge::Between;
use cache::Cache;
use gateway::remembered::{EVERYTHING, Needs, Path, Remembered};

use super::House;
use super::doors::seed;
use crate::domains::ALL;

/// GETs that depend on nothing but who asks, their query, and what that user has written. The home depends also on what
/// others say to them, and so may be late by a lifetime: whoever must know sooner listens, or asks for the chats.
const PATHS: &[Path] = &[
    Path { path: "/api/v1/me", domain: "identity", lagging: None },
    Path { path: "/api/v1/tasks", domain: "tasks", lagging: Some("q") },
    Path { path: "/tasks", domain: "tasks", lagging: None },
    Path { path: "/api/v1/home", domain: EVERYTHING, lagging: None },
];

/// Where an administrator changes somebody else's account.
const ACCOUNTS: &str = "/api/v1/accounts/";

/// How much a house alone remembers at most; on a server, how much one gateway puts there.
const ROOM_ALONE: usize = 8 << 20;
const ROOM_SHARED: usize = 64 << 20;

impl House {
    /// The gateway's memory, unless there is to be none.
    pub(super) fn remembered(&self) -> Option<Box<dyn Between>> {
        let cache = &self.config.gateway.cache;
        let room = if self.cache.is_shared() { ROOM_SHARED } else { ROOM_ALONE };
        let routes = ALL.iter().flat_map(|domain| {
            let paths = (domain.openapi)().paths.paths;
            paths.into_keys().map(|path| (path, domain.role))
        });
        cache.enabled.then(|| -> Box<dyn Between> {
            Box::new(Remembered::new(Needs {
                cache: self.memory(room),
                clock: self.clock.clone(),
                lifetime: cache.lifetime,
                // What came in one lifetime ago may be there still.
                room: room / 2,
                seed: seed(),
                paths: PATHS,
                routes: routes.collect(),
                accounts: ACCOUNTS,
            }))
        })
    }

    /// Where answers lie: on the server that gateways share, or in a memory of their own, so that they leave counters alone.
    /// That is right only where nobody writes past this process.
    fn memory(&self, room: usize) -> Option<Cache> {
        if self.cache.is_shared() {
            return Some(self.cache.clone());
        }
        let is_alone = ALL.iter().all(|domain| self.roles.has(domain.role))
            && self.stores.all().all(|store| store.db.is_sole());
        is_alone.then(|| Cache::in_memory(room, self.clock.clone()))
    }
}
