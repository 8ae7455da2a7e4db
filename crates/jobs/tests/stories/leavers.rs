//! What is left of people whose accounts are gone.

use std::sync::atomic::Ordering;
use std::time::Duration;

use db::{Along, Batch, sql};
use jobs::outside::{Outside, Wanted};
use jobs::{Draft, Outcome};
use stream::Fact;
use testkit::on_every_engine;
use types::facts::accounts::UserDeleted;
use types::{Caller, Clock, Error, Role, SessionId, SystemClock, UserId};

use super::trial::{Noting, Process, SCHEMA, Sleeper, ledger, rows, until};

const ANNA: Caller = Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role: Role::User };
const BORIS: Caller = Caller { user: UserId::trusted(2), ..ANNA };
const HOUR: Duration = Duration::from_hours(1);
/// What has an owner.
const TABLES: [&str; 7] =
    ["jobs", "job_queue", "job_later", "job_held", "job_schedules", "webhook_secrets", "job_asks"];

/// Jobs of each kind there is, and more of them than go at once.
async fn jobs_of(process: &Process, person: &Caller) {
    let of = |draft: Draft| Draft { owner: Some(person.user), ..draft };
    let lent = of(Draft { queue: Some("mail".into()), ..Draft::new("external", "{}", 2) });
    let later = of(Draft { run_at: Some(SystemClock.now().plus(HOUR)), ..Draft::new("nobody", "{}", 2) });
    let keyed =
        of(Draft { key: Some("key".into()), queue: Some("keyed".into()), ..Draft::new("external", "{}", 2) });
    let (done, fails) = (of(Draft::new("note", "{}", 1)), of(Draft::new("fail", "{}", 1)));
    let drafts = [lent, later, keyed, of(Draft::new("book", "{}", 1)), done, fails].into_iter();
    let many = drafts.chain(std::iter::repeat_n(of(Draft::new("nobody", "{}", 1)), 30)).collect();
    process.queue.add(many).await.unwrap();
    let wanted = Wanted { queues: vec!["mail".into()], most: 1, lease: HOUR };
    assert_eq!(Outside::new(process.queue.clone(), 1).claim(person, &wanted).await.unwrap().len(), 1);
    let schedule = sql!(
        "insert into job_schedules (id, slug, owner_id, name, kind, payload, priority, attempts, cron, zone, missed, last_at, \
         version, created_at, updated_at) values (?, ?, ?, 'Weekly', 'nobody', '{}', 1, 1, '@weekly', 'UTC', 'once', 0, 1, 0, 0)",
        person.user,
        format!("schedule {}", person.user),
        person.user
    );
    let secret =
        sql!("insert into webhook_secrets (owner_id, number, changed_at) values (?, 2, 0)", person.user);
    let part = sql!(
        "insert into job_results (job_id, part, data) select min(id), 0, 'x' from jobs where kind = 'note'"
    );
    let batch = Batch::of_one(schedule).one(secret);
    process.db.write(if person.user == ANNA.user { batch.one(part) } else { batch }).await.unwrap();
}

on_every_engine! { SCHEMA;
    async fn none_of_their_jobs_stays_wherever_it_is(test) {
        let process = Process::new(&test, 0);
        let (sleeper, good) = (Sleeper::new(&process), Noting::new("note", |_| Ok(Outcome::Done)));
        let bad = Noting::new("fail", |_| Err(Error::unavailable("the moon is not up")));
        for person in [ANNA, BORIS] {
            jobs_of(&process, &person).await;
        }
        let (stop, working) = process.work(vec![sleeper.clone(), good, bad], 10);
        until(2, async || sleeper.asleep.load(Ordering::Relaxed)).await;
        until((2, 2), async || (rows(&process.db, "jobs where state = 2").await, rows(&process.db, "jobs where state = 3").await)).await;
        let of = async |person: &Caller| {
            let mut counts = Vec::new();
            for table in TABLES {
                counts.push(rows(&process.db, &format!("{table} where owner_id = {}", person.user)).await);
            }
            counts
        };
        let rest = async || {
            let mut counts = Vec::new();
            for table in ["job_keys", "job_attempts", "job_results"] {
                counts.push(rows(&process.db, table).await);
            }
            counts
        };
        assert_eq!(of(&ANNA).await, [36, 31, 1, 2, 1, 1, 1]);
        assert_eq!(rest().await, [2, 2, 1]);

        let leavers = process.queue.leavers();
        let gone = [Fact::saying(&UserDeleted { id: ANNA.user }, 1, SystemClock.now()).unwrap()];
        for _ in 0..2 {
            leavers.handle(&gone, Along::none()).await.unwrap();
        }
        assert_eq!(of(&ANNA).await, [0; 7]);
        assert_eq!(rest().await, [1, 1, 0]);
        assert_eq!(of(&BORIS).await, [36, 31, 1, 2, 1, 1, 1]);

        // Whoever was at it comes to nothing, and the other's is done.
        sleeper.awake.notify_waiters();
        until(1, async || sleeper.refused.load(Ordering::Relaxed)).await;
        until((1, 1), async || ledger(&process.db).await).await;
        stop.pull();
        working.await.unwrap();
        assert_eq!(of(&ANNA).await, [0; 7]);
    }
}
