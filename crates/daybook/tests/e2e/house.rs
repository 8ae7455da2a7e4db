//! A house to test with: the real one, in this process, with a clock that stands still.

mod ground;
mod process;

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use db::{Batch, Db, sql};
use serde_json::json;
use testkit::{Engine, StillClock};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use types::Clock;

pub use self::ground::Ground;
use super::client::Client;
use super::eventually::eventually;
use process::{Process, open};

/// How often a house is asked whether it knows the time, twenty milliseconds apart.
const PATIENCE: u32 = 3_000;
/// How long whoever leaves may come back.
const GRACE: Duration = Duration::from_hours(30 * 24);
/// A password that is always good.
pub const PASSWORD: &str = "correct horse battery";

/// A running house; whoever asks it directly is nobody. Dropping it stops it, and fails the test when facts are left
/// undelivered or were parked.
pub struct House {
    nobody: Client,
    pub system: Client,
    pub clock: StillClock,
    processes: Vec<Process>,
    // Gone last, when nothing runs on it any more.
    ground: Arc<Ground>,
}

/// Somebody who is signed in; a client that bears their token.
pub struct Person {
    client: Client,
    pub id: u64,
    pub email: String,
    pub token: String,
}

impl House {
    /// On the embedded engine.
    pub async fn new() -> Self {
        Self::on(Engine::Embedded).await
    }

    /// On this engine.
    pub async fn on(engine: Engine) -> Self {
        Self::with(engine, &[]).await
    }

    /// With settings, as the names and values of their variables.
    pub async fn with(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let ground = Arc::new(Ground::new(engine).await);
        Self::start(ground, StillClock::default(), &[], settings).await
    }

    /// Of these roles alone.
    pub async fn of(engine: Engine, roles: &[&str]) -> Self {
        let ground = Arc::new(Ground::new(engine).await);
        Self::start(ground, StillClock::default(), roles, &[]).await
    }

    /// A gateway with identity, and this in the place of tasks.
    pub async fn before(service: SocketAddr) -> Self {
        Self::before_with(service, &[]).await
    }

    /// The same, with settings.
    pub async fn before_with(service: SocketAddr, settings: &[(&str, &str)]) -> Self {
        let (ground, url) = (Arc::new(Ground::new(Engine::Embedded).await), format!("http://{service}"));
        let settings = [&[("DAYBOOK_TASKS_URL", url.as_str())], settings].concat();
        Self::start(ground, StillClock::default(), &["gateway", "identity"], &settings).await
    }

    /// A second house on the same database, with the same time of day and a data folder of its own.
    pub async fn beside(&self) -> Self {
        self.beside_with(&[]).await
    }

    /// The same, with settings.
    pub async fn beside_with(&self, settings: &[(&str, &str)]) -> Self {
        Self::start(self.ground.clone(), self.clock.clone(), &[], settings).await
    }

    /// Another gateway to the same house: a process that has nothing but the addresses of its services.
    pub async fn another_gateway(&self) -> Self {
        self.another_gateway_with(&[]).await
    }

    /// The same, with settings.
    pub async fn another_gateway_with(&self, settings: &[(&str, &str)]) -> Self {
        let url = format!("http://{}", self.address);
        let settings = [&services_at(&url)[..], settings].concat();
        let gateway = Self::start(self.ground.clone(), self.clock.clone(), &["gateway"], &settings).await;
        let known = self.user(&format!("gate{}", gateway.address.port())).await;
        // It has fetched identity's keys as soon as it knows this token.
        eventually("the gateway verifies tokens", async || {
            (gateway.bearing(&known.token).get("/api/v1/me").await.status == 200).then_some(())
        })
        .await;
        gateway
    }

    async fn start(
        ground: Arc<Ground>,
        clock: StillClock,
        roles: &[&str],
        settings: &[(&str, &str)],
    ) -> Self {
        let (process, address, system) = open(&ground, roles, settings, &clock).await;
        Self {
            nobody: Client::new(address),
            system: Client::new(system),
            clock,
            processes: vec![process],
            ground,
        }
    }

