//! Many tasks at once.

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
