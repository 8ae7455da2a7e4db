//! Facts that go by a broker: what the house and the program say of it, when it answers and when it does not.

use std::net::SocketAddr;

use serde_json::json;
use testkit::Engine;

use super::client::Client;
use super::eventually::eventually;
use super::house::House;
use super::program::process::Folder;

/// Where nobody listens.
fn nowhere() -> String {
    format!("kafka://127.0.0.1:{}", testkit::free_port())
}

/// Waits until the operators' metrics have this line.
async fn shows(house: &House, line: &str) {
    let look =
        async || house.system.get("/metrics").await.text().lines().any(|has| has == line).then_some(());
    eventually(line, look).await;
}

#[test]
fn a_house_whose_broker_is_away_serves_and_says_so_and_its_facts_wait() {
    testkit::run(async {
        let system = SocketAddr::from(([127, 0, 0, 1], testkit::free_port()));
        let env = [("DAYBOOK_STREAM_TASKS", &*nowhere()), ("DAYBOOK_SYSTEM_LISTEN", &system.to_string())];
        let folder = Folder::new();
        let (house, operators) = (folder.serve_with(&env), Client::new(system));
        let verdict = operators.get("/health/ready").await.is(200);
        assert_eq!((&verdict["status"], &verdict["checks"]["database"]), (&json!("degraded"), &json!("ok")));
        let told = verdict["checks"]["broker"].as_str().unwrap();
        assert!(told.starts_with("Kafka at 127.0.0.1:"), "{told}");
        let anna = house.user("anna").await;
        anna.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
        assert_eq!(anna.get("/api/v1/tasks").await.is(200)["items"][0]["title"], "Milk");
        // The other topic stays in the table, and goes on; what waits does not keep the house from stopping.
        let users = async || (operators.get("/system").await.is(200)["gauges"]["users"] == 1).then_some(());
        eventually("Anna is counted", users).await;
        house.says("Kafka does not answer; facts wait in the table");
        house.stop();
    });
}

#[test]
fn check_complains_of_a_broker_that_is_away() {
    let done = Folder::new().run(&[("DAYBOOK_STREAM_DEFAULT", &nowhere())], &["check"]);
    assert!(done.out.starts_with("settings: ok\n"), "{}", done.out);
    done.is_refused(&["kafka://127.0.0.1:", "cannot do it now"]);
}

/// A house whose tasks have a database of their own hears nothing of accounts there without a broker.
#[test]
fn check_and_serve_say_what_does_not_come_to_a_database_of_its_own() {
    const SAID: &str = "stream.accounts: what identity tells stays in the table of its database, and never comes to that of tasks";
    testkit::run(async {
        let folder = Folder::new();
        let url = format!("sqlite:{}", folder.path().join("tasks.db").display());
        let own = ("DAYBOOK_TASKS_DATABASE_URL", &*url);
        folder.run(&[own], &["check"]).is_refused(&[SAID, "set it to kafka://"]);
        folder.run(&[], &["check"]).works();
        let kafka = nowhere();
        let done = folder.run(&[own, ("DAYBOOK_STREAM_ACCOUNTS", &kafka)], &["check"]);
        assert!(
            !done.err.contains("stream.accounts") && done.err.contains("cannot do it now"),
            "{}",
            done.err
        );
        let house = folder.serve_with(&[own]);
        let anna = house.user("anna").await;
        anna.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
        house.says(SAID);
        house.stop();
    });
}

mod kafka {
    use std::collections::BTreeSet;

    use testkit::tables_of;

    use super::super::removed::{DAY, HERS, plans, traces};
    use super::{Engine, Folder, House, eventually, json, nowhere, shows};

