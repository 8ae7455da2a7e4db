//! What `docs/outside-workers.md` has its readers type, typed at a house: its blocks of shell, and the worker that one of them
//! starts.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use types::Clock;

use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;
use crate::e2e::house::{House, PASSWORD};

const JOBS: &str = "/api/v1/jobs";
/// What a reader replaces by what is theirs.
const ADDRESS: &str = "http://127.0.0.1:8080";
const SECRET: &str = "…";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The blocks of the page that are in this language.
fn blocks(language: &str) -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/outside-workers.md")).unwrap();
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split_once("```").unwrap().0.to_owned()).collect()
}

/// A block of shell as a reader would type it who has this house.
fn typed(block: &str, house: &House) -> String {
    block.replace(ADDRESS, &format!("http://{}", house.address)).replace(SECRET, PASSWORD)
}

/// Whether a program is there, which is an error where everything has to run.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    assert!(found || std::env::var("CI").as_deref() != Ok("true"), "{program} is missing");
    found
}

/// What this prints, after these variables were set.
async fn printed(script: &str, variables: &[(&str, &str)]) -> String {
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", script]).envs(variables.iter().copied());
    bash.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut typed = bash.spawn().unwrap();
    eventually("it is done", async || typed.try_wait().unwrap()).await;
    let output = typed.wait_with_output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A reader who has come as far as their token.
struct Reader {
    house: String,
    token: String,
}

impl Reader {
    async fn new(first: &str, house: &House) -> Self {
        let script = format!("{}\nprintf %s \"$TOKEN\"", typed(first, house));
        Self { house: format!("http://{}", house.address), token: printed(&script, &[]).await }
    }

    /// What the house answers when this is typed, with what is theirs in the place of what is shown.
    async fn types(&self, block: &str, own: &[(String, String)]) -> Value {
        let script = own.iter().fold(block.to_owned(), |script, (shown, own)| script.replace(shown, own));
        let answer = printed(&script, &[("HOUSE", &self.house), ("TOKEN", &self.token)]).await;
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{script}: {error}: {answer}"))
    }
}

/// Somebody who is called like the one in the documentation.
async fn anna(house: &House) -> Client {
    house.post("/register", json!({"username": "anna", "password": PASSWORD})).await.is(201);
    let token = house.post("/login", json!({"username": "anna", "password": PASSWORD})).await.is(200);
    house.bearing(token["access_token"].as_str().unwrap())
}

/// What is shown beside what is had, as pairs of texts.
fn pairs(shown: &Value, had: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    ["claim", "id"].map(|name| (text(&shown[name]), text(&had[name]))).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_in_the_documentation_do_what_it_says() {
    let [first, put, claim, beat, complete, fail, _] =
        blocks("sh").try_into().expect("another number of blocks");
    let house = House::new().await;
    let owner = anna(&house).await;
    if !has("bash") || !has("curl") {
        return;
    }
    let reader = Reader::new(&first, &house).await;
    let shown: Value = serde_json::from_str(&blocks("json")[0]).unwrap();
    let later = |seconds| json!(house.clock.now().plus(Duration::from_secs(seconds)).to_string());
    for is_good in [true, false] {
        let job = reader.types(&put, &[]).await;
        assert_eq!((&job["state"], &job["queue"]), (&json!("queued"), &json!("sums")), "{job}");
        let claimed = reader.types(&claim, &[]).await;
        let (mut expected, work) = (shown.clone(), &claimed["items"][0]);
        expected["items"][0]["id"] = job["id"].clone();
        expected["items"][0]["claim"] = work["claim"].clone();
        expected["items"][0]["created_at"] = job["created_at"].clone();
        expected["items"][0]["lease_until"] = later(60);
        assert_eq!(claimed, expected);

        let own = pairs(&shown["items"][0], work);
        let answer = reader.types(&beat, &own).await;
        assert_eq!(answer, json!({"lease_until": later(60), "cancelled": false}));
        let path = format!("{JOBS}/{}", job["id"]);
        assert_eq!(owner.get(&path).await.is(200)["progress"], json!({"percent": 40}));
        let (block, state, run_at) =
            if is_good { (&complete, "done", Value::Null) } else { (&fail, "scheduled", later(300)) };
        let answer = reader.types(block, &own).await;
        assert_eq!(answer, json!({"id": job["id"], "state": state, "run_at": run_at}));
        let (field, said) =
            if is_good { ("result", json!({"sum": 7})) } else { ("error", json!("the calculator is away")) };
        assert_eq!(owner.get(&path).await.is(200)[field], said);
    }
}

/// The worker, as the page has it started.
fn worker(house: &House) -> Child {
    let line = typed(blocks("sh").last().unwrap(), house);
    let (settings, command) = line.split_once(" python3 ").expect("the last block starts the worker");
    let script = format!("{settings} exec python3 -X utf8 -B {command}");
    let mut bash = Command::new("bash");
    bash.args(["-c", &script]).current_dir(root()).stdin(Stdio::null()).spawn().unwrap()
}

async fn over(client: &Client, id: &Value) -> Value {
    eventually("the job is over", async || {
        let job = client.get(&format!("{JOBS}/{id}")).await.is(200);
        ["done", "dead"].contains(&job["state"].as_str().unwrap()).then_some(job)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_in_the_documentation_does_jobs_and_stops_when_it_is_told_to() {
    let house = House::new().await;
    let owner = anna(&house).await;
    if !has("bash") || !has("python3") {
        return;
    }
    let mut worker = worker(&house);
    let job = |numbers: Value| json!({"kind": "external", "queue": "sums", "attempts": 1, "payload": {"numbers": numbers}});
    let good = owner.post(JOBS, job(json!([1, 2, 4]))).await.is(202);
    let bad = owner.post(JOBS, job(json!("x"))).await.is(202);
    assert_eq!(over(&owner, &good["id"]).await["state"], "done");
    let bad = over(&owner, &bad["id"]).await;
    assert_eq!(bad["state"], "dead");
    assert!(bad["error"].as_str().unwrap().contains("TypeError"), "{bad}");
    let told = Command::new("kill").args(["-TERM", &worker.id().to_string()]).status().unwrap();
    assert!(told.success());
    let ended = eventually("the worker ends", async || worker.try_wait().unwrap()).await;
    assert_eq!(ended.code(), Some(0));
}
