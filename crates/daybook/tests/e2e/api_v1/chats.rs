//! `/api/v1/chats`, its members, and whom people do not want to hear of, verb by verb.

mod blocks;
mod groups;
mod home;
mod largest;
mod leavers;
mod members;

use serde_json::{Value, json};

use crate::e2e::house::{House, Person};

const CHATS: &str = "/api/v1/chats";
/// A chat that is not there.
const UNKNOWN: &str = "/api/v1/chats/4242";

/// Where a new group of hers is, with these people.
async fn group(of: &Person, with: &[&Person]) -> String {
    let members: Vec<u64> = with.iter().map(|person| person.id).collect();
    let made = of.post(CHATS, json!({"title": "Hike", "members": members})).await.is(201);
    format!("{CHATS}/{}", made["id"])
}

fn member(group: &str, person: &Person) -> String {
    format!("{group}/members/{}", person.id)
}

/// Who is in it, as this member sees it.
async fn roles(of: &Person, group: &str) -> Vec<(u64, String)> {
    let members = of.get(&format!("{group}/members?limit=200")).await.is(200)["items"].clone();
    let role =
        |member: &Value| (member["user_id"].as_u64().unwrap(), member["role"].as_str().unwrap().to_owned());
    members.as_array().unwrap().iter().map(role).collect()
}

/// So many people of a house.
async fn people<const N: usize>(house: &House) -> [Person; N] {
    let mut people = Vec::new();
    for name in ["anna", "ben", "carl", "dora", "emil", "fred", "gus", "hana"].into_iter().take(N) {
        people.push(house.user(name).await);
    }
    people.try_into().unwrap_or_else(|_| panic!("more names are needed"))
}
