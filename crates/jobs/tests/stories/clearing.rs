//! What goes by itself: jobs that are over, and whatever a chore clears away.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jobs::outside::{Outside, Wanted};
use jobs::{Chore, Draft, Handler, Kept, Outcome, Queue, State};
use testkit::{StillClock, on_every_engine};
use types::{Caller, Error, JobId, Role, SessionId, UserId};

use super::trial::{Noting, Process, SCHEMA, rows, until};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Clears away until nothing more goes; how many went.
async fn swept(queue: &Queue) -> usize {
    let mut gone = 0;
    loop {
        match queue.sweep().await.unwrap() {
            0 => return gone,
            more => gone += more,
        }
    }
}

/// Lets time pass, in which the chore is known and nobody works: a clock that is moved by so much has workers taken for
/// dead.
async fn time_passes(process: &Process, clock: &StillClock, chore: &Arc<dyn Handler>, while_: Duration) {
    let (stop, working) = process.work(vec![chore.clone()], 4);
    until(1, async || rows(&process.db, "job_schedules").await).await;
    stop.pull();
    working.await.unwrap();
    assert_eq!(rows(&process.db, "jobs").await, 0, "not before its time");
    clock.advance(while_);
}

async fn is_there(process: &Process, id: JobId) -> bool {
    process.queue.find(None, id).await.unwrap().is_some()
}

