//! `daybook user`.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use types::{Role, SystemClock};

use super::{block_on, say};
use crate::cli::User;
use crate::config::Config;
use crate::domains::Roles;
use crate::house::House;
use crate::socket::{self, NewUser, sentence};

/// Makes an account: through the running house, or in its database when none runs.
pub fn user(config: &Config, wanted: User) -> Result<(), String> {
    let User::Create { email, name, role } = wanted;
    let role: Role =
        role.parse().map_err(|_| format!("there is no role {role:?}; write user, manager or admin"))?;
    let new = NewUser { email, password: password()?, name, role };
    let socket = config.data_dir.join(socket::NAME);
    block_on(async {
        let id = if tokio::net::UnixStream::connect(&socket).await.is_ok() {
            socket::create_user(&socket, &new).await?
        } else {
            alone(config, new).await?
        };
        say(&format!("made account {id}"))
    })
}

async fn alone(config: &Config, new: NewUser) -> Result<String, String> {
    let mut config = config.clone();
    // Nothing is served, and so any free port will do.
    config.listen = Vec::new();
    config.system.listen = ([127, 0, 0, 1], 0).into();
    let roles = Roles::named(&["identity".to_owned()])?;
    let house = House::open(config, roles, Arc::new(SystemClock)).await.map_err(|error| sentence(&error))?;
    let identity = house.identity().ok_or("identity does not run here")?;
    let account = identity.accounts.sign_up(new.into()).await.map_err(|error| sentence(&error))?;
    house.close().await;
    Ok(account.id.to_string())
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
