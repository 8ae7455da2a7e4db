//! Who is in a group, who lets them in and who takes them out.

use db::sql;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::{CHATS, UNKNOWN, group, member, people, roles};
use crate::e2e::client::Answer;
use crate::e2e::house::{House, Person};

async fn put(by: &Person, group: &str, who: &Person, body: Value) -> Answer {
    by.send("PUT", &member(group, who), "application/json", body.to_string()).await
}

async fn say(by: &Person, group: &str, text: &str) {
    by.post(&format!("{group}/messages"), json!({"text": text})).await.is(201);
}

async fn heard(by: &Person, group: &str) -> Vec<String> {
    let page = by.get(&format!("{group}/messages")).await.is(200);
    let texts = page["items"].as_array().unwrap().iter();
    texts.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
}

/// Those of this rank.
async fn ranked(of: &Person, group: &str, role: &str) -> Vec<u64> {
    let all = roles(of, group).await;
    all.into_iter().filter(|(_, is)| is == role).map(|(user, _)| user).collect()
}

on_every_engine! {
    async fn people_come_and_go(engine) {
        let house = House::on(engine).await;
        let [anna, ben, carl, dora] = people(&house).await;
        let path = group(&anna, &[&ben]).await;
        say(&anna, &path, "one").await;

        let came = put(&anna, &path, &carl, json!({})).await.is(201);
        assert_eq!((&came["user_id"], &came["role"], &came["read_seq"]), (&json!(carl.id), &json!("member"), &json!(1)));
        assert_eq!(put(&anna, &path, &carl, json!({})).await.is(200), came, "twice is once");
        put(&anna, &path, &dora, json!({"history": true})).await.is(201);
        say(&ben, &path, "two").await;
        assert_eq!(heard(&carl, &path).await, ["two"]);
        assert_eq!(heard(&dora, &path).await, ["two", "one"]);
        for person in [&carl, &dora] {
            assert_eq!(person.get(&path).await.is(200)["unread"], 1, "what was said before is not new");
        }
        put(&anna, &path, &carl, json!({"history": true})).await.is(200);
        assert_eq!(heard(&carl, &path).await, ["two", "one"]);

        // He goes, and hears nothing more; back again, he hears what is said from then on.
        ben.delete(&member(&path, &ben)).await.is(204);
        ben.delete(&member(&path, &ben)).await.problem(404, "chat_not_found");
        ben.post(&format!("{path}/messages"), json!({"text": "x"})).await.problem(404, "chat_not_found");
        say(&anna, &path, "three").await;
        put(&anna, &path, &ben, json!({})).await.is(201);
        assert_eq!((heard(&ben, &path).await.len(), ben.get(&path).await.is(200)["unread"].clone()), (0, json!(0)));
        say(&anna, &path, "four").await;
        assert_eq!(heard(&ben, &path).await, ["four"]);
        anna.delete(&member(&path, &ben)).await.is(204);

        let db = house.databases().last().unwrap();
        let stays = sql!("select from_seq, to_seq from stays order by from_seq");
        assert_eq!(db.all::<(i64, i64)>(stays).await.unwrap(), [(0, 2), (3, 4)]);
        let told = sql!("select kind from facts where topic = 'messages' and kind in ('member_joined', 'member_left', 'chat_changed') order by id");
        assert_eq!(
            db.all::<String>(told).await.unwrap(),
            ["chat_changed", "member_joined", "member_joined", "member_joined", "member_left", "member_joined", "member_left"]
        );
    }

    /// Whoever comes and goes while nothing is said is nobody's trouble.
    async fn coming_and_going_in_silence(engine) {
        let house = House::on(engine).await;
        let [anna, ben] = people(&house).await;
        let path = group(&anna, &[]).await;
        for _ in 0..3 {
            put(&anna, &path, &ben, json!({})).await.is(201);
            ben.delete(&member(&path, &ben)).await.is(204);
        }
        put(&anna, &path, &ben, json!({})).await.is(201);
        say(&anna, &path, "one").await;
        ben.delete(&member(&path, &ben)).await.is(204);
        let stays = sql!("select from_seq, to_seq from stays");
        let db = house.databases().last().unwrap();
        assert_eq!(db.all::<(i64, i64)>(stays).await.unwrap(), [(0, 1)]);
    }

    async fn a_group_has_one_owner(engine) {
        let house = House::on(engine).await;
        let [anna, ben, carl, dora] = people(&house).await;
        let path = group(&anna, &[&ben, &carl, &dora]).await;
        assert_eq!(put(&anna, &path, &dora, json!({"role": "admin"})).await.is(200)["role"], "admin");
        put(&anna, &path, &anna, json!({"role": "member"})).await.problem(409, "hand_over_first");
        assert_eq!(put(&anna, &path, &ben, json!({"role": "owner"})).await.is(200)["role"], "owner");
        assert_eq!(ranked(&anna, &path, "admin").await, [anna.id, dora.id]);
        put(&anna, &path, &anna, json!({"role": "owner"})).await.problem(403, "no_right_in_chat");
        put(&anna, &path, &anna, json!({"role": "member"})).await.is(200);

        // The administrator who is there longest is next, and then whoever is there longest.
        ben.delete(&member(&path, &ben)).await.is(204);
        assert_eq!(ranked(&anna, &path, "owner").await, [dora.id]);
        dora.delete(&member(&path, &dora)).await.is(204);
        assert_eq!(ranked(&anna, &path, "owner").await, [anna.id]);
        anna.delete(&member(&path, &anna)).await.is(204);
        carl.delete(&member(&path, &carl)).await.is(204);
        for person in [&anna, &ben, &carl, &dora] {
            person.get(&path).await.problem(404, "chat_not_found");
        }
    }

    async fn whatever_happens_at_once_happens_once(engine) {
        let house = House::on(engine).await;
        let [anna, ben, carl, dora, emil] = people(&house).await;
        let path = group(&anna, &[&ben, &carl]).await;
        put(&anna, &path, &ben, json!({"role": "admin"})).await.is(200);

        for _ in 0..4 {
            let added = [&anna, &ben, &anna, &ben].map(|by| put(by, &path, &dora, json!({})));
            let mut added: Vec<u16> = join_all(added).await.iter().map(|answer| answer.status).collect();
            added.sort_unstable();
            assert_eq!(added, [200, 200, 200, 201]);
            let hers = member(&path, &dora);
            let removed = [&anna, &ben].map(|by| by.delete(&hers));
            let mut removed: Vec<u16> = join_all(removed).await.iter().map(|answer| answer.status).collect();
            removed.sort_unstable();
            assert!([204, 404] == *removed, "{removed:?}");
        }

        // The owner leaves while handing over; an heir is removed while inheriting.
        let own = member(&path, &anna);
        let left = anna.delete(&own);
        let (handed, left) = join(put(&anna, &path, &carl, json!({"role": "owner"})), left).await;
        assert!(matches!(handed.status, 200 | 404), "{handed:?}");
        left.is(204);
        assert_eq!(ranked(&carl, &path, "owner").await.len(), 1);
        assert_eq!(roles(&carl, &path).await.len(), 2);

        let owner = if ranked(&carl, &path, "owner").await == [ben.id] { &ben } else { &carl };
        let heir = if owner.id == ben.id { &carl } else { &ben };
        put(owner, &path, &emil, json!({})).await.is(201);
        let (first, second) = (member(&path, owner), member(&path, heir));
        let (one, other) = join(owner.delete(&first), heir.delete(&second)).await;
        assert_eq!((one.status, other.status), (204, 204));
        assert_eq!(roles(&emil, &path).await, [(emil.id, "owner".to_owned())]);
        let seats = sql!("select count(*) from members where standing = 2");
        assert_eq!(house.databases().last().unwrap().first::<i64>(seats).await.unwrap(), Some(1));
    }

    /// Each place in the chat is one that the sender was there for, whatever happens beside.
    async fn nobody_says_anything_after_they_left(engine) {
        let house = House::on(engine).await;
        let [anna, ben] = people(&house).await;
        let path = group(&anna, &[&ben]).await;
        for _ in 0..3 {
            let (said, his) = (format!("{path}/messages"), member(&path, &ben));
            let sending = (0..6).map(|number| ben.post(&said, json!({"text": format!("{number}")})));
            let (sent, removed) = join(join_all(sending), anna.delete(&his)).await;
            removed.is(204);
            assert!(sent.iter().all(|answer| matches!(answer.status, 201 | 404)), "{sent:?}");
            put(&anna, &path, &ben, json!({})).await.is(201);
        }
        let outside = sql!(
            "select count(*) from messages m where m.user_id = ? and not exists (select 1 from stays s \
             where s.chat_id = m.chat_id and s.user_id = m.user_id and s.from_seq < m.seq and m.seq <= s.to_seq)",
            i64::try_from(ben.id).unwrap()
        );
        assert_eq!(house.databases().last().unwrap().first::<i64>(outside).await.unwrap(), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_let_whom_in_and_out() {
    let house = House::new().await;
    let [anna, ben, carl, dora, emil] = people(&house).await;
    let path = group(&anna, &[&ben, &carl]).await;
    put(&ben, &path, &dora, json!({})).await.problem(403, "no_right_in_chat");
    ben.delete(&member(&path, &carl)).await.problem(403, "no_right_in_chat");
    put(&anna, &path, &ben, json!({"role": "admin"})).await.is(200);
    put(&ben, &path, &dora, json!({"role": "admin"})).await.problem(403, "no_right_in_chat");
    put(&ben, &path, &carl, json!({"role": "admin"})).await.problem(403, "no_right_in_chat");
    put(&ben, &path, &dora, json!({})).await.is(201);
    put(&anna, &path, &carl, json!({"role": "admin"})).await.is(200);
    ben.delete(&member(&path, &carl)).await.problem(403, "no_right_in_chat");
    ben.delete(&member(&path, &anna)).await.problem(403, "no_right_in_chat");
    ben.delete(&member(&path, &dora)).await.is(204);
    ben.delete(&member(&path, &dora)).await.problem(404, "member_not_found");
    anna.delete(&member(&path, &carl)).await.is(204);
    put(&anna, &path, &emil, json!({"role": "admin"})).await.is(201);

    for stranger in [&carl, &dora] {
        put(stranger, &path, &emil, json!({})).await.problem(404, "chat_not_found");
        put(stranger, &path, stranger, json!({})).await.problem(404, "chat_not_found");
        stranger.delete(&member(&path, &ben)).await.problem(404, "chat_not_found");
        stranger.delete(&member(&path, stranger)).await.problem(404, "chat_not_found");
        stranger.get(&format!("{path}/members")).await.problem(404, "chat_not_found");
    }
    let everything =
        [("PUT", member(&path, &dora)), ("DELETE", member(&path, &ben)), ("GET", format!("{path}/members"))];
    for (method, path) in everything {
        house.send(method, &path, "application/json", "{}").await.problem(401, "unauthenticated");
    }
    assert_eq!(roles(&anna, &path).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused() {
    let house = House::new().await;
    let [anna, ben, carl] = people(&house).await;
    let path = group(&anna, &[&ben]).await;
    let two = format!("{CHATS}/{}", anna.post(CHATS, json!({"user_id": ben.id})).await.is(200)["id"]);
    put(&anna, &two, &carl, json!({})).await.problem(409, "not_a_group");
    anna.delete(&member(&two, &anna)).await.problem(409, "not_a_group");
    anna.delete(&member(&two, &ben)).await.problem(409, "not_a_group");
    assert_eq!(roles(&anna, &two).await.len(), 2);

    let unknown = format!("{path}/members/7");
    anna.send("PUT", &unknown, "application/json", "{}").await.problem(404, "person_not_found");
    anna.delete(&unknown).await.problem(404, "member_not_found");
    put(&anna, UNKNOWN, &carl, json!({})).await.problem(404, "chat_not_found");
    put(&anna, &path, &carl, json!({"role": "king"})).await.refuses(&[("role", "unknown_role")]);
    put(&anna, &path, &carl, json!({"role": 1})).await.refuses(&[("role", "wrong_type")]);
    put(&anna, &path, &carl, json!({"history": "yes"})).await.refuses(&[("history", "wrong_type")]);
    put(&anna, &path, &carl, json!({"rank": "admin"})).await.refuses(&[("rank", "unknown_field")]);
    for bad in [format!("{CHATS}/x/members/7"), format!("{path}/members/0"), format!("{path}/members/%00")] {
        anna.send("PUT", &bad, "application/json", "{}").await.problem(400, "bad_id");
        anna.delete(&bad).await.problem(400, "bad_id");
    }
    assert_eq!(roles(&anna, &path).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_is_on_one_page_and_no_other() {
    let house = House::new().await;
    let [anna, ben, carl, dora, emil] = people(&house).await;
    let path = group(&anna, &[&emil, &dora, &carl, &ben]).await;
    let wanted = [&anna, &ben, &carl, &dora, &emil].map(|person| person.id);
    for limit in 1..=6 {
        let (mut found, mut page) = (Vec::new(), format!("{path}/members?limit={limit}"));
        loop {
            let items = ben.get(&page).await.is(200);
            found.extend(
                items["items"].as_array().unwrap().iter().map(|member| member["user_id"].as_u64().unwrap()),
            );
            let Some(next) = items["next"].as_str() else { break };
            page = format!("{path}/members?limit={limit}&cursor={next}");
        }
        assert_eq!(found, wanted, "in pages of {limit}");
    }
    ben.get(&format!("{path}/members?limit=0")).await.problem(400, "bad_query");
    ben.get(&format!("{path}/members?cursor=x")).await.problem(400, "bad_query");
}
