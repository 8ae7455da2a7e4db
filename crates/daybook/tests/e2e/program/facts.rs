//! `daybook facts`, with a house that runs and without, and what operators see of it.

use db::{Batch, Db, Settings, Sql, sql};
use serde_json::json;
use testkit::{Engine, TestDb};

use super::process::{Done, Folder, Serving};
use crate::e2e::eventually::eventually;
use crate::e2e::house::House;

const TASKS: &str = "/api/v1/tasks";

/// A fact of which nobody can say which tasks it is about.
fn spoilt() -> Sql {
    sql!(
        "insert into facts (id, topic, order_key, kind, body, created_at) values (?, 'tasks', 1, 'created', '{}', 0)",
        1
    )
}

fn healed(owner: i64, id: i64) -> Sql {
    sql!("update parked_facts set body = ?", json!({"owner": owner, "id": id}).to_string())
}

/// Does this to the database, past the program.
async fn write(url: &str, batch: Batch) {
    let db = Db::open(&Settings { connections: 1, ..Settings::new(url) }).unwrap();
    db.write(batch).await.unwrap();
    db.close().await;
}

/// A folder with Anna's task in it that nobody finds, because the fact of it was spoilt.
struct Place {
    folder: Folder,
    serving: Option<Serving>,
    url: String,
    anna: i64,
    task: i64,
}

impl Place {
    async fn new(runs: bool) -> Self {
        let folder = Folder::new();
        let url = Settings::embedded(&folder.data().join("daybook.db")).url;
        let serving = folder.serve();
        let client = serving.user("anna").await;
        let anna = client.get("/api/v1/me").await.is(200)["id"].as_i64().unwrap();
        let task = client.post(TASKS, json!({"title": "Milk"})).await.is(201)["id"].as_i64().unwrap();
        let mut place = Self { folder, serving: Some(serving), url, anna, task };
        place.is_found(true).await;
        place.stop();
        let lost = [sql!("delete from task_texts"), sql!("delete from task_words"), spoilt()];
        write(&place.url, lost.into_iter().fold(Batch::new(), Batch::any)).await;
        place.serve();
        eventually("the fact is parked", async || {
            (place.facts(&["parked"]).works() != "nothing is parked\n").then_some(())
        })
        .await;
        if !runs {
            place.stop();
        }
        place
    }

    fn serve(&mut self) {
        self.serving.get_or_insert_with(|| self.folder.serve());
    }

    fn stop(&mut self) {
        self.serving.take().unwrap().stop();
    }

    fn facts(&self, args: &[&str]) -> Done {
        self.folder.run(&[], &[&["facts"], args].concat())
    }

    async fn is_found(&self, found: bool) {
        let anna = self.serving.as_ref().unwrap().login("anna").await;
        eventually("the task is found as it should be", async || {
            let items = anna.get(&format!("{TASKS}?q=milk")).await.is(200)["items"].clone();
            (items.as_array().unwrap().len() == usize::from(found)).then_some(())
        })
        .await;
    }
}

/// So much was done, and this was not.
#[track_caller]
fn fails(done: &Done, handled: &str, why: &str) {
    let said = format!("daybook: {handled}\ndaybook: {why}\n");
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (1, "", said.as_str()));
}

#[test]
fn what_was_set_aside_is_shown_and_handed_over_again() {
    testkit::run(async {
        for runs in [true, false] {
            let mut place = Place::new(runs).await;
            let listed = place.facts(&["parked"]);
            let columns: Vec<&str> = listed.works().trim_end().split('\t').collect();
            let [group, number, topic, kind, when, error] = columns[..] else { panic!("{columns:?}") };
            assert_eq!((group, topic, kind), ("tasks.words", "tasks", "created"));
            assert!(when.starts_with("20") && when.len() == 19, "{when}");
            assert!(
                error.starts_with(&format!("fact {number} does not say which tasks: missing")),
                "{error}"
            );

            for which in [number, "--all"] {
                let why = format!("tasks.words {number}: {error}");
                fails(&place.facts(&["replay", which]), "0 facts were handled", &why);
            }
            if runs {
                place.is_found(false).await;
            }
            write(&place.url, Batch::new().any(healed(place.anna, place.task))).await;
            let done = place.facts(&["replay", "--consumer", "tasks.words", number]);
            assert_eq!(done.works(), "1 fact was handled\n");
            assert_eq!(place.facts(&["parked"]).works(), "nothing is parked\n");
            let again = place.facts(&["replay", number]);
            fails(&again, "0 facts were handled", &format!("{number} is not parked"));
            assert_eq!(place.facts(&["replay", "--all"]).works(), "0 facts were handled\n");
            place.serve();
            place.is_found(true).await;
            place.stop();
        }
    });
}

