//! Tasks in an order, in lists, under labels, as parts of others, and due.

use serde_json::{Value, json};

use crate::e2e::house::{House, Person};

const TASKS: &str = "/api/v1/tasks";

async fn make(of: &Person, body: Value) -> Value {
    of.post(TASKS, body).await.is(201)
}

async fn put(of: &Person, task: &Value, after: Value) -> Value {
    of.post(&format!("{TASKS}/{}/move", task["id"]), json!({"after": after})).await.is(200)
}

/// The titles of a list, page by page.
async fn titles(of: &Person, query: &str) -> String {
    let (mut found, mut path) = (Vec::new(), format!("{TASKS}?limit=2&{query}"));
    loop {
        let page = of.get(&path).await.is(200);
        found.extend(
            page["items"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { return found.join(" ") };
        path = format!("{TASKS}?limit=2&{query}&cursor={next}");
    }
}

async fn row_of(of: &Person, titles: &[&str]) -> Vec<Value> {
    let mut made = Vec::new();
    for title in titles {
        made.push(make(of, json!({"title": title})).await);
    }
    made
}

on_every_engine! {
    async fn a_dragged_task_stands_where_it_was_put(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let row = row_of(&anna, &["a", "b", "c", "d", "e"]).await;
        assert_eq!(titles(&anna, "order=position").await, "a b c d e");
        let moved = put(&anna, &row[4], row[0]["id"].clone()).await;
        assert_eq!(moved["version"], 2);
        assert_eq!(titles(&anna, "order=position").await, "a e b c d");
        put(&anna, &row[2], Value::Null).await;
        put(&anna, &row[0], row[3]["id"].clone()).await;
        assert_eq!(titles(&anna, "order=position").await, "c e b d a");
        assert_eq!(put(&anna, &row[0], row[3]["id"].clone()).await["version"], 2, "it stands there already");
        make(&anna, json!({"title": "f"})).await;
        assert_eq!(titles(&anna, "order=position").await, "c e b d a f");
        assert_eq!(titles(&anna, "order=newest").await, "f e d c b a");
        let root = anna.get("/tasks").await.is(200);
        let root: Vec<_> = root.as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect();
        assert_eq!(root, ["c", "e", "b", "d", "a", "f"]);
        let page = anna.get(&format!("{TASKS}?order=position")).await.is(200);
        let positions: Vec<_> = page["items"].as_array().unwrap().iter().map(|task| task["position"].to_string()).collect();
        assert!(positions.is_sorted(), "{positions:?}");
    }

    /// Each drag halves what is between two neighbours, until they have to be moved apart.
    async fn one_place_takes_any_number_of_tasks(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let row = row_of(&anna, &["first", "a", "b", "last"]).await;
        for turn in 0..40 {
            put(&anna, &row[1 + turn % 2], row[0]["id"].clone()).await;
            let wanted = if turn % 2 == 0 { "first a b last" } else { "first b a last" };
            assert_eq!(titles(&anna, "order=position").await, wanted, "after {turn} turns");
        }
    }

    async fn labels_lists_and_parts_are_found_by_what_they_are(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let list = anna.post("/api/v1/lists", json!({"name": "Дім"})).await.is(201)["id"].clone();
        let whole = make(&anna, json!({"title": "whole", "labels": ["дім", "urgent", "дім"], "list_id": list})).await;
        assert_eq!(whole["labels"], json!(["дім", "urgent"]));
        let part = make(&anna, json!({"title": "part", "parent_id": whole["id"], "list_id": list, "priority": 3})).await;
        let plain = make(&anna, json!({"title": "plain", "labels": ["urgent"]})).await;
        make(&boris, json!({"title": "other", "labels": ["urgent"]})).await;
        for (query, wanted) in [
            ("label=urgent".to_owned(), "plain whole"),
            ("label=urgent&order=position".to_owned(), "whole plain"),
            ("label=%D0%B4%D1%96%D0%BC".to_owned(), "whole"),
            ("label=URGENT".to_owned(), ""),
            (format!("list={list}"), "part whole"),
            (format!("list={list}&label=urgent"), "whole"),
            (format!("parent={}&list={list}", whole["id"]), "part"),
            (format!("list={list}&completed=true"), ""),
        ] {
            assert_eq!(titles(&anna, &query).await, wanted, "{query}");
        }
        let path = format!("{TASKS}/{}", whole["id"]);
        let bare = anna.patch(&path, json!({"labels": ["later"], "list_id": null, "completed": true})).await.is(200);
        assert_eq!((&bare["labels"], &bare["list_id"]), (&json!(["later"]), &Value::Null));
        assert_eq!(titles(&anna, "label=urgent").await, "plain");
        assert_eq!(titles(&anna, "label=later&completed=true").await, "whole");
        anna.delete(&path).await.is(204);
        assert_eq!(titles(&anna, "label=later").await, "");
        anna.post(&format!("{path}/restore"), json!({})).await.is(200);
        assert_eq!(titles(&anna, "label=later").await, "whole");
        anna.patch(&format!("{TASKS}/{}", part["id"]), json!({"parent_id": null})).await.is(200);
        assert_eq!(titles(&anna, &format!("parent={}", whole["id"])).await, "");
        anna.delete("/tasks").await.is(204);
        anna.post(&format!("{TASKS}/{}/restore", plain["id"]), json!({})).await.is(200);
        assert_eq!((titles(&anna, "label=urgent").await.as_str(), titles(&anna, "label=later").await.as_str()), ("plain", ""));
    }

    async fn a_list_is_made_renamed_and_deleted_when_it_is_empty(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let made = anna.post("/api/v1/lists", json!({"name": " Home "})).await.is(201);
        assert_eq!((&made["name"], &made["version"]), (&json!("Home"), &json!(1)));
        let path = format!("/api/v1/lists/{}", made["id"]);
        let renamed = anna.patch(&path, json!({"name": "Дім"})).await.is(200);
        assert_eq!((&renamed["name"], &renamed["version"]), (&json!("Дім"), &json!(2)));
        assert_eq!(anna.patch(&path, json!({"name": "Дім"})).await.is(200), renamed);
        assert_eq!(anna.get("/api/v1/lists").await.is(200), json!({"items": [renamed]}));
        assert_eq!(anna.get(&path).await.is(200), renamed);
        for answer in [boris.get(&path).await, boris.patch(&path, json!({"name": "x"})).await, boris.delete(&path).await] {
            answer.problem(404, "list_not_found");
        }
        let task = make(&anna, json!({"title": "Milk", "list_id": made["id"]})).await;
        anna.delete(&path).await.problem(409, "list_not_empty");
        anna.delete(&format!("{TASKS}/{}", task["id"])).await.is(204);
        anna.delete(&path).await.is(204);
        anna.delete(&path).await.problem(404, "list_not_found");
        assert_eq!(anna.get("/api/v1/lists").await.is(200), json!({"items": []}));
        anna.post("/api/v1/lists", json!({"name": ""})).await.refuses(&[("name", "required")]);
        boris.post(TASKS, json!({"title": "x", "list_id": made["id"]})).await.refuses(&[("list_id", "no_such_list")]);
    }

    async fn a_task_is_due_on_a_day_or_at_a_moment_in_a_zone(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let day = make(&anna, json!({"title": "x", "due_on": "2026-12-01", "priority": 4})).await;
        assert_eq!((&day["due_on"], &day["due_at"], &day["due_zone"]), (&json!("2026-12-01"), &Value::Null, &Value::Null));
        assert_eq!(day["priority"], 4);
        let path = format!("{TASKS}/{}", day["id"]);
        let moment = json!({"due_at": "2026-12-01T09:00:00+02:00", "due_zone": "Europe/Kyiv"});
        let moment = anna.patch(&path, moment).await.is(200);
        assert_eq!(moment["due_at"], "2026-12-01T07:00:00.000000Z");
        assert_eq!((&moment["due_on"], &moment["due_zone"]), (&Value::Null, &json!("Europe/Kyiv")));
        assert_eq!(anna.get(&path).await.is(200), moment);
        let never = anna.patch(&path, json!({"due_at": null, "priority": 0})).await.is(200);
        assert_eq!((&never["due_at"], &never["due_zone"], &never["priority"]), (&Value::Null, &Value::Null, &json!(0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_named() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let refused = async |body: Value, wanted: &[(&str, &str)]| anna.post(TASKS, body).await.refuses(wanted);
    let fields = json!({"title": "", "priority": 5, "due_on": "2026-02-30", "labels": [" "]});
    let wrong =
        [("title", "required"), ("priority", "bad_priority"), ("due_on", "bad_date"), ("labels", "required")];
    refused(fields, &wrong).await;
    refused(
        json!({"title": "x", "due_at": "2026-12-01T09:00:00Z", "due_zone": "Kyiv"}),
        &[("due_zone", "unknown_timezone")],
    )
    .await;
    refused(json!({"title": "x", "due_at": "tomorrow"}), &[("due_at", "wrong_type")]).await;
    refused(
        json!({"title": "x", "labels": (0..21).map(|n| n.to_string()).collect::<Vec<_>>()}),
        &[("labels", "too_many_labels")],
    )
    .await;
    refused(json!({"title": "x", "list_id": 17}), &[("list_id", "no_such_list")]).await;
    refused(json!({"title": "x", "parent_id": 17}), &[("parent_id", "no_such_task")]).await;

    let whole = make(&anna, json!({"title": "whole"})).await;
    let part = make(&anna, json!({"title": "part", "parent_id": whole["id"]})).await;
    refused(json!({"title": "x", "parent_id": part["id"]}), &[("parent_id", "one_level")]).await;
    let (whole_path, other) =
        (format!("{TASKS}/{}", whole["id"]), make(&anna, json!({"title": "other"})).await);
    anna.patch(&whole_path, json!({"parent_id": whole["id"]})).await.refuses(&[("parent_id", "one_level")]);
    anna.patch(&whole_path, json!({"parent_id": other["id"]})).await.refuses(&[("parent_id", "one_level")]);
    boris
        .post(TASKS, json!({"title": "x", "parent_id": whole["id"]}))
        .await
        .refuses(&[("parent_id", "no_such_task")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_dragged_by_its_owner_to_what_is_there() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let (milk, bread) =
        (make(&anna, json!({"title": "Milk"})).await, make(&boris, json!({"title": "Bread"})).await);
    let path = format!("{TASKS}/{}/move", milk["id"]);
    house.post(&path, json!({"after": null})).await.problem(401, "unauthenticated");
    boris.post(&path, json!({"after": null})).await.problem(404, "task_not_found");
    anna.post(&path, json!({"after": milk["id"]})).await.refuses(&[("after", "itself")]);
    anna.post(&path, json!({"after": bread["id"]})).await.refuses(&[("after", "no_such_task")]);
    anna.post(&path, json!({})).await.refuses(&[("after", "required")]);
    anna.post(&path, json!({"after": 0})).await.refuses(&[("after", "wrong_type")]);
    anna.get(&format!("{TASKS}?order=position&cursor=17")).await.problem(400, "bad_query");
    anna.get(&format!("{TASKS}?list=x")).await.problem(400, "bad_query");
}
