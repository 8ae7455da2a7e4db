//! `ETag`, `If-None-Match` and `If-Match` of whatever has a version.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::e2e::client::Answer;
use crate::e2e::house::{House, PASSWORD, Person};

const TASKS: &str = "/api/v1/tasks";
const ME: &str = "/api/v1/me";

async fn task(of: &Person) -> String {
    format!("{TASKS}/{}", of.post(TASKS, json!({"title": "Milk"})).await.is(201)["id"])
}

/// It is in full, and its tag is its version, of one's own with whose it is.
#[track_caller]
fn tagged(answer: &Answer, status: u16, version: i64) {
    assert_eq!(answer.is(status)["version"], version);
    let tag = answer.header("etag");
    assert!(
        tag == format!("\"{version}\"") || tag.ends_with(&format!(".{version}\"")),
        "{}: {tag}",
        answer.asked
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_version_has_a_tag_of_it() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let made = anna.post(TASKS, json!({"title": "Milk"})).await;
    tagged(&made, 201, 1);
    let path = format!("{TASKS}/{}", made.json()["id"]);
    tagged(&anna.get(&path).await, 200, 1);
    tagged(&anna.patch(&path, json!({"completed": true})).await, 200, 2);
    tagged(&anna.patch(&path, json!({"completed": true})).await, 200, 2);
    anna.delete(&path).await.is(204);
    tagged(&anna.post(&format!("{path}/restore"), json!({})).await, 200, 4);
    tagged(&anna.get(ME).await, 200, 1);
    tagged(&anna.get(&format!("/api/v1/accounts/{}", anna.id)).await, 200, 1);
    tagged(&anna.patch(ME, json!({"name": "Anna"})).await, 200, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_it_is_told_so_without_it() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    for path in [task(&anna).await, ME.to_owned(), format!("/api/v1/accounts/{}", anna.id)] {
        let full = anna.get(&path).await;
        assert_eq!(full.header("cache-control"), "private, no-cache", "a browser may keep it");
        let tag = full.header("etag");
        for known in [tag, &format!("W/{tag}"), &format!("\"0\", {tag}"), "*"] {
            for method in ["GET", "HEAD"] {
                let known = anna.with("if-none-match", known).send(method, &path, "", "").await;
                assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, tag));
                assert_eq!(known.header("cache-control"), "private, no-cache");
                let length = known.header("content-length");
                assert!(length.is_empty() || length == full.header("content-length"), "{length}");
            }
        }
        for unknown in ["\"2\"", "\"11\"", "1", "", "\"1"] {
            assert_eq!(anna.with("if-none-match", unknown).get(&path).await.is(200), full.json());
        }
        house.with("if-none-match", "*").get(&path).await.problem(401, "unauthenticated");
    }
    let path = task(&anna).await;
    boris.with("if-none-match", "*").get(&path).await.problem(404, "task_not_found");
    anna.patch(&path, json!({"title": "Oat milk"})).await.is(200);
    tagged(&anna.with("if-none-match", "\"1\"").get(&path).await, 200, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_made_of_the_version_it_is_meant_for_and_no_other() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let path = task(&anna).await;
    let made = anna.get(&path).await.is(200);
    for outdated in ["\"0\"", "\"2\"", "W/\"1\"", "\"01\"", "\"\"", "\"xyzzy\", W/\"1\""] {
        let outdated = anna.with("if-match", outdated);
        outdated.patch(&path, json!({"title": "x"})).await.problem(412, "precondition_failed");
        outdated.delete(&path).await.problem(412, "precondition_failed");
    }
    for malformed in ["1", "", "\"1", "*, \"1\"", "\"1\" \"2\""] {
        let malformed = anna.with("if-match", malformed);
        malformed.patch(&path, json!({"title": "x"})).await.problem(400, "bad_if_match");
        malformed.delete(&path).await.problem(400, "bad_if_match");
    }
    assert_eq!(anna.get(&path).await.is(200), made, "nothing of this was done");

    tagged(&anna.with("if-match", "\"1\"").patch(&path, json!({"title": "Oat milk"})).await, 200, 2);
    tagged(&anna.with("if-match", "*").patch(&path, json!({"completed": true})).await, 200, 3);
    let twice = anna.with("if-match", "\"7\", \"2\"").with("if-match", "\"3\"");
    tagged(&twice.patch(&path, json!({"note": "two litres"})).await, 200, 4);
    for language in ["en", "uk", "ru"] {
        let outdated = anna.with("if-match", "\"1\"").with("accept-language", language);
        let problem = outdated.patch(&path, json!({"title": "x"})).await.problem(412, "precondition_failed");
        assert!(problem["title"].as_str().unwrap().contains("If-Match"), "{problem}");
    }
    house.with("if-match", "\"4\"").delete(&path).await.problem(401, "unauthenticated");
    boris.with("if-match", "\"4\"").delete(&path).await.problem(404, "task_not_found");
    anna.with("if-match", "\"4\"").delete(&path).await.is(204);
    anna.with("if-match", "*").delete(&path).await.problem(404, "task_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_changed_at_the_version_it_is_meant_for_and_no_other() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let put = async |seen: &str, zone: &str| {
        let zone = json!({"timezone": zone}).to_string();
        anna.with("if-match", seen).send("PUT", &format!("{ME}/timezone"), "application/json", zone).await
    };
    let leave = async |seen: &str| {
        let password = json!({"password": PASSWORD}).to_string();
        anna.with("if-match", seen).send("DELETE", ME, "application/json", password).await
    };
    let outdated = anna.with("if-match", "\"2\"").patch(ME, json!({"name": "x"})).await;
    outdated.problem(412, "precondition_failed");
    tagged(&anna.with("if-match", "\"1\"").patch(ME, json!({"name": "Anna"})).await, 200, 2);
    put("\"1\"", "Europe/Kyiv").await.problem(412, "precondition_failed");
    put("1", "Europe/Kyiv").await.problem(400, "bad_if_match");
    tagged(&put("\"2\"", "Europe/Kyiv").await, 200, 3);
    leave("\"2\"").await.problem(412, "precondition_failed");
    tagged(&anna.get(ME).await, 200, 3);
    leave("\"3\"").await.is(200);
}

/// The older clients of the root paths know nothing of this.
#[tokio::test(flavor = "multi_thread")]
async fn the_root_paths_take_no_notice() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let path = task(&anna).await.replace("/api/v1", "");
    let seen = anna.with("if-none-match", "*").get(&path).await;
    assert_eq!((seen.is(200)["title"].as_str(), seen.header("etag")), (Some("Milk"), ""));
    anna.with("if-match", "\"7\"").delete(&path).await.is(204);
}

on_every_engine! {
    async fn of_fifty_changes_of_one_version_one_is_made(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let path = task(&anna).await;
        let seen = anna.with("if-match", "\"1\"");
        let changes = (0..50).map(|number| {
            let (seen, path) = (&seen, &path);
            async move { seen.patch(path, json!({"title": format!("{number}")})).await }
        });
        let answers = join_all(changes).await;
        let made: Vec<Value> = answers.iter().filter(|answer| answer.status == 200).map(Answer::json).collect();
        let [made] = &made[..] else { panic!("{} were made", made.len()) };
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            refused.problem(412, "precondition_failed");
        }
        assert_eq!((made["version"].as_i64(), &anna.get(&path).await.is(200)), (Some(2), made));
    }
}
