//! One process of a house: opened, served on a task, and ended.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::stop::{Stop, Trigger};
use daybook::domains::Roles;
use db::{Db, sql};
use testkit::StillClock;
use tokio::task::JoinHandle;
use types::Clock;

use super::Ground;
use crate::e2e::eventually::eventually;

/// How long a house may take to finish.
const STOPPING: Duration = Duration::from_secs(30);

/// A process.
pub struct Process {
    /// All when none is named.
    pub roles: Vec<String>,
    pub trigger: Trigger,
    serving: JoinHandle<types::Result<()>>,
    pub databases: Vec<Db>,
    pub invitation: Option<String>,
}

impl Process {
    /// Everything that was told has been delivered, and nothing was parked.
    pub async fn settle(&self) {
        for db in &self.databases {
            let undelivered = || {
                sql!(
                    // A ferry's numbers are those of another database.
                    "select count(*) from facts f \
                     left join positions p on p.topic = f.topic and p.consumer <> 'ferry' \
                     where f.number is null or p.position is null or p.position < f.number"
                )
            };
            eventually("every fact is delivered", async || {
                (db.first::<i64>(undelivered()).await.unwrap() == Some(0)).then_some(())
            })
            .await;
            let parked: Option<String> = db.first(sql!("select error from parked_facts")).await.unwrap();
            assert_eq!(parked, None, "a fact was parked");
        }
    }

    /// Stops it, which it does well.
    pub async fn end(self) {
        let Self { trigger, serving, databases, .. } = self;
        drop(databases);
        trigger.pull();
        let served = tokio::time::timeout(STOPPING, serving).await.expect("the house never stopped");
        served.unwrap().unwrap();
    }
}

/// Opens a house of these roles, all when none is named, and serves it on a task.
pub async fn open(
    ground: &Ground,
    roles: &[&str],
    settings: &[(&str, &str)],
    clock: &StillClock,
) -> (Process, SocketAddr, SocketAddr) {
    let names: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
    let (config, clock): (_, Arc<dyn Clock>) = (ground.config(settings), Arc::new(clock.clone()));
    let house = daybook::house::House::open(config, Roles::named(&names).unwrap(), clock).await.unwrap();
    let (address, system) = (house.addresses()[0], house.system_address());
    let databases = house.databases().cloned().collect();
    let invitation = match house.identity() {
        Some(identity) => identity.founding.invitation().await.unwrap(),
        None => None,
    };
    let (stop, trigger) = Stop::manual();
    let serving = tokio::spawn(house.serve(stop));
    (Process { roles: names, trigger, serving, databases, invitation }, address, system)
}
