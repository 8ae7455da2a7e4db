//! Which way a topic goes, as far as the database knows: the rows of each group, and how far the relay has come.

use db::{Along, Batch, Error, Result, Sql, Tx, UnlessMissed, sql};
use futures_util::FutureExt;
use types::Timestamp;

use super::{Facts, Place, happened};

/// The relay's row in `positions`: its part is the number of partitions that it feeds.
pub const RELAY: &str = "relay";

/// How far the relay of a topic has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relayed {
    /// The partitions it feeds.
    pub parts: i64,
    /// Every fact up to this number is in them.
    pub upto: i64,
}

/// What is left to do before a group goes its new way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Nothing.
    Done,
    /// Its partitions, which nobody moves any more but to bring them to one number: positions by partition.
    Level(Vec<i64>),
}

impl Facts {
    /// The rows of a group: part and position. Part 0 is the table's, part n + 1 that of partition n, and negative ones
    /// are those of partitions that are being left.
    pub async fn rows(&self, place: Place) -> Result<Vec<(i64, i64)>> {
        self.db.all(rows(place)).await
    }

    /// Puts the group on its way: the table, or so many partitions. Whoever goes the old way finds no row any more.
    pub async fn turn(&self, place: Place, parts: i64) -> Result<Turn> {
        // Most starts find it there.
        if decide(&self.rows(place).await?, parts) == Decision::Stay {
            return Ok(Turn::Done);
        }
        self.db
            .tx::<Turn, Error, _>(move |tx| {
                async move {
                    // Those who turn take turns, and who moves a position waits or is waited for.
                    tx.run(sql!("update counters set value = value where name = 'facts'")).await?;
                    tx.run(sql!(
                        "update positions set position = position where consumer = ? and topic = ?",
                        place.consumer,
                        place.topic
                    ))
                    .await?;
                    let found: Vec<(i64, i64)> = tx.all(rows(place)).await?;
                    match decide(&found, parts) {
                        Decision::Stay => Ok(Turn::Done),
                        Decision::Replace(at) => replace(tx, place, parts, at).await.map(|()| Turn::Done),
                        Decision::Level => leave(tx, place).await.map(|()| Turn::Level(in_order(found))),
                    }
                }
                .boxed()
            })
            .await
    }

    /// How far the relay of this topic has come; none if the topic has none.
    pub async fn relayed(&self, topic: &str) -> Result<Option<Relayed>> {
        let row = sql!("select part, position from positions where consumer = ? and topic = ?", RELAY, topic);
        let found: Option<(i64, i64)> = self.db.first(row).await?;
        Ok(found.map(|(parts, upto)| Relayed { parts, upto }))
    }

    /// Begins to relay a topic: what is there already is read from the table by whoever missed it.
    pub async fn begin_relay(&self, topic: &str, parts: i64) -> Result<()> {
        let newest = self.newest().await?;
        let insert = sql!(
            "insert into positions (consumer, topic, part, position) values (?, ?, ?, ?) \
             on conflict (consumer, topic, part) do nothing",
            RELAY,
            topic,
            parts,
            newest
        );
        self.db.write(begun(Batch::new().any(insert), topic)).await
    }

    /// The number that every partition of the topic has heard of, or a later one; none if that is not known.
    pub async fn said(&self, topic: &str) -> Result<Option<i64>> {
        self.db.first(sql!("select value from counters where name = ?", said(topic).as_str())).await
    }

    /// The topic has another number of partitions now.
    pub async fn repartition(&self, topic: &str, from: i64, to: i64) -> Result<()> {
        let update = sql!(
            "update positions set part = ? where consumer = ? and topic = ? and part = ?",
            to,
            RELAY,
            topic,
            from
        );
        self.db.write(begun(Batch::of_one(update), topic)).await.unless_missed().map(drop)
    }

    /// Moves the relay's position, and notes what was said to all, if anything; false when it does not stand there.
    pub async fn move_relay(&self, topic: &str, from: Relayed, upto: i64, said: i64) -> Result<bool> {
        let update = sql!(
            "update positions set position = ? where consumer = ? and topic = ? and part = ? and position = ?",
            upto,
            RELAY,
            topic,
            from.parts,
            from.upto
        );
        let told = sql!(
            "insert into counters (name, value) values (?, ?) \
             on conflict (name) do update set value = excluded.value",
            self::said(topic).as_str(),
            said
        );
        let batch = Batch::of_one(update);
        let batch = if said > 0 { batch.any(told) } else { batch };
        self.db.write(batch).await.unless_missed()
    }

    /// Ends the relays of all topics but these: their rows would keep facts from being deleted.
    pub async fn end_relays(&self, but: impl Iterator<Item = &str>) -> Result<()> {
        let delete = sql!("delete from positions where consumer = ?", RELAY);
        let delete = but.fold(delete, |sql, topic| sql.push(" and topic <> ?").bind(topic));
        self.db.write(Batch::new().any(delete)).await
    }

