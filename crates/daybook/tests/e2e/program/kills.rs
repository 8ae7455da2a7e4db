//! `kill -9` at any moment while people write to each other: what they were told is stored is there once and in order, and
//! what follows from it happens once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use testkit::Broker;

use super::process::{Folder, Serving};
use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;

/// How many people write meanwhile, in pairs.
const PEOPLE: usize = 8;

/// Somebody who writes, and what they heard that it is stored.
struct Writer {
    name: String,
    pal: u64,
    client: Client,
    noted: Vec<u64>,
}

impl Writer {
    /// Writes until the house is gone.
    async fn write(mut self, told: Arc<AtomicUsize>) -> Self {
        let message = json!({"pal_id": self.pal, "message": "Hi"});
        while let Some(answer) = self.client.try_post("/send", message.clone()).await {
            self.noted.push(answer.is(201)["id"].as_u64().unwrap());
            told.fetch_add(1, Ordering::Relaxed);
        }
        self
    }

    /// What they ever sent, oldest first; of the pair's chat it is every row that is theirs.
    async fn sent(&self) -> Vec<u64> {
        let (mut sent, mut offset) = (Vec::new(), 0);
        loop {
            let path = format!("/chat?pal_id={}&limit=200&offset={offset}", self.pal);
            let page = self.client.get(&path).await.is(200);
            let rows = page.as_array().unwrap();
            let own = rows.iter().filter(|row| row["user_id"] != self.pal);
            sent.extend(own.map(|row| row["id"].as_u64().unwrap()));
            if rows.len() < 200 {
                sent.reverse();
                return sent;
            }
            offset += 200;
        }
    }

    async fn count(&self, path: &str) -> u64 {
        self.client.get(path).await.is(200)["messages"].as_u64().unwrap()
    }
}

/// Some number from 0 on, different each time and the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// Signs everybody up, and makes pairs of them.
async fn writers(serving: &Serving) -> Vec<Writer> {
    let mut writers = Vec::new();
    for nth in 0..PEOPLE {
        let name = format!("person{nth}");
        let client = serving.user(&name).await;
        writers.push(Writer { name, pal: 0, client, noted: Vec::new() });
    }
    for nth in 0..PEOPLE {
        let pal = writers[nth ^ 1].client.get("/api/v1/me").await.is(200);
        writers[nth].pal = pal["id"].as_u64().unwrap();
    }
    writers
}

/// Comes back to a house that has been started again.
async fn back(serving: &Serving, writers: Vec<Writer>) -> Vec<Writer> {
    let mut back = Vec::new();
    for writer in writers {
        let client = serving.login(&writer.name).await;
        back.push(Writer { client, ..writer });
    }
    back
}

/// Looks at what everybody sent after so many kills, and how it is counted; how many messages there are.
async fn look_at(people: &[Writer], rounds: usize) -> u64 {
    let (mut all, mut received) = (0, 0);
    for writer in people {
        let sent = writer.sent().await;
        let once: BTreeSet<u64> = sent.iter().copied().collect();
        assert_eq!(once.len(), sent.len(), "{} sees a message twice", writer.name);
        let noted: BTreeSet<u64> = writer.noted.iter().copied().collect();
        let kept: Vec<u64> = sent.iter().copied().filter(|id| noted.contains(id)).collect();
        assert_eq!(
            kept, writer.noted,
            "what {} was told is stored is not there, or not in order",
            writer.name
        );
        assert!(sent.len() <= noted.len() + rounds, "only what was under way may be there beside it");
        all += sent.len() as u64;
    }
    eventually("all of it is counted", async || {
        (people[0].count("/MessagesReceived").await >= all).then_some(())
    })
    .await;
    for writer in people {
        assert_eq!(writer.count("/MessagesSentByUser").await, writer.sent().await.len() as u64);
        received += writer.count("/MessagesReceivedByUser").await;
    }
    assert_eq!((people[0].count("/MessagesReceived").await, received), (all, all));
    all
}

/// Kills a broker that the house works with, now and then, while people go on writing; it is there again in the end.
async fn shake(broker: &Broker, told: &AtomicUsize, dice: &mut Dice) {
    if dice.below(2) == 0 {
        return;
    }
    broker.kill().await;
    let enough = told.load(Ordering::Relaxed) + dice.below(100);
    eventually("people write on without it", async || (told.load(Ordering::Relaxed) >= enough).then_some(()))
        .await;
    broker.start_again().await;
}

/// Kills the house so many times while people write, and its broker if it has one, and then looks at everything.
async fn kills(rounds: usize, env: &[(&str, &str)], broker: Option<&Broker>) {
    let env = &[&[("DAYBOOK_RATES_ENABLED", "no")], env].concat();
    let folder = Folder::new();
    folder.run(env, &["migrate"]).works();
    let serving = folder.serve_with(env);
    let mut people = writers(&serving).await;
    serving.stop();
    let (told, mut dice) = (Arc::new(AtomicUsize::new(0)), Dice(17));
    for _ in 0..rounds {
        let serving = folder.serve_with(env);
        people = back(&serving, people).await;
        let enough = told.load(Ordering::Relaxed) + 1 + dice.below(300);
        let writing: Vec<_> =
            people.drain(..).map(|writer| tokio::spawn(writer.write(told.clone()))).collect();
        eventually("enough was sent", async || (told.load(Ordering::Relaxed) >= enough).then_some(())).await;
        if let Some(broker) = broker {
            shake(broker, &told, &mut dice).await;
        }
        serving.kill();
        for writer in writing {
            people.push(writer.await.unwrap());
        }
    }

    let serving = folder.serve_with(env);
    people = back(&serving, people).await;
    let all = look_at(&people, rounds).await;
    // Beside the running house, and when it is gone.
    let check = ["check", "--messages", "--deep"];
    let looked = folder.run(env, &check);
    assert!(looked.works().contains(&format!("ok, {all} messages in ")), "{}", looked.out);
    serving.stop();
    let looked = folder.run(env, &check);
    assert!(
        looked.works().contains(&format!("ok, {all} stored, {all} published, {all} processed")),
        "{}",
        looked.out
    );
}

/// Where this server is, with a database of its own.
async fn on_server(rounds: usize, engine: testkit::Engine) {
    let test = testkit::TestDb::empty(engine).await;
    kills(rounds, &[("DAYBOOK_DATABASE_URL", &test.url)], None).await;
}

/// With a broker of its own, by which messages go to where they are processed.
async fn by_kafka(rounds: usize) {
    let broker = Broker::start().await;
    kills(rounds, &[("DAYBOOK_STREAM_MESSAGES", &broker.url)], Some(&broker)).await;
}

#[test]
fn messages_outlive_five_kills() {
    testkit::run(kills(5, &[], None));
}

on_every_server! {
    async fn messages_outlive_two_kills(engine) {
        on_server(2, engine).await;
    }
}

#[test]
#[ignore = "needs Kafka"]
fn messages_by_kafka_outlive_five_kills() {
    testkit::run(by_kafka(5));
}

#[test]
#[ignore = "takes minutes, and needs Kafka"]
fn chaos_messages_by_kafka_outlive_a_hundred_kills() {
    testkit::run(by_kafka(100));
}

#[test]
#[ignore = "takes minutes"]
fn chaos_messages_outlive_a_hundred_kills() {
    testkit::run(kills(100, &[], None));
}

#[test]
#[ignore = "takes minutes, and needs PostgreSQL"]
fn chaos_messages_outlive_a_hundred_kills_on_postgres() {
    testkit::run(on_server(100, testkit::Engine::Postgres));
}
