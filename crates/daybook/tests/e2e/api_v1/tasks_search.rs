//! Searching titles and notes.

use serde_json::{Value, json};

use crate::e2e::eventually::eventually;
use crate::e2e::house::{House, Person};

const TASKS: &str = "/api/v1/tasks";

async fn make(of: &Person, body: Value) -> String {
    format!("{TASKS}/{}", of.post(TASKS, body).await.is(201)["id"])
}

/// The titles that a query finds, page by page.
async fn found(of: &Person, query: &str) -> String {
    let (mut found, mut path) = (Vec::new(), format!("{TASKS}?limit=2&{query}"));
    loop {
        let page = of.get(&path).await.is(200);
        found.extend(
            page["items"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { return found.join(", ") };
        path = format!("{TASKS}?limit=2&{query}&cursor={next}");
    }
}

/// Words follow their tasks: this is what is found in the end.
async fn finds(of: &Person, query: &str, wanted: &str) {
    let (mut last, what) = (String::new(), format!("{query} finds {wanted:?}"));
    eventually(&what, async || {
        last = found(of, query).await;
        (last == wanted).then_some(())
    })
    .await;
}

on_every_engine! {
    async fn tasks_are_found_by_the_beginnings_of_their_words(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let milk = make(&anna, json!({"title": "Buy milk", "note": "two litres,\nfrom the Market"})).await;
        make(&anna, json!({"title": "Buy bread"})).await;
        make(&anna, json!({"title": "Milky way", "labels": ["sky"], "priority": 2})).await;
        make(&boris, json!({"title": "Milk of Boris"})).await;
        finds(&anna, "q=milk", "Milky way, Buy milk").await;
        finds(&boris, "q=milk", "Milk of Boris").await;
        for (query, wanted) in [
            ("q=MIL", "Milky way, Buy milk"),
            ("q=buy", "Buy bread, Buy milk"),
            ("q=bu+mark", "Buy milk"),
            ("q=buy+milk+bread", ""),
            ("q=ilk", ""),
            ("q=milk&label=sky", "Milky way"),
            ("q=milk&priority=2&completed=false", "Milky way"),
            ("q=milk&completed=true", ""),
            ("q=%F0%9F%8E%89", ""),
            ("q=+", "Milky way, Buy bread, Buy milk"),
        ] {
            assert_eq!(found(&anna, query).await, wanted, "{query}");
        }
        anna.patch(&milk, json!({"completed": true})).await.is(200);
        assert_eq!(found(&anna, "q=milk&completed=true").await, "Buy milk");
        anna.patch(&milk, json!({"title": "Buy oats", "note": null})).await.is(200);
        finds(&anna, "q=oat", "Buy oats").await;
        finds(&anna, "q=market", "").await;
        anna.delete(&milk).await.is(204);
        assert_eq!(found(&anna, "q=oat").await, "", "what is deleted is not found, whatever words are left");
        anna.post(&format!("{milk}/restore"), json!({})).await.is(200);
        finds(&anna, "q=oat", "Buy oats").await;
        anna.delete("/tasks").await.is(204);
        assert_eq!(found(&anna, "q=buy").await, "");
        eventually("the words of deleted tasks are gone", async || {
            let of_anna = db::sql!("select count(*) from task_words where owner_id = ?", i64::try_from(anna.id).unwrap());
            let left: Option<i64> = house.databases().next().unwrap().first(of_anna).await.unwrap();
            (left == Some(0)).then_some(())
        })
        .await;
    }

    async fn every_language_is_searched_as_people_write_it(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        for title in ["Їжак у тумані", "Памʼять", "ЁЛКА и мой кот", "Große Straße", "Crème brûlée", "今天买牛奶", "東京タワー"] {
            make(&anna, json!({"title": title})).await;
        }
        finds(&anna, "q=タワー", "東京タワー").await;
        for (query, wanted) in [
            ("їжа", "Їжак у тумані"),
            ("ТУМАН", "Їжак у тумані"),
            ("іжак", ""),
            ("пам'ять", "Памʼять"),
            ("елка", "ЁЛКА и мой кот"),
            ("МОЙ+ёлк", "ЁЛКА и мой кот"),
            ("STRASSE", "Große Straße"),
            ("strass+große", "Große Straße"),
            ("creme+bru", "Crème brûlée"),
            ("牛", "今天买牛奶"),
            ("牛奶+今天", "今天买牛奶"),
            ("奶牛", ""),
            ("東京", "東京タワー"),
        ] {
            assert_eq!(found(&anna, &format!("q={query}")).await, wanted, "{query}");
        }
    }

    /// A page is full although many that it would have had are deleted and their words are not gone yet.
    async fn many_are_found_each_once_whatever_was_deleted_meanwhile(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let items: Vec<Value> = (0..300).map(|n| json!({"title": format!("same {n}")})).collect();
        let made = anna.post("/api/v1/tasks/bulk", json!({"items": items})).await.is(200);
        let made: Vec<u64> = made["items"].as_array().unwrap().iter().map(|item| item["task"]["id"].as_u64().unwrap()).collect();
        let ids = async |query: &str| -> Vec<u64> {
            let page = anna.get(&format!("{TASKS}?limit=200&{query}")).await.is(200);
            page["items"].as_array().unwrap().iter().map(|task| task["id"].as_u64().unwrap()).collect()
        };
        eventually("all are found", async || {
            let first = ids("q=same").await;
            let rest = ids(&format!("q=same&cursor={}", first.last()?)).await;
            (first.iter().chain(&rest).eq(made.iter().rev())).then_some(())
        })
        .await;
        for id in &made[290..] {
            anna.delete(&format!("{TASKS}/{id}")).await.is(204);
        }
        assert!(ids("q=sam").await.iter().eq(made[..290].iter().rev().take(200)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_cannot_be_is_refused() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    house.get(&format!("{TASKS}?q=milk")).await.problem(401, "unauthenticated");
    let words: Vec<String> = (10..27).map(|n| n.to_string()).collect();
    for q in [words.join("+"), "x".repeat(201), "milk&order=position".into(), "milk&cursor=x".into()] {
        anna.get(&format!("{TASKS}?q={q}")).await.problem(400, "bad_query");
    }
    anna.get(&format!("{TASKS}?q={}", words[1..].join("+"))).await.is(200);
    anna.get(&format!("{TASKS}?q={}", "x".repeat(200))).await.is(200);
}
