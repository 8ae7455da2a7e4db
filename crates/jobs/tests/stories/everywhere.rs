//! What holds whatever the jobs are kept in.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jobs::{Draft, Filter, Handler, Kind, Outcome, Priority, State};
use testkit::on_every_engine;
use types::{Error, JobId, UserId};

use super::trial::{Bookkeeper, Noting, Process, SCHEMA, Sleeper, ledger, rows, until};

const ANNA: UserId = UserId::trusted(1);

fn drafts(kind: &str, count: usize) -> Vec<Draft> {
    (0..count).map(|n| Draft { owner: Some(ANNA), ..Draft::new(kind, n.to_string(), 3) }).collect()
}

async fn state(process: &Process, id: JobId) -> State {
    process.queue.find(Some(ANNA), id).await.unwrap().unwrap().state
}

on_every_engine! { SCHEMA;
    /// Jobs are done once each, and what is left of them is their row.
    async fn each_job_is_done_once(test) {
        let process = Process::new(&test, 0);
        let ids = process.queue.add(drafts("note", 1_234)).await.unwrap();
        let handler = Noting::new("note", |_| Ok(Outcome::Done));
        let (trigger, working) = process.work(vec![handler.clone()], 300);
        until(0, async || rows(&process.db, "jobs where state <> 2").await).await;
        trigger.pull();
        working.await.unwrap();

        let mut seen: Vec<i64> = handler.seen().into_iter().map(|(id, attempt)| id * attempt).collect();
        seen.sort_unstable();
        assert_eq!(seen, ids.iter().map(|id| id.number()).collect::<Vec<_>>());
        for table in ["job_queue", "job_held", "job_later", "job_workers", "job_attempts"] {
            assert_eq!(rows(&process.db, table).await, 0, "{table}");
        }
        let job = process.queue.find(Some(ANNA), ids[0]).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempt, job.draft.payload.as_str()), (State::Done, 1, "0"));
        assert!(job.created_at <= job.started_at.unwrap() && job.started_at <= job.finished_at);
    }

    /// An effect and its acknowledgement are one commit, also while two workers have one lane.
    async fn effects_happen_once(test) {
        let (one, two) = (Process::new(&test, 0), Process::new(&test, 1));
        let (first, second) = (Bookkeeper::new(&one, 1, Duration::ZERO), Bookkeeper::new(&two, 2, Duration::ZERO));
        let (stop_one, working_one) = one.work(vec![first.clone()], 50);
        // The embedded engine belongs to one process alone.
        let second = (test.engine != testkit::Engine::Embedded && test.engine != testkit::Engine::Memory)
            .then(|| two.work(vec![second.clone()], 50));
        for _ in 0..5 {
            one.queue.add(drafts("book", 100)).await.unwrap();
        }
        until((500, 500), async || ledger(&one.db).await).await;
        until(0, async || rows(&one.db, "jobs where state <> 2").await).await;
        stop_one.pull();
        working_one.await.unwrap();
        if let Some((stop, working)) = second {
            stop.pull();
            working.await.unwrap();
        }
        assert_eq!(ledger(&one.db).await, (500, 500));
    }

    /// What fails is tried again, then dead, and can be tried anew by hand.
    async fn what_fails_is_tried_again_and_then_dead(test) {
        let process = Process::new(&test, 0);
        let handler = Noting::new("fail", |_| Err(Error::unavailable("the moon is not up")));
        let ids = process.queue.add(drafts("fail", 1)).await.unwrap();
        let (trigger, working) = process.work(vec![handler.clone()], 10);
        until(State::Dead, async || state(&process, ids[0]).await).await;
        assert_eq!(handler.seen().iter().map(|(_, attempt)| *attempt).collect::<Vec<_>>(), [1, 2, 3]);
        let job = process.queue.find(Some(ANNA), ids[0]).await.unwrap().unwrap();
        assert_eq!((job.attempt, job.error.as_deref()), (3, Some("the moon is not up")));
        let attempts = process.queue.attempts(ids[0]).await.unwrap();
        assert_eq!(attempts.iter().map(|a| (a.attempt, a.outcome.as_str())).collect::<Vec<_>>(), [(1, "failed"), (2, "failed"), (3, "failed")]);

        assert!(process.queue.retry(&job, 1).await.unwrap());
        until(4, async || handler.seen().len()).await;
        until(State::Dead, async || state(&process, ids[0]).await).await;
        trigger.pull();
        working.await.unwrap();
    }

    /// A handler may say that there is no point in trying again, take too long, or fall over.
    async fn handlers_fail_in_many_ways(test) {
        let process = Process::new(&test, 0);
        let never = Noting::new("never", |_| Ok(Outcome::Never("no such place".into())));
        let falls = Noting::new("falls", |job| if job.attempt() == 1 { panic!("on purpose") } else { Ok(Outcome::With("{\"n\":7}".into())) });
        let mut slow = Bookkeeper::new(&process, 1, Duration::from_hours(1));
        Arc::get_mut(&mut slow).unwrap().kind = Kind::new("slow").within(Duration::from_millis(30)).tried(jobs::Backoff { attempts: 1, base: Duration::ZERO, cap: Duration::ZERO });
        let mut ids = Vec::new();
        for kind in ["never", "falls", "slow"] {
            ids.extend(process.queue.add(drafts(kind, 1)).await.unwrap());
        }
        let only = Draft { attempts: 1, ..drafts("slow", 1).remove(0) };
        ids.extend(process.queue.add(vec![only]).await.unwrap());
        let (trigger, working) = process.work(vec![never.clone(), falls.clone(), slow], 10);
        until(State::Dead, async || state(&process, ids[0]).await).await;
        assert_eq!(never.seen().len(), 1);
        until(State::Done, async || state(&process, ids[1]).await).await;
        let job = process.queue.find(Some(ANNA), ids[1]).await.unwrap().unwrap();
        assert_eq!(job.result.as_deref(), Some("{\"n\":7}"));
        until(State::Dead, async || state(&process, ids[3]).await).await;
        let attempts = process.queue.attempts(ids[3]).await.unwrap();
        assert_eq!(attempts[0].outcome, "timed_out");
        trigger.pull();
        working.await.unwrap();
    }

    /// A job waits for its time, whoever goes first does, and a key lets in one at a time.
    async fn jobs_wait_go_first_and_stand_alone(test) {
        let process = Process::new(&test, 0);
        let at = types::Clock::now(&types::SystemClock).plus(Duration::from_millis(300));
        let later = Draft { run_at: Some(at), ..drafts("note", 1).remove(0) };
        let keyed = Draft { key: Some("k".into()), ..drafts("note", 1).remove(0) };
        let high = Draft { priority: Priority::High, ..drafts("note", 1).remove(0) };
        let ids = process.queue.add(vec![later.clone(), keyed.clone(), high]).await.unwrap();
        let twice = process.queue.add(vec![keyed.clone(), Draft { key: Some("k".into()), ..later }]).await.unwrap();
        assert_eq!(state(&process, ids[0]).await, State::Scheduled);
        for gone in twice {
            assert_eq!(process.queue.find(None, gone).await.unwrap(), None);
        }
        assert_eq!(process.queue.by_key("note", "k").await.unwrap(), Some(ids[1]));
        assert_eq!((rows(&process.db, "job_queue").await, rows(&process.db, "job_later").await), (2, 1));

        let handler = Noting::new("note", |_| Ok(Outcome::Done));
        let begun = Instant::now();
        let (trigger, working) = process.work(vec![handler.clone()], 1);
        until(3, async || handler.seen().len()).await;
        assert!(begun.elapsed() >= Duration::from_millis(200), "not before its time");
        let order: Vec<i64> = handler.seen().iter().map(|(id, _)| *id).collect();
        assert_eq!(order, [ids[2], ids[1], ids[0]].map(JobId::number));
        until(State::Done, async || state(&process, ids[0]).await).await;
        let again = process.queue.add(vec![keyed]).await.unwrap();
        until(State::Done, async || state(&process, again[0]).await).await;
        trigger.pull();
        working.await.unwrap();
    }

    /// What a dead worker held others take over, and its late answer is refused.
    async fn the_dead_are_taken_over_and_come_too_late(test) {
        let process = Process::new(&test, 0);
        process.queue.add(drafts("book", 20)).await.unwrap();
        let asleep = Sleeper::new(&process);
        let awake = asleep.awake.clone();
        let (_trigger, dying) = process.work(vec![asleep.clone()], 20);
        until(20, async || asleep.asleep.load(Ordering::Relaxed)).await;
        dying.abort();
        let _ = dying.await;
        let aged = db::sql!("update job_workers set lease_until = 0");
        process.db.write(db::Batch::new().any(aged)).await.unwrap();

        let next = Process::new(&test, 1);
        let quick = Bookkeeper::new(&next, 2, Duration::ZERO);
        let (trigger, working) = next.work(vec![quick], 20);
        until((20, 20), async || ledger(&process.db).await).await;
        // Those of the first worker have not heard that they are dead; when they write, nothing happens.
        awake.notify_waiters();
        until(0, async || rows(&process.db, "jobs where state <> 2").await).await;
        assert_eq!(rows(&process.db, "job_attempts where outcome = 'lost'").await, 20);
        until(20, async || asleep.refused.load(Ordering::Relaxed)).await;
        assert_eq!(ledger(&process.db).await, (20, 20));
        trigger.pull();
        working.await.unwrap();
    }

    /// Calling off reaches what waits, what is at work, and nothing that is over.
    async fn jobs_are_called_off(test) {
        let process = Process::new(&test, 0);
        let slow = Bookkeeper::new(&process, 1, Duration::from_hours(1));
        let quick = Noting::new("note", |_| Ok(Outcome::Done));
        let running = process.queue.add(drafts("book", 1)).await.unwrap()[0];
        let done = process.queue.add(drafts("note", 1)).await.unwrap()[0];
        let (trigger, working) = process.work(vec![slow, quick], 20);
        until(State::Running, async || state(&process, running).await).await;
        until(State::Done, async || state(&process, done).await).await;
        let waiting = process.queue.add(drafts("nobody", 1)).await.unwrap()[0];
        for id in [running, waiting] {
            assert!(process.queue.cancel(Some(ANNA), id).await.unwrap());
        }
        assert!(!process.queue.cancel(Some(ANNA), done).await.unwrap());
        assert_eq!(state(&process, waiting).await, State::Cancelled);
        until(State::Cancelled, async || state(&process, running).await).await;
        trigger.pull();
        working.await.unwrap();
        assert_eq!(ledger(&process.db).await, (0, 0));
    }

    /// No more of a kind run at once than may, in all processes together.
    async fn a_kind_has_a_limit(test) {
        let process = Process::new(&test, 0);
        let mut slow = Bookkeeper::new(&process, 1, Duration::from_millis(40));
        Arc::get_mut(&mut slow).unwrap().kind = Kind::new("book").at_most(3);
        process.queue.add(drafts("book", 12)).await.unwrap();
        let handlers: Vec<Arc<dyn Handler>> = vec![slow];
        let (trigger, working) = process.work(handlers, 20);
        let mut most = 0;
        while ledger(&process.db).await.0 < 12 {
            most = most.max(rows(&process.db, "job_held").await);
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        assert!((1..=3).contains(&most), "{most} at once");
        trigger.pull();
        working.await.unwrap();
    }

    /// A worker that is told to stop gives back what it cannot finish, and nobody counts that as an attempt.
    async fn what_is_not_finished_is_given_back(test) {
        let process = Process::new(&test, 0);
        let slow = Bookkeeper::new(&process, 1, Duration::from_hours(1));
        let ids = process.queue.add(drafts("book", 2)).await.unwrap();
        let (trigger, working) = process.work(vec![slow], 20);
        until(2, async || rows(&process.db, "job_held").await).await;
        trigger.pull();
        working.await.unwrap();
        let job = process.queue.find(Some(ANNA), ids[0]).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempt), (State::Queued, 0));
        assert_eq!(rows(&process.db, "job_workers").await, 0);
    }

    /// A person's jobs are found by state and kind, newest first.
    async fn lists_are_by_state_and_kind(test) {
        let process = Process::new(&test, 0);
        let mut ids = process.queue.add(drafts("a", 3)).await.unwrap();
        ids.extend(process.queue.add(drafts("b", 2)).await.unwrap());
        process.queue.cancel(Some(ANNA), ids[1]).await.unwrap();
        let list = async |states: Vec<State>, kinds: &[&str]| -> Vec<usize> {
            let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
            let filter = Filter { states, kinds, before: None, limit: 10 };
            let jobs = process.queue.list(ANNA, &filter).await.unwrap();
            jobs.iter().map(|job| ids.iter().position(|id| *id == job.id).unwrap()).collect()
        };
        assert_eq!(list(vec![], &["a", "b"]).await, [4, 3, 2, 1, 0]);
        assert_eq!(list(vec![State::Queued], &["a"]).await, [2, 0]);
        assert_eq!(list(vec![State::Cancelled, State::Running], &["a", "b"]).await, [1]);
        assert!(list(vec![], &[]).await.is_empty());
    }
}