#[test]
fn only_what_is_meant_is_shown_and_handed_over() {
    testkit::run(async {
        for runs in [true, false] {
            let place = Place::new(runs).await;
            write(&place.url, Batch::new().any(healed(place.anna, place.task))).await;
            for others in
                [&["--consumer", "tasks.total"][..], &["--role", "identity"], &["--consumer", "nobody"]]
            {
                assert_eq!(place.facts(&[&["parked"], others].concat()).works(), "nothing is parked\n");
                assert_eq!(
                    place.facts(&[&["replay", "--all"], others].concat()).works(),
                    "0 facts were handled\n"
                );
            }
            let orphan = sql!(
                "insert into parked_facts (consumer, number, id, topic, order_key, kind, body, created_at, error, parked_at) \
                 values ('gone', 7, 7, 'tasks', 1, 'created', '{}', 0, ?, 0)",
                "one\ttwo\nthree"
            );
            write(&place.url, Batch::new().any(orphan)).await;
            let two = place.facts(&["parked"]);
            assert_eq!(
                two.works().lines().next().unwrap(),
                "gone\t7\ttasks\tcreated\t1970-01-01 00:00:00\tone two three"
            );
            assert_eq!(two.works().lines().count(), 2);
            let one = place.facts(&["parked", "--limit", "1"]);
            let (_, last) = one.works().trim_end().split_once('\n').unwrap();
            assert_eq!(last, "there is more: --limit says how much is shown");
            assert!(place.facts(&["parked", "--role", "tasks"]).works().starts_with("tasks.words\t"));

            let why = "gone 7: not heard in this process; --role says whose it is";
            fails(&place.facts(&["replay", "7"]), "0 facts were handled", why);
            fails(&place.facts(&["replay", "--all"]), "1 fact was handled", why);
            assert_eq!(place.facts(&["parked"]).works().lines().count(), 1);
        }
    });
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = Folder::new();
    let memory = [("DAYBOOK_DATABASE_URL", "memory")];
    folder.run(&memory, &["facts", "parked"]).is_refused(&["database_url is memory"]);
    folder.run(&[], &["facts", "parked", "--role", "boss"]).is_refused(&["\"boss\"", "identity, tasks"]);
    for args in [&["facts", "replay"][..], &["facts", "replay", "--all", "1"], &["facts", "replay", "x"]] {
        assert_eq!(folder.run(&[], args).code, 2, "{args:?}");
    }
}

#[test]
fn operators_see_what_groups_have_before_them_and_what_they_set_aside() {
    testkit::run(async {
        let house = House::on(Engine::Memory).await;
        let of_words = |name| format!(r#"stream_{name}{{group="tasks.words"}}"#);
        house.total_becomes(&of_words("parked"), 0).await;
        let db = house.databases().next().unwrap().clone();
        db.write(Batch::new().any(spoilt())).await.unwrap();
        house.total_becomes(&of_words("parked"), 1).await;
        house.total_becomes(&of_words("lag"), 0).await;
        house.total_becomes(&of_words("oldest_seconds"), 0).await;
        let text = house.system.get("/metrics").await.text();
        for group in ["users.total", "identity.letters.mail", "identity.letters.sms", "tasks.total"] {
            assert!(text.contains(&format!("daybook_stream_lag{{group=\"{group}\"}} 0\n")), "{text}");
            assert!(text.contains(&format!("daybook_stream_parked{{group=\"{group}\"}} 0\n")), "{text}");
        }
        db.write(Batch::new().any(sql!("delete from parked_facts"))).await.unwrap();
        house.total_becomes(&of_words("parked"), 0).await;
    });
}

#[test]
fn whoever_has_the_database_answers_for_its_facts_and_not_for_people() {
    let folder = Folder::new();
    let tasks = folder.serve_as(&["tasks"], &[]);
    assert_eq!(folder.run(&[], &["facts", "parked"]).works(), "nothing is parked\n");
    folder.run(&[], &["keys", "list"]).is_refused(&["identity does not run here"]);
    tasks.stop();
}

on_every_server! {
    async fn a_role_in_a_process_of_its_own_is_reached_past_the_one_that_answers(engine) {
        let test = TestDb::empty(engine).await;
        let folder = Folder::new();
        let database = [("DAYBOOK_DATABASE_URL", test.url.as_str())];
        folder.run(&database, &["migrate"]).works();
        let tasks = folder.serve_as(&["tasks"], &database);
        let there = format!("http://{}", tasks.client.address);
        let front = [database[0], ("DAYBOOK_TASKS_URL", there.as_str())];
        let gateway = folder.serve_as(&["gateway", "identity"], &front);
        let anna = gateway.user("anna").await.get("/api/v1/me").await.is(200)["id"].as_i64().unwrap();
        test.db.write(Batch::new().any(spoilt())).await.unwrap();
        let facts = |args: &[&str]| folder.run(&database, &[&["facts"], args].concat());
        eventually("the fact is parked", async || {
            facts(&["parked"]).works().starts_with("tasks.words\t").then_some(())
        })
        .await;
        test.db.write(Batch::new().any(healed(anna, 1))).await.unwrap();
        let number = facts(&["parked"]).works().split('\t').nth(1).unwrap().to_owned();
        let why = format!("tasks.words {number}: not heard in this process; --role says whose it is");
        fails(&facts(&["replay", "--all"]), "0 facts were handled", &why);
        assert_eq!(facts(&["replay", "--all", "--role", "tasks"]).works(), "1 fact was handled\n");
        assert_eq!(facts(&["parked", "--role", "tasks"]).works(), "nothing is parked\n");
        gateway.stop();
        tasks.stop();
    }
}
