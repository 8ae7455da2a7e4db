//! Workers outside, whatever the jobs are kept in.

use std::time::Duration;

use jobs::outside::{Failing, Outside, Taken, Ticket, Wanted};
use jobs::{Draft, Priority, State};
use testkit::on_every_engine;
use types::{Caller, Error, JobId, Role, SessionId, UserId};

use super::trial::{Process, SCHEMA, rows, until};

const ANNA: Caller = Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role: Role::User };
const BORIS: Caller = Caller { user: UserId::trusted(2), ..ANNA };
const LONG: Duration = Duration::from_mins(1);

fn draft(queue: &str) -> Draft {
    Draft { owner: Some(ANNA.user), queue: Some(queue.into()), ..Draft::new("external", "{\"n\":1}", 2) }
}

fn wanted(queues: &[&str], most: usize, lease: Duration) -> Wanted {
    Wanted { queues: queues.iter().map(|queue| (*queue).to_owned()).collect(), most, lease }
}

fn failing(error: &str) -> Failing {
    Failing { error: error.into(), may_pass: true, after: Duration::ZERO }
}

async fn one(outside: &Outside, lease: Duration) -> Taken {
    outside.claim(&ANNA, &wanted(&["mail"], 1, lease)).await.unwrap().pop().unwrap()
}

async fn state(process: &Process, id: JobId) -> State {
    process.queue.find(Some(ANNA.user), id).await.unwrap().unwrap().state
}

fn is_lost<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::Conflict(text)) if text.code == "claim_lost")
}

