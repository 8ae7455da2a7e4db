//! What is left in the tables of somebody whose account is gone: nothing, but for what others have of them.

use std::collections::BTreeSet;
use std::time::Duration;

use db::{Batch, Db, sql};
use serde_json::{Value, json};
use testkit::{Engine, tables_of};

use super::client::Client;
use super::eventually::eventually;
use super::house::{House, PASSWORD, Person};

pub const DAY: Duration = Duration::from_hours(24);
/// A word that stands in whatever is hers alone.
pub const HERS: &str = "xyzzy";

/// Tables in which a person has nothing, each with the reason. Any other has something of hers before she goes: whoever adds
/// a table gives her something in it, or adds it here.
const NOBODYS: &[(&str, &str)] = &[
    ("counters", "numbers of the whole house"),
    ("fact_keys", "a copy of what is in 4,096 facts, which goes with them"),
    ("invitations", "of a house that nobody runs yet"),
    ("job_lanes", "what is true of all jobs of a kind"),
    ("job_walks", "how far a chore has come"),
    ("job_workers", "processes"),
    ("parked_facts", "what operators see to"),
    ("positions", "groups of consumers"),
    ("schema_migrations", "steps"),
    ("slots", "processes"),
    ("task_walks", "how far a walk has come"),
];

/// Columns in which there is something of her for ever, each with the reason. All of them are numbers.
const OTHERS: &[(&str, &str)] = &[
    ("direct_chats.high_id", "the other one has the chat still, and one with oneself keeps its places"),
    ("direct_chats.low_id", "the same"),
    ("gone_messages.writer_id", "a deleted message is not unread to others"),
    ("members.pal_id", "the other one has the chat still"),
    ("members.user_id", "the other one has the chat still, and whom its messages came to has been counted"),
    ("message_counts.subject", "what the house has counted is true of what others have"),
    ("messages.user_id", "what she said to others is theirs too, by somebody who is gone"),
    ("receipts.user_id", "others see how far she had read"),
    ("stays.user_id", "whom a group's messages came to has been counted"),
];

/// Where there is one of these texts: tables and columns with a dot between.
pub async fn traces(db: &Db, engine: Engine, of: &[String]) -> BTreeSet<String> {
    let mut traces = BTreeSet::new();
    for (table, columns) in tables_of(db, engine).await {
        let has = |column: &String| {
            let any = of.iter().map(|text| format!("concat({column}, '') like '%{text}%'"));
            any.collect::<Vec<_>>().join(" or ")
        };
        let rows = async |wanted: &str| {
            let count = sql!("select count(*) from ").push(&table).push(" where ").push(wanted);
            db.scan::<i64>(count).await.unwrap()[0]
        };
        if rows(&columns.iter().map(has).collect::<Vec<_>>().join(" or ")).await > 0 {
            for column in &columns {
                if rows(&has(column)).await > 0 {
                    traces.insert(format!("{table}.{column}"));
                }
            }
        }
    }
    traces
}

async fn id(of: &Client, path: &str, body: Value) -> u64 {
    let made = of.post(path, body).await;
    assert!([200, 201, 202].contains(&made.status), "{path}: {made:?}");
    made.json()["id"].as_u64().unwrap()
}

/// Tasks in sight, deleted, brought back and dragged; lists.
pub async fn plans(anna: &Person) {
    let list = id(anna, "/api/v1/lists", json!({"name": HERS})).await;
    let emptied = id(anna, "/api/v1/lists", json!({"name": HERS})).await;
    anna.delete(&format!("/api/v1/lists/{emptied}")).await.is(204);
    let task = json!({"title": HERS, "note": HERS, "labels": [HERS], "list_id": list, "priority": 2});
    let mut tasks = Vec::new();
    for key in ["a", "b", "c"] {
        tasks.push(id(&anna.with("idempotency-key", key), "/api/v1/tasks", task.clone()).await);
    }
    anna.post(&format!("/api/v1/tasks/{}/move", tasks[0]), json!({"after": tasks[2]})).await.is(200);
    for task in &tasks[..2] {
        anna.delete(&format!("/api/v1/tasks/{task}")).await.is(204);
    }
    anna.post(&format!("/api/v1/tasks/{}/restore", tasks[0]), json!({})).await.is(200);
}

