//! What goes by Kafka while processes, brokers and all that a cluster had are lost.

use std::process::Command;
use std::sync::Arc;

use db::Db;
use rdkafka::admin::AdminOptions;
use stream::Stream;
use testkit::Broker;
use types::facts::tasks::TOPIC;

use super::{Load, admin, by_kafka, ledger, noted};
use crate::stories::trial::{Trial, eventually, kafka, running};

#[test]
#[ignore = "needs Kafka"]
fn what_kafka_has_lost_is_read_from_the_table() {
    by_kafka(async |trial| {
        let (stream, teller) = trial.stream();
        let load = Load::new(&trial.db, teller);
        load.beside(running(&stream, ledger(&trial.db), async || noted(&trial.db).await > 100)).await;
        // Published, and heard by nobody.
        load.tell(200).await;
        let is_published =
            async || stream.unpublished(TOPIC).await.unwrap().is_some_and(|lag| lag.facts == 0);
        running(&stream, vec![], is_published).await;
        stream.close().await;
        let (admin, topic) = admin(&trial);
        admin.delete_topics(&[&topic], &AdminOptions::new()).await.unwrap().remove(0).unwrap();
        // First nothing more is told, and then it goes on.
        load.is_complete(&stream, "ledger").await;
        load.tell(200).await;
        load.is_complete(&stream, "ledger").await;
    });
}

/// Runs in a second process of this story, if this is it.
fn second_process() -> bool {
    let [Ok(url), Ok(url_of_kafka)] = ["STORY_DATABASE", "STORY_KAFKA"].map(std::env::var) else {
        return false;
    };
    testkit::run(async {
        let db = Db::open(&db::Settings::new(&url)).unwrap();
        let stream = Stream::new(db.clone(), Arc::new(types::SystemClock)).by(TOPIC, kafka(&url_of_kafka, 3));
        stream.run(ledger(&db)).await;
    });
    true
}

#[test]
#[ignore = "needs Kafka"]
fn what_a_process_had_that_was_killed_others_go_on_with_by_kafka() {
    const NAME: &str =
        "stories::kafka::losses::what_a_process_had_that_was_killed_others_go_on_with_by_kafka";
    if second_process() {
        return;
    }
    by_kafka(async |trial| {
        let (stream, teller) = trial.stream();
        let load = Load::new(&trial.db, teller);
        let mut second = Command::new(std::env::current_exe().unwrap());
        second.args(["--exact", NAME, "--ignored"]).env("STORY_DATABASE", &trial.test.url);
        let mut second = second.env("STORY_KAFKA", trial.kafka.as_ref().unwrap()).spawn().unwrap();
        load.beside(eventually(async || noted(&trial.db).await > 200)).await;
        load.beside(running(&stream, ledger(&trial.db), async || {
            let before = noted(&trial.db).await;
            if before > 500 {
                second.kill().unwrap();
            }
            before > 500
        }))
        .await;
        second.wait().unwrap();
        load.is_complete(&stream, "ledger").await;
    });
}

/// The broker is killed under load, so many times, and what goes by it now and then stops and goes on.
fn kill(rounds: usize) {
    testkit::run(async {
        let broker = Broker::start().await;
        let url = Some(format!("{}/house", broker.url));
        let trial = Trial { kafka: url, ..Trial::new(testkit::Engine::Embedded).await };
        let (_, teller) = trial.stream();
        let load = Load::new(&trial.db, teller);
        for round in 0..rounds {
            let (stream, _) = trial.stream();
            let kills = async {
                let before = noted(&trial.db).await;
                eventually(async || noted(&trial.db).await > before + 200).await;
                broker.kill().await;
                let before = load.told();
                eventually(async || load.told() > before + 1_000).await;
                broker.start_again().await;
                let before = load.told();
                // Every other time it is stopped while it still catches up.
                eventually(async || round % 2 == 1 || noted(&trial.db).await > before).await;
            };
            tokio::select! {
                () = stream.run(ledger(&trial.db)) => unreachable!("it runs for ever"),
                () = load.beside(kills) => {}
            }
        }
        let (stream, _) = trial.stream();
        load.is_complete(&stream, "ledger").await;
        println!("{} facts, {rounds} kills", load.told());
    });
}

#[test]
#[ignore = "needs Kafka"]
fn a_kafka_that_is_killed_and_comes_back_has_lost_nothing() {
    kill(2);
}

#[test]
#[ignore = "needs a Kafka to be killed, and takes minutes"]
fn chaos_a_broker_is_killed_again_and_again() {
    kill(20);
}

#[test]
#[ignore = "needs Kafka"]
fn a_house_that_begins_anew_hears_nothing_that_the_one_before_left_in_kafka() {
    by_kafka(async |trial| {
        let (before, teller) = trial.stream();
        let load = Load::new(&trial.db, teller);
        load.tell(300).await;
        load.is_complete(&before, "ledger").await;
        before.close().await;
        let anew = Trial { kafka: trial.kafka.clone(), ..Trial::new(testkit::Engine::Memory).await };
        let (stream, teller) = anew.stream();
        let load = Load::new(&anew.db, teller);
        load.tell(100).await;
        load.is_complete(&stream, "ledger").await;
        load.is_complete(&stream, "another").await;
    });
}

#[test]
#[ignore = "needs Kafka"]
fn facts_wait_in_the_table_while_kafka_is_not_there() {
    by_kafka(async |mut trial| {
        let (there, teller) = trial.stream();
        let load = Load::new(&trial.db, teller);
        load.tell(100).await;
        load.is_complete(&there, "ledger").await;
        there.close().await;
        // Nobody answers on a port that was free a moment ago.
        trial.kafka = Some(format!("kafka://127.0.0.1:{}", testkit::free_port()));
        let (away, _) = trial.stream();
        assert!(kafka(trial.kafka.as_ref().unwrap(), 3).ping().await.is_err());
        let waiting = async || away.unpublished(TOPIC).await.unwrap().is_some_and(|lag| lag.facts >= 200);
        load.beside(running(&away, ledger(&trial.db), waiting)).await;
        assert_eq!(noted(&trial.db).await, 100);
        load.is_complete(&there, "ledger").await;
    });
}