    #[test]
    #[ignore = "needs Kafka"]
    fn nothing_of_whoever_is_gone_stays_in_a_database_of_its_own_that_hears_of_it_by_kafka() {
        testkit::run(async {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("tasks.db").display());
            let settings = [("DAYBOOK_TASKS_DATABASE_URL", &*url), ("DAYBOOK_STREAM_ACCOUNTS", &corner())];
            let house = House::with(Engine::Embedded, &settings).await;
            let (anna, ben) = (house.user("anna").await, house.user("ben").await);
            let of = [anna.id.to_string(), anna.email.clone(), HERS.to_owned()];
            let mut own = None;
            for db in house.databases() {
                let tables = tables_of(db, Engine::Embedded).await;
                let has = |table: &str| tables.iter().any(|(name, _)| name == table);
                assert_ne!(has("tasks"), has("users"));
                own = own.or_else(|| has("tasks").then(|| db.clone()));
            }
            let own = own.unwrap();
            plans(&anna).await;
            house.settled().await;
            assert!(traces(&own, Engine::Embedded, &of).await.contains("tasks.owner_id"));
            let password = json!({"password": crate::e2e::house::PASSWORD}).to_string();
            anna.send("DELETE", "/api/v1/me", "application/json", password).await.is(200);
            house.pass(DAY * 31).await;
            let look = async || {
                let there = db::sql!("select count(*) from facts where topic = 'accounts'");
                (own.first::<i64>(there).await.unwrap()? == 1).then_some(())
            };
            eventually("that she is gone, and nothing else of accounts, comes to the tasks", look).await;
            house.settled().await;
            // A week later nobody is told of it any more; the newest fact of all stays.
            house.login(&ben.email).await.post("/api/v1/tasks", json!({"title": "Bread"})).await.is(201);
            house.pass(DAY * 8).await;
            // Clocks stand still, and so an id there may be hers here.
            let same = BTreeSet::from(["job_schedules.id".to_owned()]);
            let look = async || traces(&own, Engine::Embedded, &of).await.is_subset(&same).then_some(());
            eventually("nothing of hers is left where the tasks are", look).await;
            assert_eq!(
                house.login(&ben.email).await.get("/api/v1/tasks").await.is(200)["items"][0]["title"],
                "Bread"
            );
            shows(&house, "daybook_stream_missing_total{topic=\"accounts\"} 0").await;
            shows(&house, "daybook_stream_lag{group=\"ferry.tasks.accounts\"} 0").await;
        });
    }

    fn corner() -> String {
        let corner = testkit::kafka();
        format!("{}/{}", corner.url, corner.prefix)
    }

    #[test]
    #[ignore = "needs Kafka"]
    fn facts_go_by_a_broker_and_are_counted_on_their_way() {
        testkit::run(async {
            let house = House::with(Engine::Embedded, &[("DAYBOOK_STREAM_DEFAULT", &corner())]).await;
            // From now on facts are published; those before are read from the table.
            shows(&house, "daybook_stream_unpublished{topic=\"tasks\"} 0").await;
            let verdict = house.system.get("/health/ready").await.is(200);
            assert_eq!((&verdict["status"], &verdict["checks"]["broker"]), (&json!("ok"), &json!("ok")));
            let anna = house.user("anna").await;
            for _ in 0..20 {
                anna.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
            }
            house.total_becomes("tasks", 20).await;
            house.total_becomes("users", 1).await;
            shows(&house, "daybook_stream_published_total{topic=\"tasks\"} 20").await;
            let found = async || {
                let found = anna.get("/api/v1/tasks?q=milk").await.is(200);
                (found["items"].as_array()?.len() == 20).then_some(())
            };
            eventually("a search finds them all", found).await;
            let came = async || {
                let report = json!({"kind": "report", "payload": {"of": "jobs"}});
                anna.post("/api/v1/jobs", report).await.is(202);
                let text = house.system.get("/metrics").await.text();
                let shown = text.lines().find(|line| line.starts_with("daybook_jobs_came{"))?;
                (!shown.ends_with(" 0")).then_some(())
            };
            eventually("jobs come by the broker too", came).await;
        });
    }

    #[test]
    #[ignore = "needs Kafka"]
    fn a_house_goes_by_kafka_or_the_table_as_it_is_told_at_each_start() {
        testkit::run(async {
            let (folder, kafka, nowhere) = (Folder::new(), corner(), nowhere());
            for (round, way) in ["table", &kafka, &nowhere, "table", &kafka].into_iter().enumerate() {
                let running = folder.serve_with(&[("DAYBOOK_STREAM_TASKS", way)]);
                let anna = if round == 0 { running.user("anna").await } else { running.login("anna").await };
                anna.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
                let found = async || {
                    let found = anna.get("/api/v1/tasks?q=milk").await.is(200);
                    (found["items"].as_array()?.len() == round + 1).then_some(())
                };
                if way != nowhere {
                    eventually("a search finds what was told on every way", found).await;
                }
                if round % 2 == 0 { running.stop() } else { running.kill() }
            }
        });
    }

    #[test]
    #[ignore = "needs Kafka"]
    fn check_finds_a_broker_that_answers() {
        let done = Folder::new().run(&[("DAYBOOK_STREAM_TASKS", &corner())], &["check"]);
        assert!(done.works().lines().last().unwrap().ends_with(": ok, it answers"), "{}", done.out);
    }
}