    /// Takes or keeps the lease on relaying this topic, which was `held` until then; whether it is ours now.
    pub async fn lease_relay(
        &self,
        topic: &str,
        held: Timestamp,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool> {
        let name = lease(topic);
        let insert = sql!(
            "insert into counters (name, value) values (?, 0) on conflict (name) do nothing",
            name.as_str()
        );
        let take = sql!(
            "update counters set value = ? where name = ? and (value = ? or value < ?)",
            until,
            name.as_str(),
            held,
            now
        );
        happened(self.db.write(Batch::new().any(insert).one(take)).await)
    }

    /// What tells this database's facts from those of another whose numbers are the same.
    pub async fn origin(&self, now: Timestamp) -> Result<i64> {
        let insert = sql!(
            "insert into counters (name, value) values ('facts.origin', ?) on conflict (name) do nothing",
            now
        );
        if self.total("facts.origin").await? == 0 {
            self.db.write(Batch::new().any(insert)).await?;
        }
        self.total("facts.origin").await
    }

    /// Leaves marks, with no other effect than what goes along. False when they had been left already.
    pub async fn leave(&self, along: Along) -> Result<bool> {
        happened(self.db.write(Batch::new().along(along)).await)
    }
}

fn lease(topic: &str) -> String {
    format!("relay.{topic}")
}

fn said(topic: &str) -> String {
    format!("relay.{topic}.said")
}

/// With this the partitions of the topic begin behind what is relayed by now: nothing was said to them that would be before.
fn begun(batch: Batch, topic: &str) -> Batch {
    let before = sql!("delete from counters where name = ?", said(topic).as_str());
    let now = sql!(
        "insert into counters (name, value) select ?, position from positions where consumer = ? and topic = ?",
        said(topic).as_str(),
        RELAY,
        topic
    );
    batch.any(before).any(now)
}

fn rows(place: Place) -> Sql {
    sql!(
        "select part, position from positions where consumer = ? and topic = ? order by part",
        place.consumer,
        place.topic
    )
}

async fn replace(tx: &mut Tx<'_>, place: Place, parts: i64, at: i64) -> Result<()> {
    let Place { consumer, topic } = place;
    tx.run(sql!("delete from positions where consumer = ? and topic = ?", consumer, topic)).await?;
    for part in wanted(parts) {
        let insert = sql!(
            "insert into positions (consumer, topic, part, position) values (?, ?, ?, ?)",
            consumer,
            topic,
            part,
            at
        );
        tx.run(insert).await?;
    }
    Ok(())
}

async fn leave(tx: &mut Tx<'_>, place: Place) -> Result<()> {
    let Place { consumer, topic } = place;
    let update = sql!(
        "update positions set part = -part where consumer = ? and topic = ? and part > 0",
        consumer,
        topic
    );
    tx.run(update).await.map(drop)
}

/// Positions by partition, whether these are being left or not.
fn in_order(mut rows: Vec<(i64, i64)>) -> Vec<i64> {
    rows.sort_unstable_by_key(|(part, _)| part.abs());
    rows.into_iter().map(|(_, position)| position).collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Decision {
    /// The rows are those of this way.
    Stay,
    /// They give way to those of this way, all at this number.
    Replace(i64),
    /// They have to come to one number first.
    Level,
}

fn decide(rows: &[(i64, i64)], parts: i64) -> Decision {
    if rows.iter().map(|(part, _)| *part).eq(wanted(parts)) {
        return Decision::Stay;
    }
    let first = rows.first().map_or(0, |(_, position)| *position);
    if rows.iter().all(|(_, position)| *position == first) {
        Decision::Replace(first)
    } else {
        Decision::Level
    }
}

/// The rows of the table's way, or of so many partitions.
fn wanted(parts: i64) -> std::ops::RangeInclusive<i64> {
    if parts == 0 { 0..=0 } else { 1..=parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_turns_when_all_of_it_stands_at_one_number() {
        assert_eq!(decide(&[], 0), Decision::Replace(0));
        assert_eq!(decide(&[(0, 7)], 0), Decision::Stay);
        assert_eq!(decide(&[(0, 7)], 2), Decision::Replace(7));
        assert_eq!(decide(&[(1, 7), (2, 9)], 2), Decision::Stay);
        assert_eq!(decide(&[(1, 7), (2, 9)], 0), Decision::Level);
        assert_eq!(decide(&[(1, 7), (2, 9)], 3), Decision::Level);
        assert_eq!(decide(&[(-2, 7), (-1, 9)], 2), Decision::Level);
        assert_eq!(decide(&[(-2, 9), (-1, 9)], 0), Decision::Replace(9));
    }

    #[test]
    fn positions_lie_by_partition() {
        assert_eq!(in_order(vec![(1, 7), (2, 9)]), [7, 9]);
        assert_eq!(in_order(vec![(-2, 9), (-1, 7)]), [7, 9]);
    }
}
