//! Jobs as they change.

use db::{Batch, sql};
use serde_json::{Value, json};
use testkit::Engine;

use super::{DEAD, JOBS, id, over, put, taken, waiting};
use crate::e2e::eventually::eventually;
use crate::e2e::house::House;

async fn told_as_it_happens(house: &House) {
    let anna = house.user("anna").await;
    let (job, path) = put(&anna, waiting()).await;
    let stream = format!("{path}/stream");
    let (mut one, mut other) = (anna.listen(&stream).await, anna.listen(&stream).await);
    let first = one.next().await.unwrap();
    assert_eq!((first.name.as_str(), &first.data), ("changed", &job), "how it stands is said at once");
    assert_eq!(other.next().await.unwrap(), first);

    taken(house, &job).await;
    assert_eq!(one.next().await.unwrap().data["state"], "running");
    let report = sql!("update job_held set progress = '{\"percent\": 40}' where id = ?", id(&job));
    house.write_for("jobs", Batch::of_one(report)).await;
    assert_eq!(one.next().await.unwrap().data["progress"], json!({"percent": 40}));
    drop(other);
    anna.post(&format!("{path}/cancel"), Value::Null).await.is(200);
    assert_eq!(one.next().await.unwrap().data["cancelling"], true);

    let back = sql!(
        "insert into job_queue (lane, priority, id, owner_id, attempt) select lane, priority, id, owner_id, attempt \
         from job_held where id = ?",
        id(&job)
    );
    let gone = sql!("delete from job_held where id = ?", id(&job));
    house.write_for("jobs", Batch::of_one(back).one(gone)).await;
    over(house, &job, DEAD).await;
    let last = loop {
        let event = one.next().await.unwrap();
        if event.name == "over" {
            break event.data;
        }
    };
    assert_eq!(last, anna.get(&path).await.is(200), "the end is told in full");
    assert_eq!(one.next().await, None, "and is the end");
    let mut late = anna.listen(&stream).await;
    let event = late.next().await.unwrap();
    assert_eq!((event.name.as_str(), event.data, late.next().await), ("over", last, None));
}

on_every_engine! {
    async fn what_becomes_of_a_job_is_told_as_it_does(engine) {
        told_as_it_happens(&House::on(engine).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn and_through_a_gateway_elsewhere() {
    told_as_it_happens(&House::apart(Engine::Embedded).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_more_streams_than_they_may() {
    let house = House::with(Engine::Embedded, &[("DAYBOOK_LIMITS_STREAMS", "2")]).await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let (_, path) = put(&anna, waiting()).await;
    let stream = format!("{path}/stream");
    let (mut one, mut other) = (anna.listen(&stream).await, anna.listen(&stream).await);
    one.next().await.unwrap();
    other.next().await.unwrap();
    anna.get(&stream).await.problem(429, "too_many_requests");
    let (_, his) = put(&boris, waiting()).await;
    boris.listen(&format!("{his}/stream")).await.next().await.unwrap();
    drop(one);
    eventually("a seat is free again", async || (anna.get(&stream).await.status == 200).then_some(())).await;
    // What was never there, and what is nobody's to hear, takes no seat.
    for _ in 0..3 {
        boris.get(&stream).await.problem(404, "job_not_found");
        boris.get(&format!("{JOBS}/17/stream")).await.problem(404, "job_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_session() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let (_, path) = put(&anna, waiting()).await;
    let mut stream = anna.listen(&format!("{path}/stream")).await;
    stream.next().await.unwrap();
    anna.post("/logout", json!({})).await.is(200);
    assert_eq!(stream.next().await, None);
}
