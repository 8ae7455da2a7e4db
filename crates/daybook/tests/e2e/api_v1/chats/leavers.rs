//! What is left of people whose account is gone.

use db::sql;
use serde_json::json;

use super::{group, member, people, roles};
use crate::e2e::eventually::eventually;
use crate::e2e::house::House;

on_every_engine! {
    async fn whoever_is_gone_is_in_no_group_and_on_no_list_but_what_they_said_stays(engine) {
        let house = House::on(engine).await;
        let [anna, ben, carl] = people(&house).await;
        let (hers, his) = (group(&anna, &[&ben, &carl]).await, group(&ben, &[&anna]).await);
        let alone = group(&anna, &[]).await;
        anna.post(&format!("{hers}/messages"), json!({"text": "Hi"})).await.is(201);
        let two = anna.post("/send", json!({"pal_id": ben.id, "message": "Hi"})).await.is(201);
        for (by, whom) in [(&carl, &anna), (&anna, &carl), (&ben, &carl)] {
            by.send("PUT", &format!("/api/v1/blocks/{}", whom.id), "", "").await.is(204);
        }
        house.remove(&anna).await;

        eventually("she is in no group", async || {
            let there = roles(&ben, &hers).await.len() + roles(&ben, &his).await.len();
            (there == 3).then_some(())
        })
        .await;
        assert_eq!(roles(&carl, &hers).await, [(ben.id, "owner".to_owned()), (carl.id, "member".to_owned())]);
        assert_eq!(roles(&ben, &his).await, [(ben.id, "owner".to_owned())]);
        let said = carl.get(&format!("{hers}/messages")).await.is(200)["items"][0].clone();
        assert_eq!((&said["user_id"], &said["text"]), (&json!(anna.id), &json!("Hi")));
        assert_eq!(ben.get(&format!("/chat?pal_id={}", anna.id)).await.is(200), json!([two]));
        let db = house.databases().next().unwrap();
        eventually("she is on no list", async || {
            (db.first::<i64>(sql!("select count(*) from blocks")).await.unwrap() == Some(1)).then_some(())
        })
        .await;
        let empty = sql!("select count(*) from chats c where not exists (select 1 from members m where m.chat_id = c.id)");
        assert_eq!(db.first::<i64>(empty).await.unwrap(), Some(1), "the group that was hers alone: {alone}");
        ben.delete(&member(&hers, &anna)).await.problem(404, "member_not_found");
        ben.send("PUT", &member(&hers, &anna), "application/json", "{}").await.problem(404, "person_not_found");
    }

    /// What nobody sees any more says nothing any more; its places stay, for it has been counted.
    async fn what_the_last_one_of_a_chat_leaves_behind_is_silent(engine) {
        let house = House::on(engine).await;
        let [anna, ben, carl] = people(&house).await;
        let (all, two) = (group(&anna, &[&ben, &carl]).await, group(&anna, &[&ben]).await);
        for chat in [&all, &two] {
            anna.post(&format!("{chat}/messages"), json!({"text": "Between us"})).await.is(201);
        }
        for (by, pal) in [(&anna, &anna), (&anna, &ben), (&ben, &anna), (&carl, &anna)] {
            by.post("/send", json!({"pal_id": pal.id, "message": "Between us"})).await.is(201);
        }
        let db = house.databases().next().unwrap();
        let said = async |places| {
            let said = sql!("select count(*), count(text) from messages");
            eventually("what was said is silent", async || {
                (db.first::<(i64, i64)>(said.clone()).await.unwrap() == Some(places)).then_some(())
            })
            .await;
        };
        said((6, 6)).await;
        house.remove(&anna).await;
        said((6, 5)).await;
        house.remove(&ben).await;
        said((6, 2)).await;
        assert_eq!(carl.get(&format!("{all}/messages")).await.is(200)["items"][0]["text"], "Between us");
        let titles = sql!("select count(title) from chats");
        eventually("the group has no name", async || (db.first::<i64>(titles.clone()).await.unwrap() == Some(1)).then_some(())).await;
    }
}