on_every_engine! { SCHEMA;
    /// One's own jobs, those that go first before the others, never one twice, and no more than were asked for.
    async fn workers_take_what_is_theirs(test) {
        let process = Process::new(&test, 0);
        let outside = Outside::new(process.queue.clone(), 1);
        let high = Draft { priority: Priority::High, ..draft("b") };
        let ids = process.queue.add(vec![draft("a"), draft("b"), draft("b"), high, draft("c")]).await.unwrap();
        let none = outside.claim(&BORIS, &wanted(&["a", "b"], 10, LONG)).await.unwrap();
        assert!(none.is_empty(), "{none:?}");
        let taken = outside.claim(&ANNA, &wanted(&["a", "b"], 3, LONG)).await.unwrap();
        let seen: Vec<_> = taken.iter().map(|taken| (taken.job.id, taken.queue.as_str(), taken.job.attempt)).collect();
        assert_eq!(seen, [(ids[3], "b", 1), (ids[0], "a", 1), (ids[1], "b", 1)]);
        assert_eq!((taken[0].job.payload.as_str(), taken[0].job.attempts), ("{\"n\":1}", 2));
        let rest = outside.claim(&ANNA, &wanted(&["b", "a"], 10, LONG)).await.unwrap();
        assert_eq!(rest.iter().map(|taken| taken.job.id).collect::<Vec<_>>(), [ids[2]]);
        assert_eq!(state(&process, ids[0]).await, State::Running);
    }

    /// What is said twice counts once, and only whoever holds the job is heard.
    async fn an_answer_counts_once(test) {
        let process = Process::new(&test, 0);
        let outside = Outside::new(process.queue.clone(), 1);
        let id = process.queue.add(vec![draft("mail")]).await.unwrap()[0];
        let Taken { ticket, until, .. } = one(&outside, LONG).await;
        let (longer, cancelled) = outside.beat(&ANNA, id, ticket, (2 * LONG, Some("[1]"))).await.unwrap();
        assert!(longer > until && !cancelled);
        let job = process.queue.find(None, id).await.unwrap().unwrap();
        assert_eq!(job.progress.as_deref(), Some("[1]"));

        assert!(matches!(outside.complete(&BORIS, id, ticket, "1").await, Err(Error::NotFound(_))));
        for other in [Ticket { claim: ticket.claim + 1, ..ticket }, Ticket { attempt: 2, ..ticket }] {
            assert!(is_lost(&outside.complete(&ANNA, id, other, "1").await), "{other:?}");
            assert!(is_lost(&outside.beat(&ANNA, id, other, (LONG, None)).await), "{other:?}");
        }
        for _ in 0..2 {
            let job = outside.complete(&ANNA, id, ticket, "{\"n\":2}").await.unwrap();
            assert_eq!((job.state, job.result.as_deref()), (State::Done, Some("{\"n\":2}")));
        }
        assert!(is_lost(&outside.complete(&ANNA, id, ticket, "3").await), "it is done already, otherwise");
        assert!(is_lost(&outside.fail(&ANNA, id, ticket, &failing("late")).await));
        assert!(is_lost(&outside.beat(&ANNA, id, ticket, (LONG, None)).await));
        assert_eq!(rows(&process.db, "job_held").await, 0);
    }

    /// A failure is tried again after a rest, until it has been tried often enough or there is no point.
    async fn failures_are_tried_again_and_end(test) {
        let process = Process::new(&test, 0);
        let outside = Outside::new(process.queue.clone(), 1);
        let ids = process.queue.add(vec![draft("mail"), draft("mail")]).await.unwrap();
        let Taken { ticket, .. } = one(&outside, LONG).await;
        let why = Failing { after: Duration::from_hours(1), ..failing("busy") };
        for _ in 0..2 {
            let job = outside.fail(&ANNA, ids[0], ticket, &why).await.unwrap();
            assert_eq!((job.state, job.error.as_deref()), (State::Scheduled, Some("busy")));
            assert!(job.run_at.since(job.created_at) > Duration::from_mins(59));
        }
        assert!(is_lost(&outside.fail(&ANNA, ids[0], ticket, &failing("otherwise")).await));
        assert_eq!(rows(&process.db, "job_attempts").await, 1);

        let Taken { ticket, .. } = one(&outside, LONG).await;
        let never = Failing { may_pass: false, ..failing("no such place") };
        assert_eq!(outside.fail(&ANNA, ids[1], ticket, &never).await.unwrap().state, State::Dead);
        let soon = process.queue.add(vec![Draft { attempts: 1, ..draft("mail") }]).await.unwrap()[0];
        let Taken { ticket, .. } = one(&outside, LONG).await;
        assert_eq!(outside.fail(&ANNA, soon, ticket, &failing("once")).await.unwrap().state, State::Dead);
    }

    /// Whoever is not heard of loses the job, and comes too late; one that was called off is over then.
    async fn the_silent_lose_their_jobs(test) {
        let process = Process::new(&test, 0);
        let outside = Outside::new(process.queue.clone(), 1);
        let ids = process.queue.add(vec![draft("mail"), draft("mail"), draft("mail")]).await.unwrap();
        let short = Duration::from_millis(200);
        let lost = one(&outside, short).await.ticket;
        let off = one(&outside, short).await.ticket;
        let kept = one(&outside, short).await.ticket;
        outside.beat(&ANNA, ids[2], kept, (LONG, None)).await.unwrap();
        assert!(process.queue.cancel(Some(ANNA.user), ids[1]).await.unwrap());
        let (trigger, working) = process.work(Vec::new(), 1);
        until(State::Queued, async || state(&process, ids[0]).await).await;
        until(State::Cancelled, async || state(&process, ids[1]).await).await;
        assert_eq!(state(&process, ids[2]).await, State::Running);
        for (id, ticket) in [(ids[0], lost), (ids[1], off)] {
            assert!(is_lost(&outside.complete(&ANNA, id, ticket, "1").await));
            assert!(is_lost(&outside.fail(&ANNA, id, ticket, &failing("late")).await));
        }
        let again = one(&outside, LONG).await;
        assert_eq!((again.job.id, again.job.attempt), (ids[0], 2));
        assert!(is_lost(&outside.complete(&ANNA, ids[0], lost, "1").await), "another has it");
        outside.complete(&ANNA, ids[0], again.ticket, "2").await.unwrap();
        assert!(is_lost(&outside.complete(&ANNA, ids[0], lost, "2").await), "another has done it");
        trigger.pull();
        working.await.unwrap();
    }

    /// A worker hears that its job was called off; what it had done by then is done, and what failed is over.
    async fn workers_hear_what_was_called_off(test) {
        let process = Process::new(&test, 0);
        let outside = Outside::new(process.queue.clone(), 1);
        let ids = process.queue.add(vec![draft("mail"), draft("mail")]).await.unwrap();
        let [one, other] = [one(&outside, LONG).await, one(&outside, LONG).await];
        for id in &ids {
            assert!(process.queue.cancel(Some(ANNA.user), *id).await.unwrap());
        }
        assert!(outside.beat(&ANNA, ids[0], one.ticket, (LONG, None)).await.unwrap().1);
        for _ in 0..2 {
            let job = outside.fail(&ANNA, ids[0], one.ticket, &failing("called off")).await.unwrap();
            assert_eq!(job.state, State::Cancelled);
        }
        assert_eq!(outside.complete(&ANNA, ids[1], other.ticket, "1").await.unwrap().state, State::Done);
    }

    /// Nobody answers for a job that a process of the house has.
    async fn jobs_of_the_house_are_not_answered_for(test) {
        let process = Process::new(&test, 0);
        let outside = Outside::new(process.queue.clone(), 1);
        let own = Draft { owner: Some(ANNA.user), ..Draft::new("note", "1", 1) };
        let id = process.queue.add(vec![own]).await.unwrap()[0];
        let hold = db::sql!(
            "insert into job_held (id, claim, worker, lane, priority, owner_id, attempt, started_at, cancelled) \
             values (?, 7, 9, 'note', 1, 1, 1, 0, 0)",
            id
        );
        process.db.write(db::Batch::of_one(hold)).await.unwrap();
        let ticket = Ticket { claim: 7, attempt: 1 };
        assert!(matches!(outside.complete(&ANNA, id, ticket, "1").await, Err(Error::NotFound(_))));
        assert!(matches!(outside.beat(&ANNA, id, ticket, (LONG, None)).await, Err(Error::NotFound(_))));
        assert_eq!(state(&process, id).await, State::Running);
    }
}
