//! One story on every engine.

/// Writes a story into a test for every engine: `NAME::embedded`, `NAME::memory`, and, ignored unless a server is
/// there, `NAME::postgres` and `NAME::mariadb`. The story is told which engine it is on.
macro_rules! on_every_engine {
    ($($(#[$doc:meta])* async fn $name:ident($engine:ident) $story:block)+) => { $(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn story($engine: testkit::Engine) $story

            #[test]
            fn embedded() {
                testkit::run(story(testkit::Engine::Embedded));
            }
            #[test]
            fn memory() {
                testkit::run(story(testkit::Engine::Memory));
            }
            #[test]
            #[ignore = "needs PostgreSQL"]
            fn postgres() {
                testkit::run(story(testkit::Engine::Postgres));
            }
            #[test]
            #[ignore = "needs MariaDB"]
            fn mariadb() {
                testkit::run(story(testkit::Engine::Mariadb));
            }
        }
    )+ };
}

/// The same for stories about servers alone.
macro_rules! on_every_server {
    ($($(#[$doc:meta])* async fn $name:ident($engine:ident) $story:block)+) => { $(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn story($engine: testkit::Engine) $story

            #[test]
            #[ignore = "needs PostgreSQL"]
            fn postgres() {
                testkit::run(story(testkit::Engine::Postgres));
            }
            #[test]
            #[ignore = "needs MariaDB"]
            fn mariadb() {
                testkit::run(story(testkit::Engine::Mariadb));
            }
        }
    )+ };
}
