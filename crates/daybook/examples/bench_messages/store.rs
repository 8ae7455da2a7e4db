//! Messages for the benchmarks, in bulk.

use db::{Batch, Db, Result, Value, sql};
use types::Timestamp;

/// Messages read at once.
const READ: i64 = 20_000;
/// Rows of one transaction.
const TOGETHER: usize = 10_000;
/// Messages of a second.
const A_SECOND: i64 = 10;
/// The first two people of `bench_seed`, and an id that none of its rows has.
const ONE: i64 = 1 << 12;
const OTHER: i64 = ONE | 1;
const CHAT: i64 = ONE | 2;
/// Seconds of a minute, an hour and a day.
const COARSER: [i64; 3] = [60, 3_600, 86_400];

const MESSAGES: &str = "insert into messages (chat_id, seq, id, user_id, text, version, created_at, published_at, processed_at) \
     values";
const COUNTS: &str = "insert into message_counts (series, start, subject, messages) values";

/// How the last messages were marked.
pub struct Progress {
    /// How many.
    pub messages: i64,
    /// From when the first of them could be sent to when the last was marked.
    pub micros: i64,
    /// How long each took, in microseconds, the shortest first.
    pub lags: Vec<i64>,
}

/// Whether a message is not marked: the newest of a chat, since each chat's are marked in order but for a moment.
pub async fn has_unmarked(db: &Db) -> Result<bool> {
    let newest = sql!(
        "select count(*) from chats c join messages m on m.chat_id = c.id and m.seq = c.last_seq where m.processed_at is null"
    );
    Ok(db.scan::<i64>(newest).await?.pop().unwrap_or(0) > 0)
}

/// Reads those that were sent in the last seconds of all.
pub async fn progress(db: &Db, seconds: i64) -> Result<Progress> {
    let newest: Option<i64> = db
        .first::<Option<i64>>(sql!("select created_at from messages order by id desc limit 1"))
        .await?
        .flatten();
    let first = newest.unwrap_or(0) - seconds * 1_000_000;
    let (mut last, mut lags, mut after) = (first, Vec::new(), 0);
    loop {
        let page = sql!(
            "select id, created_at, processed_at from messages where id > ? order by id limit ?",
            after,
            READ
        );
        let page: Vec<(i64, i64, Option<i64>)> = db.scan(page).await?;
        let Some((id, ..)) = page.last() else { break };
        after = *id;
        for (_, sent, marked) in page.into_iter().filter(|(_, sent, _)| *sent >= first) {
            let marked = marked.unwrap_or(i64::MAX);
            last = last.max(marked);
            lags.push(marked.saturating_sub(sent));
        }
    }
    lags.sort_unstable();
    let messages = i64::try_from(lags.len()).unwrap_or(i64::MAX);
    Ok(Progress { messages, micros: last.saturating_sub(first), lags })
}

/// Fills one chat, each of two people writing in turns, and counts what they wrote.
pub async fn seed(db: &Db, messages: i64, now: Timestamp) -> Result<(i64, i64)> {
    let first = now.seconds() - messages / A_SECOND;
    let at = |nth: i64| (first + nth / A_SECOND) * 1_000_000;
    db.write(chat(messages)).await?;
    let all: Vec<i64> = (0..messages).collect();
    for part in all.chunks(TOGETHER) {
        let rows = part.iter().map(|nth| {
            let at = Value::Int(at(*nth));
            let numbers = [CHAT, nth + 1, (nth + 1) << 12, if nth % 2 == 0 { ONE } else { OTHER }];
            let text = Value::from("Shall we meet at the station at half past six?");
            let numbers = numbers.map(Value::Int).into_iter();
            numbers.chain([text, 1.into(), at.clone(), at.clone(), at]).collect()
        });
        db.write(Batch::new().bulk(MESSAGES, rows.collect())).await?;
    }
    let last = first + (messages - 1) / A_SECOND;
    counts(db, first, last).await?;
    Ok((first, last))
}

fn chat(messages: i64) -> Batch {
    let chat = sql!(
        "insert into chats (id, kind, title, last_seq, last_id, version, created_at, updated_at) values (?, 0, null, ?, ?, 1, 0, 0)",
        CHAT,
        messages,
        messages << 12
    );
    let direct =
        sql!("insert into direct_chats (low_id, high_id, chat_id) values (?, ?, ?)", ONE, OTHER, CHAT);
    let member = |user, pal| {
        sql!(
            "insert into members (user_id, chat_id, pal_id, standing, joined_seq, seen_from, read_seq, sent, own_read, joined_at) \
             values (?, ?, ?, 0, 0, 0, 0, ?, 0, 0)",
            user,
            CHAT,
            pal,
            messages / 2
        )
    };
    Batch::of_one(chat).one(direct).one(member(ONE, OTHER)).one(member(OTHER, ONE))
}

/// The buckets of all: as many messages each as their length has, but for those at both ends.
async fn counts(db: &Db, first: i64, last: i64) -> Result<()> {
    for (grain, length) in (0..).zip([1].into_iter().chain(COARSER)) {
        for (what, subjects, share) in
            [(0, &[0][..], 1), (1, &[ONE, OTHER][..], 2), (2, &[ONE, OTHER][..], 2)]
        {
            let mut rows = Vec::new();
            let mut start = first / length * length;
            while start <= last {
                let seconds = (last + 1).min(start + length) - first.max(start);
                rows.extend(subjects.iter().map(|subject| {
                    [what * 4 + grain, start, *subject, seconds * A_SECOND / share].map(Value::Int).to_vec()
                }));
                start += length;
                if rows.len() >= TOGETHER {
                    db.write(Batch::new().bulk(COUNTS, std::mem::take(&mut rows))).await?;
                }
            }
            db.write(Batch::new().bulk(COUNTS, rows)).await?;
        }
    }
    Ok(())
}
