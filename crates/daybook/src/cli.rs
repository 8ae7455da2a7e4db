//! The command line.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::commands;
use crate::config::{Config, Sources};
use crate::facts::Whose;

/// A self-hosted workspace: one program, one folder, one login.
///
/// Started in an empty folder, `daybook serve` is a complete house on <http://127.0.0.1:8080> that keeps everything in
/// ./data. Settings are read from config.yml, then .env, then DAYBOOK_… variables; config.example.yml lists them all.
#[derive(Parser)]
#[command(name = "daybook", version, propagate_version = true)]
struct Cli {
    /// Read settings from this file instead of ./config.yml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the house, or only the named roles of it
    Serve {
        /// gateway, identity, tasks, messenger, jobs; all of them when none is named
        #[arg(value_name = "ROLE")]
        roles: Vec<String>,
    },
    /// Bring the database's schema up to this program's
    Migrate(Migrate),
    /// Look whether settings, databases and schema are as they should be: a verdict a line
    Check(Check),
    /// Print the interface as OpenAPI 3.1
    Openapi,
    /// Look after people's accounts
    #[command(subcommand)]
    User(User),
    /// Look after the keys that sign access tokens
    #[command(subcommand)]
    Keys(Keys),
    /// Look after facts that a consumer could not handle and has set aside
    #[command(subcommand)]
    Facts(Facts),
}

#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct Migrate {
    /// Only tell whether something is missing; exit code 1 if so
    #[arg(long)]
    pub check: bool,
    /// Go back by so many steps, with the data they hold
    #[arg(long, value_name = "STEPS")]
    pub down: Option<usize>,
    /// Print the schema's SQL for this engine (sqlite, postgres, mysql) and change nothing
    #[arg(long, value_name = "ENGINE")]
    pub print: Option<String>,
}

#[derive(Args)]
pub(crate) struct Check {
    /// Go through all messages as well, also beside a running house: their order, their marks and their counts
    #[arg(long)]
    pub messages: bool,
    /// Compare each person's counts in buckets of every length
    #[arg(long, requires = "messages")]
    pub deep: bool,
}

#[derive(Subcommand)]
pub(crate) enum User {
    /// Make an account; the password is the first line of standard input
    Create {
        /// Their e-mail address
        email: String,
        /// What they are called
        #[arg(long)]
        name: Option<String>,
        /// user, manager or admin
        #[arg(long, default_value = "user")]
        role: String,
    },
    /// Say what somebody may do from now on; their access tokens end, and their sessions get new ones
    Role {
        /// Their e-mail address, phone number or user name
        user: String,
        /// user, manager or admin
        role: String,
    },
    /// Give somebody a new password, the first line of standard input; all their sessions end
    Reset {
        /// Their e-mail address, phone number or user name
        user: String,
    },
    /// List where somebody is signed in, or sign them out there
    Sessions {
        /// Their e-mail address, phone number or user name
        user: String,
        /// End this session
        #[arg(long, value_name = "ID", conflicts_with = "end_all")]
        end: Option<String>,
        /// End all of them
        #[arg(long)]
        end_all: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Make a new key, which signs from now on; the one before verifies until the last token it signed is dead
    Rotate,
    /// List the key that signs, and those that still verify
    List,
}

#[derive(Subcommand)]
pub(crate) enum Facts {
    /// List them: consumer, number, topic, kind, when it was set aside, and why, with tabs between
    Parked {
        #[command(flatten)]
        whose: Whose,
        /// How many at the most
        #[arg(long, value_name = "COUNT", default_value_t = 100)]
        limit: u32,
    },
    /// Hand them to their consumers again, each consumer's in order; what fails again stays, and the exit code is 1
    Replay {
        /// The numbers of the facts
        #[arg(value_name = "NUMBER", required_unless_present = "all", conflicts_with = "all")]
        numbers: Vec<i64>,
        /// All that are set aside
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        whose: Whose,
    },
}

/// Runs the program; a failure is one sentence and exit code 1.
pub fn run() -> ExitCode {
    crate::memory::give_back_large_blocks();
    let cli = Cli::parse();
    let done = Config::load(Sources::from_process(cli.config)).map_err(|errors| errors.to_string()).and_then(
        |config| match cli.command {
            Command::Serve { roles } => commands::serve(config, &roles),
            Command::Migrate(wanted) => commands::migrate(&config, &wanted),
            Command::Check(wanted) => commands::check(&config, &wanted),
            Command::Openapi => commands::openapi(),
            Command::User(wanted) => commands::user(&config, wanted),
            Command::Keys(wanted) => commands::keys(&config, &wanted),
            Command::Facts(wanted) => commands::facts(&config, wanted),
        },
    );
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentences) => {
            for sentence in sentences.lines() {
                // Nobody is left to tell when even this cannot be written.
                let _ = writeln!(std::io::stderr(), "daybook: {sentence}");
            }
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
