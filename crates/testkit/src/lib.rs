//! For tests: every engine, throw-away databases, a clock that stands still until it is moved, providers to sign in with.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot be set up has failed"
)]

mod broker;
mod clock;
mod engines;
mod kafka;
pub mod proto;
pub mod providers;
mod redis;
mod schema;

pub use broker::Broker;
pub use clock::StillClock;
pub use engines::{Engine, TestDb};
pub use kafka::{Kafka, kafka};
pub use redis::{RedisServer, free_port};
pub use schema::{check_schema, joined, tables, tables_of};

/// Runs a test's future on a runtime like the program's.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(test)
}

/// Writes one story into a test for every engine: `NAME::embedded`, `NAME::memory`, and, ignored unless a server is
/// there, `NAME::postgres` and `NAME::mariadb`. The first argument is the schema that the story needs.
#[macro_export]
macro_rules! on_every_engine {
    ($migrations:expr; $($(#[$doc:meta])* async fn $name:ident($db:ident) $story:block)+) => { $(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn story($db: $crate::TestDb) $story

            fn on(engine: $crate::Engine) {
                $crate::run(async move { story($crate::TestDb::new(engine, $migrations).await).await });
            }

            #[test]
            fn embedded() {
                on($crate::Engine::Embedded);
            }
            #[test]
            fn memory() {
                on($crate::Engine::Memory);
            }
            #[test]
            #[ignore = "needs PostgreSQL"]
            fn postgres() {
                on($crate::Engine::Postgres);
            }
            #[test]
            #[ignore = "needs MariaDB"]
            fn mariadb() {
                on($crate::Engine::Mariadb);
            }
        }
    )+ };
}