/// Chats with herself, with another, of many, and of nobody else any more.
async fn talks(anna: &Person, ben: &Person) {
    let with = |people: &[&Person]| people.iter().map(|person| person.id).collect::<Vec<_>>();
    let chats = "/api/v1/chats";
    let own = id(anna, chats, json!({"user_id": anna.id})).await;
    let direct = id(anna, chats, json!({"user_id": ben.id})).await;
    let alone = id(anna, chats, json!({"title": HERS, "members": []})).await;
    let group = id(anna, chats, json!({"title": "Hike", "members": with(&[ben])})).await;
    for (chat, text) in [(own, HERS), (alone, HERS), (direct, "Hi"), (group, "Hi")] {
        let path = format!("{chats}/{chat}/messages");
        let (said, deleted) = (
            id(anna, &path, json!({"text": text, "client_key": HERS})).await,
            id(anna, &path, json!({"text": text})).await,
        );
        anna.patch(&format!("/api/v1/messages/{said}"), json!({"text": format!("{text} again")}))
            .await
            .is(200);
        anna.delete(&format!("/api/v1/messages/{deleted}")).await.is(204);
    }
    for chat in [direct, group] {
        let said = id(ben, &format!("{chats}/{chat}/messages"), json!({"text": "Hello"})).await;
        anna.delete(&format!("/api/v1/messages/{said}?for=me")).await.is(204);
        anna.put(&format!("{chats}/{chat}/read"), json!({})).await.is(200);
    }
    anna.delete(&format!("{chats}/{group}/members/{}", anna.id)).await.is(204);
    ben.put(&format!("{chats}/{group}/members/{}", anna.id), json!({})).await.is(201);
    anna.put(&format!("/api/v1/blocks/{}", ben.id), Value::Null).await.is(204);
}

/// Jobs wherever they may be, what came of them, and what the clock puts in.
async fn jobs(anna: &Person) {
    let external = |more: Value| {
        let mut job = json!({"kind": "external", "payload": {"text": HERS}});
        job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        job
    };
    let path = "/api/v1/jobs";
    for job in [
        json!({"queue": "lent"}),
        json!({"queue": "lent"}),
        json!({"queue": "lent"}),
        json!({"key": HERS}),
        json!({"run_at": "2027-06-01T00:00:00Z"}),
    ] {
        id(anna, path, external(job)).await;
    }
    let lent =
        anna.post("/api/v1/work/claim", json!({"queues": ["lent"], "max": 2})).await.is(200)["items"].clone();
    let failed = json!({"claim": lent[0]["claim"], "error": HERS});
    anna.post(&format!("/api/v1/work/{}/fail", lent[0]["id"]), failed).await.is(200);
    let report = id(anna, path, json!({"kind": "report", "payload": {"of": "tasks"}})).await;
    eventually("the report is made", async || {
        (anna.get(&format!("{path}/{report}")).await.is(200)["state"] == "done").then_some(())
    })
    .await;
    let weekly = json!({"name": HERS, "cron": "@weekly", "kind": "external", "payload": {"text": HERS}});
    id(anna, "/api/v1/schedules", weekly).await;
    anna.put("/api/v1/jobs/webhook-secret", json!({"number": 2})).await.is(200);
}

/// What is known of her: an address she wants, a code, a login elsewhere, a session that ended.
async fn account(house: &House, anna: &Person) {
    anna.patch("/api/v1/me", json!({"name": HERS})).await.is(200);
    let wanted = json!({"address": format!("{HERS}@example.org"), "password": PASSWORD});
    anna.post("/api/v1/me/email", wanted).await.is(200);
    house.login(&anna.email).await.post("/logout", json!({})).await.is(200);
    let login = sql!(
        "insert into logins (provider, subject, user_id, email, created_at) values ('google', '1', ?, ?, 0)",
        i64::try_from(anna.id).unwrap(),
        anna.email.as_str()
    );
    house.write_for("identity", Batch::of_one(login)).await;
}

on_every_engine! {
    async fn nothing_is_left_of_whoever_is_gone_but_what_others_have(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let db = house.databases().next().unwrap().clone();
        let of = [anna.id.to_string(), anna.email.clone(), HERS.to_owned()];
        plans(&anna).await;
        house.settled().await;
        talks(&anna, &ben).await;
        jobs(&anna).await;
        account(&house, &anna).await;
        house.settled().await;
        let mut before = traces(&db, engine, &of).await;
        anna.send("DELETE", "/api/v1/me", "application/json", json!({"password": PASSWORD}).to_string()).await.is(200);
        before.append(&mut traces(&db, engine, &of).await);
        for (table, columns) in tables_of(&db, engine).await {
            let is_hers = columns.iter().any(|column| before.contains(&format!("{table}.{column}")));
            let is_nobodys = NOBODYS.iter().any(|(nobodys, _)| *nobodys == table);
            assert!(is_hers != is_nobodys, "{table} has something of hers: {is_hers}");
        }
        for (column, why) in OTHERS {
            assert!(before.contains(*column), "{column} ({why}) has nothing of hers");
        }

        // She is removed after thirty days, and a week later nobody is told of it any more.
        house.pass(DAY * 31).await;
        eventually("she is removed", async || {
            let there = sql!("select count(*) from users where deleted_at is not null");
            (db.first::<i64>(there).await.unwrap() == Some(0)).then_some(())
        })
        .await;
        house.settled().await;
        house.pass(DAY * 8).await;
        let others: BTreeSet<String> = OTHERS.iter().map(|(column, _)| (*column).to_owned()).collect();
        let mut left = BTreeSet::new();
        let looking = async {
            loop {
                left = traces(&db, engine, &of).await;
                if left == others {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(30), looking).await.is_err() {
            assert_eq!(left, others);
        }
        let ben = house.login(&ben.email).await;
        assert_eq!(ben.get("/api/v1/chats").await.is(200)["items"].as_array().unwrap().len(), 2);
    }
}
