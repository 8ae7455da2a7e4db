//! `daybook user`, `daybook keys` and `daybook facts`.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use types::{Role, SessionId, SystemClock};

use super::{block_on, say};
use crate::cli::{Facts, Keys, User};
use crate::config::Config;
use crate::domains::{ALL, Roles};
use crate::facts::FactsOrder;
use crate::house::{House, needs_folder};
use crate::orders::{IdentityOrder, Order};
use crate::socket::{self, sentence};

/// Looks after people's accounts.
pub fn user(config: &Config, wanted: User) -> Result<(), String> {
    let order = match wanted {
        User::Create { email, name, role } => {
            let role = self::role(&role)?;
            IdentityOrder::CreateUser { email, password: password()?, name, role }
        }
        User::Role { user, role } => IdentityOrder::ChangeRole { user, role: self::role(&role)? },
        User::Reset { user } => IdentityOrder::ResetPassword { user, password: password()? },
        User::Sessions { user, end: Some(session), .. } => {
            let known = session.parse::<SessionId>();
            let session = known.map_err(|error| format!("{session:?} is no session: {error}"))?;
            IdentityOrder::EndSessions { user, session: Some(session) }
        }
        User::Sessions { user, end_all: true, .. } => IdentityOrder::EndSessions { user, session: None },
        User::Sessions { user, .. } => IdentityOrder::ListSessions { user },
    };
    about_people(config, order)
}

/// Looks after the keys that sign access tokens.
pub fn keys(config: &Config, wanted: &Keys) -> Result<(), String> {
    about_people(
        config,
        match wanted {
            Keys::Rotate => IdentityOrder::RotateKeys,
            Keys::List => IdentityOrder::ListKeys,
        },
    )
}

/// Looks after facts that were set aside.
pub fn facts(config: &Config, wanted: Facts) -> Result<(), String> {
    let order = match wanted {
        Facts::Parked { whose, limit } => FactsOrder::Parked { whose, limit },
        Facts::Replay { whose, numbers, .. } => FactsOrder::Replay { whose, numbers },
    };
    let roles = match order.role() {
        Some(role) => vec![role.to_owned()],
        None => ALL.iter().map(|domain| domain.role.to_owned()).collect(),
    };
    give(config, &Roles::named(&roles)?, Order::Facts(order))
}

fn about_people(config: &Config, order: IdentityOrder) -> Result<(), String> {
    give(config, &Roles::named(&["identity".to_owned()])?, Order::Identity(order))
}

/// Gives an order to the running house, or does it on its data when none runs. Where these roles need nothing that only
/// one process can have, it makes no difference who runs.
fn give(config: &Config, roles: &Roles, order: Order) -> Result<(), String> {
    let socket = config.data_dir.join(socket::NAME);
    block_on(async {
        let answers = needs_folder(config, roles) && tokio::net::UnixStream::connect(&socket).await.is_ok();
        let said = if answers {
            socket::ask(&socket, &order).await?
        } else {
            Box::pin(alone(config, roles, order)).await?
        };
        say(&said)
    })
}

async fn alone(config: &Config, roles: &Roles, order: Order) -> Result<String, String> {
    if config.database_url.as_str() == "memory" {
        return Err("database_url is memory: nothing would be left of this when the command ends".to_owned());
    }
    let mut config = config.clone();
    // Nothing is served, and so any free port will do.
    config.listen = Vec::new();
    config.system.listen = ([127, 0, 0, 1], 0).into();
    let house = House::open(config, roles.clone(), Arc::new(SystemClock)).await;
    let house = house.map_err(|error| sentence(&error))?;
    let obeyed = order.obeyed(&house.desk()).await.map_err(|error| sentence(&error));
    house.close().await;
    obeyed
}

fn role(name: &str) -> Result<Role, String> {
    name.parse().map_err(|_| format!("there is no role {name:?}; write user, manager or admin"))
}

/// The first line of standard input, asked for and not shown when that is a terminal.
fn password() -> Result<String, String> {
    let stdin = std::io::stdin();
    let failed = |e: std::io::Error| format!("the password cannot be read: {e}");
    let mut line = String::new();
    if !stdin.is_terminal() {
        stdin.lock().read_line(&mut line).map_err(failed)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    write!(std::io::stderr(), "Password: ").map_err(failed)?;
    let shown = tcgetattr(&stdin).map_err(|e| failed(e.into()))?;
    let mut hidden = shown.clone();
    hidden.local_modes -= LocalModes::ECHO;
    tcsetattr(&stdin, OptionalActions::Now, &hidden).map_err(|e| failed(e.into()))?;
    let read = stdin.lock().read_line(&mut line);
    tcsetattr(&stdin, OptionalActions::Now, &shown).map_err(|e| failed(e.into()))?;
    read.map_err(failed)?;
    writeln!(std::io::stderr()).map_err(failed)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
