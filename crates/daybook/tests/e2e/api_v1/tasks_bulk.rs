//! Many tasks at once.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::e2e::house::House;

const TASKS: &str = "/api/v1/tasks";
const BULK: &str = "/api/v1/tasks/bulk";

fn items(answer: &Value) -> Vec<Value> {
    answer["items"].as_array().unwrap().clone()
}

on_every_engine! {
    async fn a_thousand_are_written_and_changed_each_with_a_result(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let new = |n: usize| match n {
            7 => json!({"title": ""}),
            9 => json!({"title": "x", "list_id": 17}),
            _ => json!({"title": n.to_string(), "labels": if n.is_multiple_of(2) { vec!["even"] } else { vec![] }}),
        };
        let made = anna.with("accept-language", "ru").post(BULK, json!({"items": (0..1_000).map(new).collect::<Vec<_>>()})).await;
        let made = items(&made.is(200));
        assert_eq!(made.len(), 1_000);
        assert_eq!((&made[7]["status"], &made[7]["problem"]["errors"][0]["code"]), (&json!(422), &json!("required")));
        assert_eq!(made[7]["problem"]["title"], "Некоторые поля нельзя принять");
        assert_eq!(made[9]["problem"]["errors"][0]["field"], "list_id");
        let good: Vec<&Value> = made.iter().filter(|item| item["status"] == 201).map(|item| &item["task"]).collect();
        assert_eq!(good.len(), 998);
        assert_eq!(anna.get(&format!("{TASKS}/{}", good[500]["id"])).await.is(200), *good[500]);
        house.total_becomes("tasks", 998).await;
        let page = anna.get(&format!("{TASKS}?label=even&limit=200&order=position")).await.is(200);
        assert_eq!(items(&page).iter().map(|task| task["title"].clone()).take(3).collect::<Vec<_>>(), ["0", "2", "4"]);

        let mut changes: Vec<Value> =
            good.iter().map(|task| json!({"id": task["id"], "change": {"completed": true, "labels": ["all"]}})).collect();
        changes.push(json!({"id": 17, "change": {"completed": true}}));
        changes.push(json!({"id": good[0]["id"], "change": {"priority": 9}}));
        let done = items(&anna.patch(BULK, json!({"items": changes})).await.is(200));
        assert!(done[..998].iter().all(|item| item["status"] == 200 && item["task"]["version"] == 2));
        assert_eq!((&done[998]["status"], &done[998]["problem"]["type"]), (&json!(404), &json!("urn:daybook:problem:task_not_found")));
        assert_eq!(done[999]["problem"]["errors"][0]["code"], "bad_priority");
        let open = anna.get(&format!("{TASKS}?completed=false")).await.is(200);
        assert_eq!(open["items"], json!([]));
        let even = anna.get(&format!("{TASKS}?label=even")).await.is(200);
        assert_eq!(even["items"], json!([]));
    }

    async fn one_task_changed_twice_takes_both_changes(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let id = anna.post(TASKS, json!({"title": "Milk"})).await.is(201)["id"].clone();
        let twice = json!({"items": [
            {"id": id, "change": {"title": "Oat milk"}}, {"id": id, "change": {"completed": true}}, {"id": id, "change": {}},
        ]});
        let done = items(&anna.patch(BULK, twice.clone()).await.is(200));
        assert_eq!(done.iter().map(|item| item["task"]["version"].clone()).collect::<Vec<_>>(), [2, 3, 3]);
        assert_eq!(done[2]["task"], anna.get(&format!("{TASKS}/{id}")).await.is(200));
        let others = items(&boris.patch(BULK, twice).await.is(200));
        assert!(others.iter().all(|item| item["status"] == 404 && item["task"].is_null()));
    }
}

/// Twenty times at once with one key: each task is made once, and everybody hears of the same ones.
async fn twenty_at_once(house: &House) {
    let anna = house.user("anna").await;
    let key = anna.with("idempotency-key", "a");
    let many = json!({"items": (0..700).map(|n| json!({"title": n.to_string()})).collect::<Vec<_>>()});
    let answers = join_all((0..20).map(|_| key.post(BULK, many.clone()))).await;
    let made: Vec<Value> = answers.iter().map(|answer| answer.is(200)).collect();
    assert!(items(&made[0]).len() == 700 && made.iter().all(|each| *each == made[0]));
    let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
    assert_eq!(replayed, 19);
    let there = anna.get("/tasks").await.is(200);
    assert_eq!(there.as_array().unwrap().len(), 700);
}