    /// The same house as processes of their own: gateway and identity in one, the rest in the other, each reaching the
    /// other over HTTP. Engines that one process owns are there twice.
    pub async fn apart(engine: Engine) -> Self {
        let (ground, clock) = (Arc::new(Ground::new(engine).await), StillClock::default());
        // Each has to know where the other is before it has an address, so the one is told of a door to the other.
        let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let identity = format!("http://{}", door.local_addr().unwrap());
        let (services, behind, _) =
            open(&ground, &["tasks", "messenger", "jobs"], &[("DAYBOOK_IDENTITY_URL", &identity)], &clock)
                .await;
        let behind = format!("http://{behind}");
        let front = services_at(&behind);
        let (gateway, address, system) = open(&ground, &["gateway", "identity"], &front[1..], &clock).await;
        tokio::spawn(lead(door, address));

        let (nobody, system) = (Client::new(address), Client::new(system));
        let house = Self { nobody, system, clock, processes: vec![gateway, services], ground };
        let early = house.user("early").await;
        // The services have fetched identity's keys as soon as they know this token.
        eventually("the services verify tokens", async || {
            (early.get("/api/v1/tasks").await.status == 200).then_some(())
        })
        .await;
        house
    }

    /// The same house, with these settings, as a gateway that is nothing else, and all services in another process.
    pub async fn behind_a_gateway(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let (ground, clock) = (Arc::new(Ground::new(engine).await), StillClock::default());
        let (services, behind, _) =
            open(&ground, &["identity", "tasks", "messenger", "jobs"], settings, &clock).await;
        let url = format!("http://{behind}");
        let settings = [&services_at(&url)[..], settings].concat();
        let (gateway, address, system) = open(&ground, &["gateway"], &settings, &clock).await;
        let (nobody, system) = (Client::new(address), Client::new(system));
        let house = Self { nobody, system, clock, processes: vec![gateway, services], ground };
        let early = house.user("early").await;
        eventually("the gateway verifies tokens", async || {
            (early.get("/api/v1/me").await.status == 200).then_some(())
        })
        .await;
        house
    }

    /// Ends the last of its processes.
    pub async fn end_last(&mut self) {
        self.processes.pop().unwrap().end().await;
    }

    /// Somebody of this name, who signs up and logs in.
    pub async fn user(&self, name: &str) -> Person {
        let email = format!("{name}@example.org");
        self.post("/signup", json!({"email": email, "password": PASSWORD})).await.is(201);
        self.login(&email).await
    }

    /// Somebody with this role, as a command would make them.
    pub async fn with_role(&self, name: &str, role: &str) -> Person {
        self.user(name).await;
        let email = format!("{name}@example.org");
        let raise = sql!("update users set role = ? where email = ?", role, email.as_str());
        self.databases().next().unwrap().write(Batch::of_one(raise)).await.unwrap();
        self.login(&email).await
    }

    /// Somebody who has signed up already.
    pub async fn login(&self, email: &str) -> Person {
        let welcome = self.post("/login", json!({"email": email, "password": PASSWORD})).await.is(200);
        let token = welcome["access_token"].as_str().unwrap().to_owned();
        let id = welcome["id"].as_u64().unwrap();
        Person { client: self.nobody.bearing(&token), id, email: email.to_owned(), token }
    }

    /// A number of the system port, once it is this.
    pub async fn total_becomes(&self, gauge: &str, wanted: i64) {
        eventually(&format!("{gauge} becomes {wanted}"), async || {
            let numbers = self.system.get("/system").await.is(200);
            (numbers["gauges"][gauge] == wanted).then_some(())
        })
        .await;
    }

