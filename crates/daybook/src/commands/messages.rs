//! `daybook check --messages`: what the messenger keeps, looked through from end to end.

use std::sync::Arc;

use db::Db;
use messenger::{Findings, GROUP, Look, Stuck, audit};
use stream::{Lag, Stream};
use types::facts::messages::TOPIC;
use types::{Clock, SystemClock};

use super::say;
use crate::house::Database;

/// Looks beside a running house, which goes on meanwhile.
pub async fn beside(database: &Database, deep: bool) -> Result<Vec<String>, String> {
    if !has_messages(database) {
        return Ok(Vec::new());
    }
    let db = database.beside()?;
    let complaints = look(&database.at, &db, Look { beside: Some(SystemClock.now()), deep }).await;
    db.close().await;
    complaints
}

/// Looks at a database that is open; only the embedded engine's is nobody else's then.
pub async fn alone(database: &Database, db: &Db, deep: bool) -> Result<Vec<String>, String> {
    if !has_messages(database) {
        return Ok(Vec::new());
    }
    let beside = (!db.is_sole()).then(|| SystemClock.now());
    look(&database.at, db, Look { beside, deep }).await
}

fn has_messages(database: &Database) -> bool {
    database.domains.iter().any(|domain| domain.role == "messenger")
}

/// Says what is well; what is not is a complaint each.
async fn look(at: &str, db: &Db, look: Look) -> Result<Vec<String>, String> {
    let failed = |error: types::Error| format!("{at}: the messages could not be looked through: {error}");
    let found = audit(db.clone(), look).await.map_err(failed)?;
    let mut complaints: Vec<String> = found.gaps.iter().map(|gap| format!("{at}: {gap}")).collect();
    let Findings { chats, stored, published, processed, under_way, .. } = found;
    if found.broken_chats == 0 {
        say(&format!("{at}: ok, {stored} messages in {chats} chats, each place taken once"))?;
    } else {
        complaints.push(format!("{at}: {} of {chats} chats are out of order", found.broken_chats));
    }
    let on_the_way = if under_way > 0 { format!(", {under_way} under way") } else { String::new() };
    match found.stuck {
        None => say(&format!(
            "{at}: ok, {stored} stored, {published} published, {processed} processed{on_the_way}"
        ))?,
        Some(stuck) => complaints.push(format!(
            "{at}: {stored} stored, {published} published, {processed} processed{on_the_way}; {}",
            why(db, stuck).await
        )),
    }
    complaints.extend(found.miscounts.iter().map(|miscount| format!("{at}: {miscount}")));
    if found.wrong_counts == 0 {
        say(&format!("{at}: ok, the counts are those of the messages"))?;
    } else {
        complaints.push(format!("{at}: {} counts are not those of the messages", found.wrong_counts));
    }
    Ok(complaints)
}

/// What is stuck, and what keeps it.
async fn why(db: &Db, stuck: Stuck) -> String {
    let Stuck { messages, since, chat, seq } = stuck;
    let what = format!("{messages} are stuck, the oldest since {since}, at place {seq} of chat {chat}");
    let stream = Stream::new(db.clone(), Arc::new(SystemClock));
    let look = async { Ok((stream.lag(GROUP, TOPIC).await?, stream.parked_by(GROUP).await?)) };
    let reason = match look.await {
        Err(error) => types::Error::to_string(&error),
        Ok((Lag { facts, age }, parked)) => {
            let oldest = age.as_secs();
            format!(
                "{GROUP} has {facts} facts before it, the oldest told {oldest} s ago, and {parked} set aside"
            )
        }
    };
    format!("{what}: {reason}")
}
