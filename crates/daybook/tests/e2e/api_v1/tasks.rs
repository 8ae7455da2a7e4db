//! `/api/v1/tasks`, verb by verb.

use std::time::Duration;

use serde_json::{Value, json};

use crate::e2e::house::{House, Person};

const TASKS: &str = "/api/v1/tasks";
/// An id that nothing has.
const UNKNOWN: &str = "/api/v1/tasks/4242";

async fn task(of: &Person, title: &str) -> (String, Value) {
    let task = of.post(TASKS, json!({"title": title})).await.is(201);
    (format!("{TASKS}/{}", task["id"]), task)
}

mod create {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn writes_a_task_down_as_it_will_be_found() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let made = anna.post(TASKS, json!({"title": "  Milk ", "note": ""})).await;
        let task = made.is(201);
        assert_eq!(
            (&task["title"], &task["note"], &task["version"]),
            (&json!("Milk"), &Value::Null, &json!(1))
        );
        assert!(task["id"].as_u64().unwrap() < 1 << 53);
        assert_eq!(anna.get(&format!("{TASKS}/{}", task["id"])).await.is(200), task);
        house.total_becomes("tasks", 1).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_login_writes_nothing() {
        let house = House::new().await;
        house.post(TASKS, json!({"title": "Milk"})).await.problem(401, "unauthenticated");
        assert_eq!(house.rows().await, 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn twice_makes_two() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let ((first, _), (second, _)) = (task(&anna, "Milk").await, task(&anna, "Milk").await);
        assert_ne!(first, second);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_kept_is_named_field_by_field() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let before = house.rows().await;
        let long = |length| "я".repeat(length);
        anna.post(TASKS, json!({"title": " \n", "note": "a\u{0}b"}))
            .await
            .refuses(&[("title", "required"), ("note", "control_characters")]);
        anna.post(TASKS, json!({"title": "a\u{0}b"})).await.refuses(&[("title", "control_characters")]);
        anna.post(TASKS, json!({"title": long(501)})).await.refuses(&[("title", "too_long")]);
        anna.post(TASKS, json!({"title": "x", "note": long(20_001)})).await.refuses(&[("note", "too_long")]);
        anna.post(TASKS, json!({"title": 7})).await.refuses(&[("title", "wrong_type")]);
        anna.post(TASKS, json!({"title": "x", "note": ["y"]})).await.refuses(&[("note", "wrong_type")]);
        anna.post(TASKS, json!({"note": "x"})).await.refuses(&[("title", "required")]);
        anna.post(TASKS, json!({"title": "x", "due": 1})).await.refuses(&[("due", "unknown_field")]);
        anna.post(TASKS, json!(["Milk", "two litres"])).await.refuses(&[("body", "wrong_type")]);
        anna.post(TASKS, json!(null)).await.refuses(&[("body", "wrong_type")]);
        assert_eq!(house.rows().await, before);
        anna.post(TASKS, json!({"title": long(500), "note": long(20_000)})).await.is(201);
    }
}

mod list {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn without_login_shows_nothing() {
        House::new().await.get(TASKS).await.problem(401, "unauthenticated");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn is_empty_at_first() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        assert_eq!(anna.get(TASKS).await.is(200), json!({"items": [], "next": null}));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_task_is_on_one_page_and_no_other() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let mut wanted = Vec::new();
        for number in 0..25 {
            wanted.insert(0, task(&anna, &format!("{number}")).await.1);
        }
        for limit in [1, 5, 7, 24, 25, 26, 200] {
            let (mut found, mut path) = (Vec::new(), format!("{TASKS}?limit={limit}"));
            loop {
                let page = anna.get(&path).await.is(200);
                found.extend(page["items"].as_array().unwrap().clone());
                let Some(next) = page["next"].as_str() else { break };
                path = format!("{TASKS}?limit={limit}&cursor={next}");
            }
            assert_eq!(found, wanted, "in pages of {limit}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn has_fifty_on_a_page_when_nobody_says() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        for number in 0..51 {
            task(&anna, &format!("{number}")).await;
        }
        let page = anna.get(TASKS).await.is(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(50));
        assert!(page["next"].is_string());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_query_that_cannot_be_read_is_refused() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        for query in [
            "limit=0",
            "limit=201",
            "limit=-1",
            "limit=x",
            "limit=",
            "limit=18446744073709551616",
            "limit=1&limit=2",
            "cursor=x",
            "cursor=",
            "cursor=-1",
            "cursor=0",
            "cursor=18446744073709551616",
            "cursor=%00",
            "cursor=%ff",
            "completed=yes",
            "completed=1",
            "order=title",
            "limit[]=1",
        ] {
            anna.get(&format!("{TASKS}?{query}")).await.problem(400, "bad_query");
        }
        assert_eq!(anna.get(&format!("{TASKS}?")).await.is(200)["next"], Value::Null);
    }
}

mod find {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn without_login_tells_nothing() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let (path, _) = task(&anna, "Milk").await;
        house.get(&path).await.problem(401, "unauthenticated");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn anothers_task_looks_like_one_that_is_not_there() {
        let house = House::new().await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let (path, _) = task(&anna, "Milk").await;
        let same = |problem: Value| {
            let mut problem = problem;
            problem["request_id"].take();
            problem
        };
        let (anothers, unknown) = (boris.get(&path).await, boris.get(UNKNOWN).await);
        assert_eq!(
            same(anothers.problem(404, "task_not_found")),
            same(unknown.problem(404, "task_not_found"))
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_id_that_cannot_be_one_is_said_to_be_none() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        for id in [
            "0",
            "-1",
            "+1",
            "1.0",
            "x",
            "9007199254740992",
            "18446744073709551616",
            "%00",
            "%ff",
            "%zz",
            "%",
            "1%2F2",
            "%20",
            "null",
        ] {
            let path = format!("{TASKS}/{id}");
            anna.get(&path).await.problem(400, "bad_id");
            anna.patch(&path, json!({})).await.problem(400, "bad_id");
            anna.delete(&path).await.problem(400, "bad_id");
            anna.post(&format!("{path}/restore"), json!({})).await.problem(400, "bad_id");
        }
        anna.get(&format!("{TASKS}/")).await.problem(404, "no_such_path");
        anna.get(&format!("{TASKS}/1/2")).await.problem(404, "no_such_path");
        anna.get(&format!("{TASKS}/9007199254740991")).await.problem(404, "task_not_found");
    }
}

mod change {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_not_named_stays() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let made = anna.post(TASKS, json!({"title": "Milk", "note": "two litres"})).await.is(201);
        let path = format!("{TASKS}/{}", made["id"]);
        house.clock.advance(Duration::from_secs(1));
        let changed = anna.patch(&path, json!({"title": "Oat milk"})).await.is(200);
        let mut wanted = made.clone();
        wanted["title"] = json!("Oat milk");
        wanted["version"] = json!(2);
        wanted["updated_at"] = json!("2026-11-21T09:30:01.000000Z");
        assert_eq!(changed, wanted);
        let bare = anna.patch(&path, json!({"note": null})).await.is(200);
        assert_eq!((&bare["note"], &bare["version"]), (&Value::Null, &json!(3)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_same_twice_changes_once() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let (path, made) = task(&anna, "Milk").await;
        let done = anna.patch(&path, json!({"completed": true})).await.is(200);
        assert_eq!(done["version"], 2);
        assert_eq!(anna.patch(&path, json!({"completed": true})).await.is(200), done);
        assert_eq!(anna.patch(&path, json!({})).await.is(200), done);
        assert_eq!(made["version"], 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_login_or_as_another_changes_nothing() {
        let house = House::new().await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let (path, made) = task(&anna, "Milk").await;
        house.patch(&path, json!({"title": "x"})).await.problem(401, "unauthenticated");
        boris.patch(&path, json!({"title": "x"})).await.problem(404, "task_not_found");
        anna.patch(UNKNOWN, json!({"title": "x"})).await.problem(404, "task_not_found");
        assert_eq!(anna.get(&path).await.is(200), made);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_is_refused() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let (path, made) = task(&anna, "Milk").await;
        anna.patch(&path, json!({"title": ""})).await.refuses(&[("title", "required")]);
        anna.patch(&path, json!({"completed": "yes"})).await.refuses(&[("completed", "wrong_type")]);
        anna.patch(&path, json!({"completed": 1})).await.refuses(&[("completed", "wrong_type")]);
        anna.patch(&path, json!({"id": 1})).await.refuses(&[("id", "unknown_field")]);
        anna.patch(&path, json!({"owner_id": 1})).await.refuses(&[("owner_id", "unknown_field")]);
        assert_eq!(anna.get(&path).await.is(200), made);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn at_once_all_count() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let (path, _) = task(&anna, "Milk").await;
        let changes = (0..12).map(|number| {
            let (anna, path) = (&anna, &path);
            async move { anna.patch(path, json!({"note": format!("{number}")})).await.status }
        });
        let statuses = futures_util::future::join_all(changes).await;
        let served = statuses.iter().filter(|status| **status == 200).count();
        assert!(statuses.iter().all(|status| matches!(status, 200 | 409)), "{statuses:?}");
        assert_eq!(anna.get(&path).await.is(200)["version"], 1 + served);
    }
}

mod delete {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn twice_finds_nothing_the_second_time() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let (path, _) = task(&anna, "Milk").await;
        let gone = anna.delete(&path).await;
        assert_eq!((gone.is(204), gone.body.len()), (Value::Null, 0));
        anna.delete(&path).await.problem(404, "task_not_found");
        anna.patch(&path, json!({"title": "x"})).await.problem(404, "task_not_found");
        house.total_becomes("tasks", 0).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_login_or_as_another_deletes_nothing() {
        let house = House::new().await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let (path, made) = task(&anna, "Milk").await;
        house.delete(&path).await.problem(401, "unauthenticated");
        boris.delete(&path).await.problem(404, "task_not_found");
        anna.delete(UNKNOWN).await.problem(404, "task_not_found");
        assert_eq!(anna.get(&path).await.is(200), made);
    }
}

mod restore {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn twice_is_no_mistake() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let (path, _) = task(&anna, "Milk").await;
        anna.delete(&path).await.is(204);
        let restore = format!("{path}/restore");
        let back = anna.post(&restore, json!({})).await.is(200);
        assert_eq!(back["version"], 3);
        assert_eq!(anna.post(&restore, json!({})).await.is(200), back);
        house.total_becomes("tasks", 1).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_login_or_as_another_restores_nothing() {
        let house = House::new().await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let (path, _) = task(&anna, "Milk").await;
        anna.delete(&path).await.is(204);
        let restore = format!("{path}/restore");
        house.post(&restore, json!({})).await.problem(401, "unauthenticated");
        boris.post(&restore, json!({})).await.problem(404, "task_not_found");
        anna.post(&format!("{UNKNOWN}/restore"), json!({})).await.problem(404, "task_not_found");
        anna.get(&path).await.problem(404, "task_not_found");
    }
}
