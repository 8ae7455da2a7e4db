//! Tasks in an order, in lists, under labels, as parts of others, and due.

use db::{Batch, sql};
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

    /// More than can be moved apart with what is behind them: then what is in front makes room.
    async fn a_full_place_takes_one_more(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let owner = i64::try_from(anna.id).unwrap();
        let row = |n: i64| {
            vec![owner.into(), 0.into(), n.into(), n.to_string().into(), 0.into(), n.into(), 1.into(), 0.into(), 0.into()]
        };
        let head = "insert into tasks (owner_id, gone, id, title, completed, position, version, created_at, updated_at) values";
        let place = |n: i64| vec![owner.into(), "place".into(), n.into(), n.into()];
        let places = "insert into task_marks (owner_id, mark, degree, id) values";
        let rows = Batch::new().bulk(head, (1..=1_500).map(row).collect()).bulk(places, (1..=1_500).map(place).collect());
        house.databases().next().unwrap().write(rows).await.unwrap();
        for (moved, after) in [(1_400, 600), (1_300, 600), (1, 1_500)] {
            put(&anna, &json!({"id": moved}), json!(after)).await;
        }
        let root = anna.get("/tasks").await.is(200);
        let found: Vec<i64> = root.as_array().unwrap().iter().map(|task| task["id"].as_i64().unwrap()).collect();
        let wanted: Vec<i64> = (2..=600).chain([1_300, 1_400]).chain(601..1_000).collect();
        assert_eq!(found, wanted);
    }

    async fn who_has_a_label_stands_as_among_all(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let mut row = Vec::new();
        for n in 0..14 {
            let labels: Vec<_> = [("two", 2), ("three", 3)].into_iter().filter(|(_, by)| n % by == 0).map(|(name, _)| name).collect();
            let task = make(&anna, json!({"title": n.to_string(), "labels": labels, "priority": n % 2})).await;
            anna.patch(&format!("{TASKS}/{}", task["id"]), json!({"completed": n % 5 == 0})).await.is(200);
            row.push(task);
        }
        for (moved, after) in [(6, 9), (12, 0), (3, 12), (0, 13), (7, 6), (8, 6)] {
            put(&anna, &row[moved], row[after]["id"].clone()).await;
        }
        put(&anna, &row[4], Value::Null).await;
        let all = titles(&anna, "order=position").await;
        assert_eq!(all, "4 12 3 1 2 5 9 6 8 7 10 11 13 0", "those that were dragged and those that were not");
        let of = |wanted: fn(usize) -> bool| {
            let these = all.split(' ').filter(|title| wanted(title.parse().unwrap()));
            these.collect::<Vec<_>>().join(" ")
        };
        for (query, wanted) in [
            ("label=two", of(|n| n % 2 == 0)),
            ("label=three&completed=false", of(|n| n % 3 == 0 && n % 5 != 0)),
            ("label=three&completed=true", of(|n| n % 15 == 0)),
            ("label=three&priority=1", of(|n| n % 3 == 0 && n % 2 == 1)),
            ("priority=1", of(|n| n % 2 == 1)),
            ("label=none", String::new()),
        ] {
            assert_eq!(titles(&anna, &format!("{query}&order=position")).await, wanted, "{query}");
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
        let parts = format!("parent={}&completed=false", whole["id"]);
        assert_eq!(titles(&anna, &parts).await, "part");
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

    async fn a_list_is_made_once_for_a_key_and_changed_at_the_version_it_is_meant_for(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let again = anna.with("idempotency-key", "home");
        let made = again.post("/api/v1/lists", json!({"name": "Home"})).await;
        let list = made.is(201);
        assert_eq!((made.header("etag"), made.header("idempotency-replayed")), ("\"1\"", ""));
        let replayed = again.post("/api/v1/lists", json!({"name": "Home"})).await;
        assert_eq!((replayed.is(201), replayed.header("idempotency-replayed")), (list.clone(), "true"));
        again.post("/api/v1/lists", json!({"name": "Work"})).await.problem(422, "idempotency_key_reused");
        assert_eq!(anna.get("/api/v1/lists").await.is(200), json!({"items": [list]}));

        let path = format!("/api/v1/lists/{}", list["id"]);
        assert_eq!(anna.with("if-none-match", "\"1\"").get(&path).await.status, 304);
        let (first, second) = (anna.with("if-match", "\"1\""), anna.with("if-match", "\"2\""));
        assert_eq!(first.patch(&path, json!({"name": "Work"})).await.is(200)["version"], 2);
        first.patch(&path, json!({"name": "Shop"})).await.problem(412, "precondition_failed");
        first.delete(&path).await.problem(412, "precondition_failed");
        second.delete(&path).await.is(204);
        again.post("/api/v1/lists", json!({"name": "Home"})).await.problem(410, "made_and_gone");
    }

    async fn what_comes_back_has_no_list_and_no_whole_that_is_gone(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let list = anna.post("/api/v1/lists", json!({"name": "Home"})).await.is(201)["id"].clone();
        let whole = make(&anna, json!({"title": "whole"})).await;
        let part = json!({"title": "part", "list_id": list, "parent_id": whole["id"], "labels": ["x"]});
        let part = format!("{TASKS}/{}", make(&anna, part).await["id"]);
        anna.delete(&part).await.is(204);
        anna.delete(&format!("/api/v1/lists/{list}")).await.is(204);
        anna.delete(&format!("{TASKS}/{}", whole["id"])).await.is(204);
        let back = anna.post(&format!("{part}/restore"), json!({})).await.is(200);
        assert_eq!((&back["list_id"], &back["parent_id"], &back["labels"]), (&Value::Null, &Value::Null, &json!(["x"])));
        assert_eq!(anna.get(&part).await.is(200), back);
        assert_eq!(titles(&anna, &format!("list={list}")).await, "");
        assert_eq!(titles(&anna, "label=x").await, "part");
    }

    async fn what_is_due_and_what_matters_is_found_in_that_order(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        make(&anna, json!({"title": "plain"})).await;
        let day = make(&anna, json!({"title": "day", "due_on": "2027-03-02", "priority": 2, "labels": ["x"]})).await;
        make(&anna, json!({"title": "eve", "due_at": "2027-03-01T23:00:00Z", "priority": 4})).await;
        make(&anna, json!({"title": "noon", "due_at": "2027-03-02T12:00:00Z", "priority": 2})).await;
        make(&anna, json!({"title": "late", "due_on": "2027-12-31", "labels": ["x"]})).await;
        make(&boris, json!({"title": "other", "due_on": "2027-03-02", "priority": 2})).await;
        let is = async |query: &str, wanted: &str| assert_eq!(titles(&anna, query).await, wanted, "{query}");
        is("order=due", "eve day noon late").await;
        is("due_after=2027-03-02", "late noon day").await;
        is("due_after=2027-03-02&due_before=2027-03-03&order=due", "day noon").await;
        is("due_before=2027-03-02T00:00:00%2B02:00", "").await;
        is("due_before=2027-03-02&order=position", "eve").await;
        is("due_after=2027-03-02&label=x", "late day").await;
        is("order=priority", "eve noon day").await;
        is("priority=2", "noon day").await;
        is("priority=2&order=due", "day noon").await;
        is("priority=2&label=x&order=priority", "day").await;
        is("priority=1", "").await;
        is("order=due&priority=2&completed=true", "").await;

        let path = format!("{TASKS}/{}", day["id"]);
        anna.patch(&path, json!({"completed": true, "due_on": "2027-03-04"})).await.is(200);
        is("order=due&completed=false", "eve noon late").await;
        is("order=due&completed=true", "day").await;
        is("priority=2&completed=true", "day").await;
        is("order=due", "eve noon day late").await;
        anna.patch(&path, json!({"completed": false, "due_on": null, "priority": 3})).await.is(200);
        is("order=due", "eve noon late").await;
        is("order=priority&completed=false", "eve day noon").await;
        is("label=x&completed=false", "late day").await;
        anna.delete(&path).await.is(204);
        is("order=priority", "eve noon").await;
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
        assert_eq!((&never["due_at"], &never["due_zone"], &never["priority"]), (&Value::Null, &Value::Null, &Value::Null));
    }
}

/// Most tasks have nothing but a title, and a list of them is no longer for what others have.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_task_has_only_what_every_task_has() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let all = ["completed", "created_at", "id", "note", "title", "updated_at", "version"];
    let members = |task: &Value| task.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let written = json!({"title": "x", "priority": 0, "labels": [], "due_on": null, "list_id": null});
    for plain in [make(&anna, json!({"title": "x"})).await, make(&anna, written).await] {
        assert_eq!(members(&plain), all);
    }
    let page = anna.get(TASKS).await.is(200);
    assert!(page["items"].as_array().unwrap().iter().all(|task| members(task) == all));
    let marks: Option<i64> =
        house.databases().next().unwrap().first(sql!("select count(*) from task_marks")).await.unwrap();
    assert_eq!(marks, Some(0));
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
    for query in
        ["list=x", "priority=0", "priority=5", "due_after=tomorrow", "due_before=2027-02-30", "order=x"]
    {
        anna.get(&format!("{TASKS}?{query}")).await.problem(400, "bad_query");
    }
    for order in ["due", "priority"] {
        anna.get(&format!("{TASKS}?order={order}&cursor=17")).await.problem(400, "bad_query");
    }
    house.get(&format!("{TASKS}?order=due")).await.problem(401, "unauthenticated");
}
