//! Two houses on one database.

use std::collections::BTreeSet;

use serde_json::json;

use crate::e2e::house::{House, Person};

async fn create(of: &Person, count: usize) -> Vec<u64> {
    let mut ids = Vec::new();
    for number in 0..count {
        let task = of.post("/api/v1/tasks", json!({"title": format!("{number}")})).await.is(201);
        ids.push(task["id"].as_u64().unwrap());
    }
    ids
}

on_every_server! {
    async fn two_houses_make_different_ids_and_see_each_others_data(engine) {
        let here = House::on(engine).await;
        let there = here.beside().await;
        let (anna, boris) = (here.user("anna").await, there.user("boris").await);
        let (anna_there, boris_here) = (there.login(&anna.email).await, here.login(&boris.email).await);

        let made = tokio::join!(
            create(&anna, 60), create(&anna_there, 60), create(&boris, 60), create(&boris_here, 60),
        );
        let all: Vec<u64> = [&made.0, &made.1, &made.2, &made.3].into_iter().flatten().copied().collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 240, "no id was made twice");

        for anna in [&anna, &anna_there] {
            let page = anna.get("/api/v1/tasks?limit=200").await.is(200);
            let found: BTreeSet<u64> =
                page["items"].as_array().unwrap().iter().map(|task| task["id"].as_u64().unwrap()).collect();
            assert_eq!(found, made.0.iter().chain(&made.1).copied().collect());
        }
        let path = format!("/api/v1/tasks/{}", made.0[0]);
        let done = anna_there.patch(&path, json!({"completed": true})).await.is(200);
        assert_eq!(anna.get(&path).await.is(200), done);
        boris_here.get(&path).await.problem(404, "task_not_found");

        for house in [&here, &there] {
            house.total_becomes("tasks", 240).await;
            house.total_becomes("users", 2).await;
        }
    }
}
