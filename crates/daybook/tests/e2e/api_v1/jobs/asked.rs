//! Whether anybody outside asks for jobs: what is told of one that waits for them.

use std::time::Duration;

use db::sql;
use serde_json::{Value, json};
use types::Clock;

use super::told::reasons;
use super::{id, put};
use crate::e2e::eventually::eventually;
use crate::e2e::house::{House, Person};

/// A job for outside workers, in this queue.
async fn waiting(of: &Person, queue: &str) -> String {
    put(of, json!({"kind": "external", "queue": queue})).await.1
}

/// A worker asks for jobs of these queues; how many it is given.
async fn ask(of: &Person, queues: &[&str]) -> usize {
    let claimed = of.post("/api/v1/work/claim", json!({"queues": queues})).await.is(200);
    claimed["items"].as_array().unwrap().len()
}

/// What is told of a job beside that it waits.
async fn told(of: &Person, path: &str, language: &str) -> Option<Value> {
    let reasons = reasons(of, path, language).await;
    assert_eq!(reasons[0]["code"], "for_your_workers");
    reasons.into_iter().nth(1)
}

on_every_engine! {
    async fn whoever_has_a_job_that_waits_hears_that_nobody_asks_for_it(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        assert_eq!(ask(&anna, &["sums", "sums", "other"]).await, 0);
        let asked = house.clock.now();
        let sums = waiting(&anna, "sums").await;
        assert_eq!(told(&anna, &sums, "en").await, None, "somebody has just asked");
        let mail = waiting(&anna, "mail").await;
        assert_eq!(ask(&boris, &["mail"]).await, 0, "his worker is none of hers");
        let never = json!({"code": "nobody_asks", "message": "No worker of yours has asked for jobs of this queue, at least not in the last 30 days"});
        assert_eq!(told(&anna, &mail, "en").await, Some(never));

        house.pass(Duration::from_mins(14)).await;
        let anna = house.login(&anna.email).await;
        for (language, message) in [
            ("en", "No worker of yours has asked for jobs of this queue for 14 minutes"),
            ("uk", "Жоден ваш виконавець не запитував завдань цієї черги вже 14 хв"),
            ("ru", "Ни один ваш исполнитель не запрашивал задания этой очереди уже 14 мин"),
        ] {
            let silent = json!({"code": "nobody_asks", "message": message, "since": asked.to_string()});
            assert_eq!(told(&anna, &sums, language).await, Some(silent));
        }
        assert_eq!(ask(&anna, &["sums"]).await, 1);
        let next = waiting(&anna, "sums").await;
        assert_eq!(told(&anna, &next, "en").await, None);
    }

    async fn whoever_works_on_one_for_long_is_busy_and_not_away(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        put(&anna, json!({"kind": "external"})).await;
        let work = json!({"lease_seconds": 3_600});
        anna.post("/api/v1/work/claim", work).await.is(200);
        house.pass(Duration::from_mins(3)).await;
        let path = waiting(&anna, "default").await;
        let busy = told(&anna, &path, "en").await.unwrap();
        assert_eq!((&busy["code"], &busy["count"]), (&json!("your_workers_are_busy"), &json!(1)));
    }

    /// Workers ask all the time, and that is written down once in a while.
    async fn it_is_written_down_seldom_and_goes_with_the_person(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let (db, began) = (house.databases().next().unwrap().clone(), house.clock.now());
        let last = async || db.all::<(i64, i64)>(sql!("select owner_id, asked_at from job_asks order by owner_id")).await.unwrap();
        for of in [&anna, &boris] {
            ask(of, &["sums"]).await;
        }
        house.clock.advance(Duration::from_secs(14));
        ask(&anna, &["sums"]).await;
        let owner = |of: &Person| i64::try_from(of.id).unwrap();
        let first = [(owner(&anna), began.micros()), (owner(&boris), began.micros())];
        assert_eq!(last().await, first);
        house.clock.advance(Duration::from_secs(1));
        ask(&anna, &["sums"]).await;
        assert_eq!(last().await, [(owner(&anna), house.clock.now().micros()), first[1]]);

        house.remove(&anna).await;
        eventually("it goes with the person", async || (last().await == first[1..]).then_some(())).await;
    }
}

on_every_server! {
    async fn a_process_knows_who_asked_another(engine) {
        let here = House::on(engine).await;
        let there = here.beside().await;
        let anna = here.user("anna").await;
        let anna_there = there.login(&anna.email).await;
        assert_eq!(ask(&anna, &["sums"]).await, 0);
        let (job, path) = put(&anna_there, json!({"kind": "external", "queue": "sums"})).await;
        assert_eq!(told(&anna_there, &path, "en").await, None);
        here.clock.advance(Duration::from_secs(20));
        assert_eq!(ask(&anna, &["other", "sums"]).await, 1, "{}", id(&job));
    }
}
