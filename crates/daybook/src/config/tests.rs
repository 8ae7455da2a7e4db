//! What loading promises, through `Config::load`. Files: `tests/accepts.rs` and `tests/refuses.rs`.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{Config, Errors, Sources};

mod accepts;
mod refuses;

/// A working directory with what lies in it, and an environment.
struct Place {
    dir: TempDir,
    sources: Sources,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let sources = Sources { dir: dir.path().to_owned(), ..Sources::default() };
        Self { dir, sources }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.path().join(name), content).unwrap();
        self
    }

    fn yaml(self, content: &str) -> Self {
        self.file("config.yml", content)
    }

    fn dotenv(self, content: &str) -> Self {
        self.file(".env", content)
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.sources.env.push((name.to_owned(), value.to_owned()));
        self
    }

    fn named(mut self, file: &str) -> Self {
        self.sources.file = Some(file.into());
        self
    }

    fn load(&self) -> Result<Config, Errors> {
        Config::load(self.sources.clone())
    }

    fn config(&self) -> Config {
        self.load().unwrap_or_else(|errors| panic!("{errors}"))
    }

    fn errors(&self) -> String {
        self.load().expect_err("something should be wrong").to_string()
    }
}