on_every_engine! {
    async fn twenty_at_once_make_many_once(engine) {
        let house = House::on(engine).await;
        twenty_at_once(&house).await;
        house.total_becomes("tasks", 700).await;
    }

    async fn twenty_at_once_make_many_once_elsewhere(engine) {
        twenty_at_once(&House::apart(engine).await).await;
    }

    async fn many_sent_again_are_answered_each_as_it_is_now(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let key = anna.with("idempotency-key", "a");
        let whole = anna.post(TASKS, json!({"title": "Party"})).await.is(201)["id"].clone();
        anna.delete(&format!("{TASKS}/{whole}")).await.is(204);
        let many = json!({"items": [
            {"title": "Milk"}, {"title": ""}, {"title": "Oat", "labels": ["food"]}, {"title": "x", "parent_id": whole}, {"title": "y"},
        ]});
        let first = items(&key.post(BULK, many.clone()).await.is(200));
        assert_eq!(first.iter().map(|item| item["status"].clone()).collect::<Vec<_>>(), [201, 422, 201, 422, 201]);
        let again = key.post(BULK, many.clone()).await;
        assert_eq!((items(&again.is(200)), again.header("idempotency-replayed")), (first.clone(), "true"));

        let path = |n: usize| format!("{TASKS}/{}", first[n]["task"]["id"]);
        let done = anna.patch(&path(2), json!({"completed": true})).await.is(200);
        anna.delete(&path(4)).await.is(204);
        anna.post(&format!("{TASKS}/{whole}/restore"), json!({})).await.is(200);
        let now = items(&key.post(BULK, many.clone()).await.is(200));
        assert_eq!((&now[..2], &now[2]["task"]), (&first[..2], &done));
        assert_eq!((&now[3]["status"], &now[3]["problem"]["type"]), (&json!(409), &json!("urn:daybook:problem:stale")));
        assert_eq!((&now[4]["status"], &now[4]["problem"]["type"]), (&json!(410), &json!("urn:daybook:problem:made_and_gone")));
        house.total_becomes("tasks", 3).await;

        key.post(BULK, json!({"items": [{"title": "Milk"}]})).await.problem(422, "idempotency_key_reused");
        key.post(TASKS, json!({"title": "Milk"})).await.is(201);
        let boris = house.user("boris").await;
        let his = boris.with("idempotency-key", "a").post(BULK, many).await;
        assert_eq!((his.header("idempotency-replayed"), &items(&his.is(200))[2]["status"]), ("", &json!(201)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_nothing_or_of_too_much_is_not_kept() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let (key, before) = (anna.with("idempotency-key", "a"), house.rows().await);
    let labels: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    let heavy = vec![json!({"title": "x", "labels": labels}); 300];
    key.post(BULK, json!({"items": heavy})).await.refuses(&[("items", "too_much_for_a_key")]);
    key.post(BULK, json!({"items": []})).await.is(200);
    for _ in 0..2 {
        let bad = key.post(BULK, json!({"items": [{"title": ""}]})).await;
        assert_eq!(
            (&items(&bad.is(200))[0]["status"], bad.header("idempotency-replayed")),
            (&json!(422), "")
        );
    }
    anna.with("idempotency-key", "a b")
        .post(BULK, json!({"items": []}))
        .await
        .problem(400, "bad_idempotency_key");
    house.with("idempotency-key", "a").post(BULK, json!({"items": []})).await.problem(401, "unauthenticated");
    assert_eq!(house.rows().await, before);
}

/// Titles as long as they may be, in letters of two bytes.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_long_titles_fit_a_request() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let items = vec![json!({"title": "ї".repeat(500)}); 1_000];
    let made = self::items(&anna.post(BULK, json!({"items": items})).await.is(200));
    assert!(made.len() == 1_000 && made.iter().all(|item| item["status"] == 201));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_writes_nothing() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let before = house.rows().await;
    house.post(BULK, json!({"items": [{"title": "x"}]})).await.problem(401, "unauthenticated");
    house.patch(BULK, json!({"items": []})).await.problem(401, "unauthenticated");
    let many = vec![json!({"title": "x"}); 1_001];
    anna.post(BULK, json!({"items": many})).await.refuses(&[("items", "too_many_items")]);
    anna.post(BULK, json!({})).await.refuses(&[("items", "required")]);
    anna.post(BULK, json!({"items": [{"title": "x"}, {"title": 7}]}))
        .await
        .refuses(&[("items[1].title", "wrong_type")]);
    anna.patch(BULK, json!({"items": [{"id": 0, "change": {}}]}))
        .await
        .refuses(&[("items[0].id", "wrong_type")]);
    assert_eq!(items(&anna.post(BULK, json!({"items": []})).await.is(200)), Vec::<Value>::new());
    anna.get(BULK).await.problem(405, "method_not_allowed");
    assert_eq!(house.rows().await, before);
}
