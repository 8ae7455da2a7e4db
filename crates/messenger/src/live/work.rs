//! What goes on beside the connections: reading what happens and handing it out, and the seconds that pass.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join4;
use part::Work;
use stream::{Follow, Step};
use tokio::sync::mpsc;
use types::{ChatId, Result, UserId};

use super::hub::Arrival;
use super::service::Live;
use super::tidings::{self, Move};
use super::whispers;

/// How long connections may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
/// After a failure the database is left alone for this long.
const REST: Duration = Duration::from_millis(500);

/// Who is in a chat from which place on, or is not any more.
type Moved = (ChatId, UserId, Option<i64>);

/// All of it.
pub fn work(live: Live, mut follow: Follow, mut arrivals: mpsc::UnboundedReceiver<Arrival>) -> Work {
    Box::new(move |stop| {
        async move {
            let all = join4(
                hand_on(&live, &mut follow),
                whispers::hear(&live),
                whispers::watch(&live, &mut arrivals),
                pass_seconds(&live),
            );
            tokio::select! {
                _ = all => {}
                () = stop.wait() => {}
            }
            note_arrivals(&live).await;
            live.hub.close();
            // Whoever does not leave in time is cut off.
            let _ = tokio::time::timeout(GOODBYE, live.hub.until(false)).await;
        }
        .boxed()
    })
}

/// Hands out what happens, while anybody listens.
async fn hand_on(live: &Live, follow: &mut Follow) {
    loop {
        live.hub.until(true).await;
        live.hub.begin(follow.begin().await);
        while !live.hub.rest() {
            let step = tokio::select! {
                step = follow.next() => step,
                () = live.hub.until(false) => continue,
            };
            while let Err(error) = hand_out(live, &step).await {
                tracing::warn!(error = types::with_causes(&error), "what happened cannot be read, and waits");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

async fn hand_out(live: &Live, step: &Step) -> Result<()> {
    let (items, moves) = tidings::read(&step.facts);
    let seated = seated(live, moves).await?;
    let events = live.told_to_all(step.after, items).await?;
    // Noted first: who has left hears nothing more, not even what was said just before.
    live.hub.moved(&seated);
    live.hub.hand(&events, step.upto);
    Ok(())
}

/// What could not be noted is left: whatever comes to them later says the same.
async fn note_arrivals(live: &Live) {
    if let Err(error) = live.store.arrived(live.arrivals.take(), live.clock.now()).await {
        tracing::warn!(error = types::with_causes(&error), "what came to people could not be noted");
    }
}

/// How it is now for all who may have come or gone, as far as they are here.
async fn seated(live: &Live, moves: Vec<Move>) -> Result<Vec<Moved>> {
    let (mut whole, mut single) = (HashSet::new(), HashSet::new());
    for one in moves {
        match one {
            Move::Of(chat) => drop(whole.insert(chat)),
            Move::By(chat, user) => drop(single.insert((user, chat))),
        }
    }
    let present: HashSet<UserId> =
        live.hub.present(single.iter().map(|(user, _)| *user)).into_iter().collect();
    single.retain(|(user, _)| present.contains(user));
    let mut now: HashMap<(UserId, ChatId), Option<i64>> = single.iter().map(|pair| (*pair, None)).collect();
    let found = live.store.members_of(whole.into_iter().collect()).await?;
    let found = found.into_iter().chain(live.store.members_among(single.into_iter().collect()).await?);
    now.extend(found.map(|(chat, user, seen_from)| ((user, chat), Some(seen_from))));
    Ok(now.into_iter().map(|((user, chat), seen_from)| (chat, user, seen_from)).collect())
}

async fn pass_seconds(live: &Live) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    let (beat, _) = live.beat();
    loop {
        seconds.tick().await;
        live.hub.pass_second(beat, live.clock.now().seconds());
        note_arrivals(live).await;
    }
}
