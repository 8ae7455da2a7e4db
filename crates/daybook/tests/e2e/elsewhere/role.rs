//! A role in a process of its own, which may be killed and started again where it was.

use std::net::{Ipv4Addr, SocketAddr};

use rustix::process::Signal;
use testkit::free_port;

use crate::e2e::client::Client;
use crate::e2e::program::process::{Folder, Serving};

pub struct Role {
    name: &'static str,
    folder: Folder,
    settings: Vec<(String, String)>,
    system: Client,
    serving: Option<Serving>,
}

impl Role {
    /// Starts it in a folder of its own.
    pub fn start(name: &'static str, settings: &[(&str, &str)]) -> Self {
        let system = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut role = Self {
            name,
            folder: Folder::new(),
            settings: Vec::new(),
            system: Client::new(system),
            serving: None,
        };
        for (name, value) in settings {
            role.set(name, value);
        }
        role.set("DAYBOOK_SYSTEM_LISTEN", &system.to_string());
        role.start_again();
        let address = role.client().address.to_string();
        role.set("DAYBOOK_LISTEN", &address);
        role
    }

    /// What holds from its next start on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    pub fn start_again(&mut self) {
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| (&**name, &**value)).collect();
        self.serving = Some(self.folder.serve_as(&[self.name], &settings));
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.serving.take().unwrap().kill();
    }

    /// Lets it hang, with all its connections standing.
    pub fn hang(&self) {
        self.serving().hang();
    }

    pub fn go_on(&self) {
        self.serving().signal(Signal::CONT);
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.client().address)
    }

    /// Nobody, asking it.
    pub fn client(&self) -> &Client {
        &self.serving().client
    }

    /// Operators, asking it.
    pub const fn system(&self) -> &Client {
        &self.system
    }

    fn serving(&self) -> &Serving {
        self.serving.as_ref().unwrap()
    }
}