    /// Lets this much time pass, and the house find that it has.
    pub async fn pass(&self, while_: Duration) {
        self.keeps_time().await;
        self.clock.advance(while_);
        let mut heard = Vec::new();
        for attempt in 0..PATIENCE {
            let name = format!("probe{}n{attempt}", self.clock.now().micros());
            let probe = self.post("/register", json!({"username": name, "password": PASSWORD})).await;
            if probe.status == 201 {
                return;
            }
            heard.push(probe.text());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the house does not find that time has passed: {:?} … {:?}", heard.first(), heard.last());
    }

    /// Until it is written down what is done by the clock: of a house that has only begun, nothing would be due.
    async fn keeps_time(&self) {
        let workers = sql!("select count(*) from job_workers");
        for db in self.databases() {
            let has_one = async || (db.first::<i64>(workers.clone()).await.unwrap()? > 0).then_some(());
            eventually("somebody works on the database", has_one).await;
        }
    }

    /// The databases of its processes.
    pub fn databases(&self) -> impl Iterator<Item = &Db> {
        self.processes.iter().flat_map(|process| &process.databases)
    }

    /// Writes to the database of the process that has this role's tables and works with them.
    pub async fn write_for(&self, role: &str, batch: Batch) {
        let process = self
            .processes
            .iter()
            .find(|process| process.roles.is_empty() || process.roles.iter().any(|own| own == role));
        process.unwrap().databases[0].write(batch).await.unwrap();
    }

    /// Somebody's account is gone for good, as if they had left long ago and somebody wanted their address.
    pub async fn remove(&self, person: &Person) {
        let password = json!({"password": PASSWORD}).to_string();
        person.send("DELETE", "/api/v1/me", "application/json", password).await.is(200);
        let (then, id) = (self.clock.now().minus(GRACE), i64::try_from(person.id).unwrap());
        let left = sql!("update leavers set left_at = ? where user_id = ?", then, id);
        let gone = sql!("update users set deleted_at = ? where id = ?", then, id);
        self.write_for("identity", Batch::of_one(left).one(gone)).await;
        self.post("/signup", json!({"email": person.email, "password": PASSWORD})).await.is(201);
    }

    /// Until everything that was told has been delivered.
    pub async fn settled(&self) {
        for process in &self.processes {
            process.settle().await;
        }
    }

    /// The secret of the link by which its first administrator comes in, as it was when it started.
    pub fn invitation(&self) -> &str {
        self.processes.iter().find_map(|process| process.invitation.as_deref()).unwrap()
    }

    /// How many rows tables have that a request could write.
    pub async fn rows(&self) -> i64 {
        let mut rows = 0;
        for db in self.databases() {
            for count in [
                sql!("select count(*) from facts"),
                sql!("select count(*) from users"),
                sql!("select count(*) from sessions"),
                sql!("select count(*) from tasks"),
                sql!("select count(*) from task_marks"),
                sql!("select count(*) from task_lists"),
                sql!("select count(*) from idempotency_keys"),
                sql!("select count(*) from chats"),
                sql!("select count(*) from members"),
                sql!("select count(*) from messages"),
                sql!("select count(*) from blocks"),
                // The house's own come by the clock.
                sql!("select count(*) from jobs where owner_id is not null"),
            ] {
                rows += db.first::<i64>(count).await.unwrap().unwrap();
            }
        }
        rows
    }
}

impl Deref for House {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.nobody
    }
}

impl Deref for Person {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let processes = std::mem::take(&mut self.processes);
        if std::thread::panicking() {
            for process in &processes {
                process.trigger.pull();
            }
            return;
        }
        let runtime = Handle::current();
        let end = || async {
            for process in &processes {
                process.settle().await;
            }
            for process in processes {
                process.end().await;
            }
        };
        // On a thread of its own: a runtime's thread may not wait for the runtime.
        let ended = std::thread::scope(|scope| scope.spawn(|| runtime.block_on(end())).join());
        if let Err(why) = ended {
            std::panic::resume_unwind(why);
        }
    }
}

/// Tells a gateway that all services are here.
fn services_at(url: &str) -> [(&'static str, &str); 4] {
    [
        ("DAYBOOK_IDENTITY_URL", url),
        ("DAYBOOK_TASKS_URL", url),
        ("DAYBOOK_MESSENGER_URL", url),
        ("DAYBOOK_JOBS_URL", url),
    ]
}

/// Leads whoever comes to the door on to this address.
async fn lead(door: TcpListener, to: SocketAddr) {
    while let Ok((mut guest, _)) = door.accept().await {
        tokio::spawn(async move {
            if let Ok(mut host) = TcpStream::connect(to).await {
                let _ = tokio::io::copy_bidirectional(&mut guest, &mut host).await;
            }
        });
    }
}

/// The harness itself: it must not overlook what it is there to see.
#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "a fact was parked")]
async fn a_house_with_a_parked_fact_fails_its_test() {
    let house = House::new().await;
    let parked = sql!(
        "insert into parked_facts (consumer, number, id, topic, order_key, kind, body, created_at, error, parked_at) \
         values ('tasks.total', 1, 1, 'tasks', 1, 'created', '{}', 0, 'it failed', 0)"
    );
    let db = house.databases().next().unwrap();
    db.write(db::Batch::of_one(parked)).await.unwrap();
}
