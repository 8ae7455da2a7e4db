//! What can be set, and where it is read: `config.yml`, then `.env`, then `DAYBOOK_…` variables; the later wins.
//!
//! `config/settings.rs` is the one table: a line there is a field, its default, its parser, its name in the file, its
//! variable and its paragraph in `config.example.yml`. Everything else in the folder works from that table.

use std::path::{Path, PathBuf};

mod errors;
mod example;
mod file;
mod nearest;
mod parse;
mod raw;
mod rules;
mod secret;
mod settings;
mod table;
#[cfg(test)]
mod tests;
mod url;
mod variables;
mod yaml;

pub use errors::Errors;
pub use parse::When;
pub use secret::Secret;
pub use settings::{
    Codes, Config, Cors, Database, Facebook, Gateway, Google, Limits, Log, Logins, Mail, Oauth, Oidc,
    Passwords, Proxies, Rates, Role, Sms, Stream, System, Tls, Tokens, Vk, Yandex,
};
pub use url::{Url, without_password};

use errors::{Given, Place};
use file::Missing;
use table::Table;

/// The file that is read from the working directory when `--config` names none.
const USUAL_FILE: &str = "config.yml";

/// Where settings come from. A value of its own, so that tests need neither a process environment nor a directory change.
/// It cannot be printed: among the variables are passwords.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file that `--config` names; it has to exist.
    pub file: Option<PathBuf>,
    /// The working directory: home of `config.yml` and `.env`.
    pub dir: PathBuf,
    /// Environment variables, as name and value.
    pub env: Vec<(String, String)>,
}

impl Sources {
    /// What this process was started with: its working directory, and its variables that begin with `DAYBOOK_`.
    pub fn from_process(config: Option<PathBuf>) -> Self {
        let env = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .filter(|(name, _)| name.starts_with(variables::PREFIX))
            .collect();
        Self { file: config, dir: PathBuf::from("."), env }
    }
}

impl Config {
    /// Reads all sources, and reports everything that is wrong in any of them at once.
    pub fn load(sources: Sources) -> Result<Self, Errors> {
        let table = Table::new();
        let mut errors = Errors::default();

        let mut given = from_config_file(&sources, &table, &mut errors);
        given.extend(from_env_file(&sources.dir, &table, &mut errors));
        given.extend(variables::look_up(sources.env, |_| Place::Environment, &table, &mut errors));

        let mut config = Self::default();
        let mut wrong = Vec::new();
        for item in given {
            if let Err(refusal) = config.set(&item.path, &item.raw) {
                errors.refused(&item, &refusal);
                wrong.push(item.path);
            }
        }
        rules::check(&config, &wrong, &mut errors);
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// The text of `config.example.yml`: every setting with its default and what it is for.
    pub fn example() -> String {
        example::text(&Table::new())
    }
}

fn from_config_file(sources: &Sources, table: &Table, errors: &mut Errors) -> Vec<Given> {
    let (path, missing) = match &sources.file {
        Some(named) => (named.as_path(), Missing::IsWrong),
        None => (Path::new(USUAL_FILE), Missing::IsFine),
    };
    let name = path.display().to_string();
    let text = file::read(&sources.dir.join(path), &name, missing);
    errors.keep(text).flatten().map(|text| yaml::read(&text, &name, table, errors)).unwrap_or_default()
}

fn from_env_file(dir: &Path, table: &Table, errors: &mut Errors) -> Vec<Given> {
    let text = file::read(&dir.join(variables::FILE), variables::FILE, Missing::IsFine);
    errors.keep(text).flatten().map(|text| variables::read(&text, table, errors)).unwrap_or_default()
}