on_every_engine! { SCHEMA;
    /// What is done goes after a week, what failed or was called off after a month, and what is open never.
    async fn jobs_that_are_over_go_in_time(test) {
        let clock = Arc::new(StillClock::default());
        let process = Process::by(&test, 0, clock.clone());
        let good = Noting::new("note", |_| Ok(Outcome::Done));
        let bad = Noting::new("fail", |_| Err(Error::unavailable("the moon is not up")));
        let done = process.queue.add(vec![Draft::new("note", "{}", 3); 700]).await.unwrap();
        let dead = process.queue.add(vec![Draft::new("fail", "{}", 1)]).await.unwrap()[0];
        let (stop, working) = process.work(vec![good, bad], 100);
        until(0, async || rows(&process.db, "jobs where state < 2").await).await;
        stop.pull();
        working.await.unwrap();
        let open = process.queue.add(vec![Draft::new("nobody", "{}", 3)]).await.unwrap()[0];
        let cancelled = process.queue.add(vec![Draft::new("nobody", "{}", 3)]).await.unwrap()[0];
        assert!(process.queue.cancel(None, cancelled).await.unwrap());

        clock.advance(Duration::from_secs(7 * 86_400 - 1));
        assert_eq!(swept(&process.queue).await, 0);
        clock.advance(Duration::from_secs(1));
        assert_eq!(process.queue.sweep().await.unwrap(), 500, "a portion at a time");
        assert_eq!(swept(&process.queue).await, 200);
        assert!(!is_there(&process, done[699]).await);
        assert_eq!(rows(&process.db, "job_attempts").await, 1);

        clock.advance(DAY * 23);
        assert_eq!(swept(&process.queue).await, 2);
        assert!(!is_there(&process, dead).await && !is_there(&process, cancelled).await);
        assert_eq!(rows(&process.db, "job_attempts").await, 0, "they go with their job");
        assert_eq!(process.queue.find(None, open).await.unwrap().unwrap().state, State::Queued);
    }

    /// What stays is not looked at each time, but each day; and what was tried anew is nobody's to clear away.
    async fn what_was_left_is_looked_at_again_the_next_day(test) {
        let clock = Arc::new(StillClock::default());
        let process = Process::by(&test, 0, clock.clone());
        let queue = process.queue.clone().keeping(Kept { done: DAY, others: DAY });
        let ids = queue.add(vec![Draft::new("nobody", "{}", 3); 2]).await.unwrap();
        clock.advance(DAY * 2);
        assert_eq!(swept(&queue).await, 0);
        for id in &ids {
            assert!(queue.cancel(None, *id).await.unwrap());
        }
        let again = queue.find(None, ids[1]).await.unwrap().unwrap();
        assert!(queue.retry(&again, 1).await.unwrap());
        clock.advance(Duration::from_secs(86_399));
        assert_eq!(swept(&queue).await, 0, "it was passed");
        clock.advance(Duration::from_secs(1));
        assert_eq!(swept(&queue).await, 1);
        assert!(!is_there(&process, ids[0]).await && is_there(&process, ids[1]).await);
    }

    /// A chore comes by the clock, goes on until nothing is left, and says how much there was.
    async fn a_chore_clears_away_portion_by_portion(test) {
        let clock = Arc::new(StillClock::default());
        let process = Process::by(&test, 0, clock.clone());
        let left = Arc::new(AtomicUsize::new(1_000));
        let heap = left.clone();
        let chore = Chore::of("heap", "0 * * * *", move || {
            let heap = heap.clone();
            async move {
                let portion = heap.load(Ordering::Relaxed).min(7);
                heap.fetch_sub(portion, Ordering::Relaxed);
                Ok(portion)
            }
        });
        time_passes(&process, &clock, &chore, HOUR).await;
        let (stop, working) = process.work(vec![chore], 4);
        until(1, async || rows(&process.db, "jobs where state = 2").await).await;
        let result: String = process.db.first(db::sql!("select result from jobs")).await.unwrap().unwrap();
        assert_eq!((result.as_str(), left.load(Ordering::Relaxed)), ("{\"gone\":1000}", 0));
        stop.pull();
        working.await.unwrap();
    }

    /// One that fails has another try, and leaves what went before as it is.
    async fn a_chore_that_fails_comes_again(test) {
        let clock = Arc::new(StillClock::default());
        let process = Process::by(&test, 0, clock.clone());
        let tries = Arc::new(AtomicUsize::new(0));
        let tried = tries.clone();
        let chore = Chore::of("heap", "0 * * * *", move || {
            let attempt = tried.fetch_add(1, Ordering::Relaxed);
            async move { if attempt == 1 { Err(Error::unavailable("the heap is on fire")) } else { Ok(usize::from(attempt < 3)) } }
        });
        time_passes(&process, &clock, &chore, HOUR).await;
        let (stop, working) = process.work(vec![chore], 4);
        until(1, async || rows(&process.db, "job_later").await).await;
        clock.advance(Duration::from_secs(30));
        until(1, async || rows(&process.db, "jobs where state = 2 and attempt = 2").await).await;
        assert_eq!(rows(&process.db, "job_attempts where outcome = 'failed'").await, 1);
        assert_eq!(tries.load(Ordering::Relaxed), 4);
        stop.pull();
        working.await.unwrap();
    }

    /// When somebody last asked for a queue is known for a month.
    async fn queues_that_nobody_asks_for_are_forgotten(test) {
        let clock = Arc::new(StillClock::default());
        let process = Process::by(&test, 0, clock.clone());
        let outside = Outside::new(process.queue.clone(), 1);
        let caller = |user| Caller { user: UserId::trusted(user), session: SessionId::trusted(1), role: Role::User };
        let ask = async |user: i64, queues: Vec<String>| {
            let wanted = Wanted { queues, most: 1, lease: HOUR };
            assert!(outside.claim(&caller(user), &wanted).await.unwrap().is_empty());
        };
        let many = || (0..400).map(|number| format!("q{number}")).collect::<Vec<_>>();
        ask(1, many()).await;
        ask(2, many()).await;
        clock.advance(DAY);
        ask(1, vec!["q7".into(), "q8".into()]).await;
        assert_eq!(rows(&process.db, "job_asks").await, 800);
        let chore = outside.chore();
        time_passes(&process, &clock, &chore, DAY * 29 + HOUR * 23).await;
        let (stop, working) = process.work(vec![chore], 4);
        until(2, async || rows(&process.db, "job_asks").await).await;
        assert_eq!(rows(&process.db, "job_asks where owner_id = 1 and queue in ('q7', 'q8')").await, 2);
        stop.pull();
        working.await.unwrap();
    }

    /// The numbers for operators.
    async fn the_queue_says_how_it_is_doing(test) {
        let clock = Arc::new(StillClock::default());
        let process = Process::by(&test, 0, clock.clone());
        let queue = &process.queue;
        let counts = async || {
            let mut counts = Vec::new();
            for state in State::ALL {
                counts.push(queue.count(state).await.unwrap());
            }
            counts
        };
        assert_eq!((counts().await, queue.longest_wait().await.unwrap()), (vec![0; 6], Duration::ZERO));

        let bad = Noting::new("fail", |_| Err(Error::unavailable("the moon is not up")));
        queue.add(vec![Draft::new("fail", "{}", 1); 2]).await.unwrap();
        let (stop, working) = process.work(vec![bad], 4);
        until(2, async || rows(&process.db, "jobs where state = 3").await).await;
        assert_eq!(queue.workers().await.unwrap(), 1);
        stop.pull();
        working.await.unwrap();
        assert_eq!(queue.workers().await.unwrap(), 0);

        let later = types::Clock::now(&*clock).plus(DAY * 2);
        queue.add(vec![Draft { run_at: Some(later), ..Draft::new("fail", "{}", 1) }]).await.unwrap();
        queue.add(vec![Draft::new("elsewhere", "{}", 1)]).await.unwrap();
        clock.advance(Duration::from_secs(10));
        queue.add(vec![Draft::new("fail", "{}", 1); 3]).await.unwrap();
        clock.advance(Duration::from_secs(5));
        assert_eq!(counts().await, [4, 1, 0, 0, 2, 0]);
        assert_eq!(queue.longest_wait().await.unwrap(), Duration::from_secs(5), "others' lanes are others'");
        clock.advance(DAY);
        assert_eq!(counts().await, [4, 1, 0, 0, 0, 0], "what failed long ago is nobody's worry");
    }
}
