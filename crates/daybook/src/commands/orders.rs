//! `daybook user` and `daybook keys`.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use types::{Role, SessionId, SystemClock};

use super::{block_on, say};
use crate::cli::{Keys, User};
use crate::config::Config;
use crate::domains::Roles;
use crate::house::House;
use crate::orders::Order;
use crate::socket::{self, sentence};

/// Looks after people's accounts.
pub fn user(config: &Config, wanted: User) -> Result<(), String> {
    let order = match wanted {
        User::Create { email, name, role } => {
            let role = self::role(&role)?;
            Order::CreateUser { email, password: password()?, name, role }
        }
        User::Role { user, role } => Order::ChangeRole { user, role: self::role(&role)? },
        User::Reset { user } => Order::ResetPassword { user, password: password()? },
        User::Sessions { user, end: Some(session), .. } => {
            let known = session.parse::<SessionId>();
            let session = known.map_err(|error| format!("{session:?} is no session: {error}"))?;
            Order::EndSessions { user, session: Some(session) }
        }
        User::Sessions { user, end_all: true, .. } => Order::EndSessions { user, session: None },
        User::Sessions { user, .. } => Order::ListSessions { user },
    };
    give(config, order)
}

/// Looks after the keys that sign access tokens.
pub fn keys(config: &Config, wanted: &Keys) -> Result<(), String> {
    give(
        config,
        match wanted {
            Keys::Rotate => Order::RotateKeys,
            Keys::List => Order::ListKeys,
        },
    )
}

/// Gives an order to the running house, or does it on its data when none runs.
fn give(config: &Config, order: Order) -> Result<(), String> {
    let socket = config.data_dir.join(socket::NAME);
    block_on(async {
        let said = if tokio::net::UnixStream::connect(&socket).await.is_ok() {
            socket::ask(&socket, &order).await?
        } else {
            alone(config, order).await?
        };
        say(&said)
    })
}

async fn alone(config: &Config, order: Order) -> Result<String, String> {
    if config.database_url.as_str() == "memory" {
        return Err("database_url is memory: nothing would be left of this when the command ends".to_owned());
    }
    let mut config = config.clone();
    // Nothing is served, and so any free port will do.
    config.listen = Vec::new();
    config.system.listen = ([127, 0, 0, 1], 0).into();
    let roles = Roles::named(&["identity".to_owned()])?;
    let house = House::open(config, roles, Arc::new(SystemClock)).await.map_err(|error| sentence(&error))?;
    let identity = house.identity().ok_or("identity does not run here")?;
    let obeyed = order.obeyed(identity).await.map_err(|error| sentence(&error));
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
