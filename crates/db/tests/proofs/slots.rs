//! Slots: no two processes ever make the same id, and whoever takes a slot later makes larger ones.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use db::{Db, Lease, Settings};
use futures_util::future::join_all;
use testkit::{Engine, StillClock, TestDb, on_every_engine};
use types::{Ids, SystemClock, TaskId};

const SECOND: Duration = Duration::from_secs(1);

async fn lease(db: &Db, clock: &StillClock, holder: &str) -> db::Result<Lease> {
    Lease::take(db.clone(), Arc::new(clock.clone()), holder.to_owned()).await
}

/// Everybody there is room for.
async fn all_leases(db: &Db, clock: &StillClock) -> Vec<Lease> {
    let mut leases = Vec::new();
    for number in 0..types::SLOTS {
        leases.push(lease(db, clock, &format!("holder {number}")).await.unwrap());
    }
    leases
}

fn next(lease: &Lease) -> types::Result<TaskId> {
    lease.ids().next()
}

fn made(ids: &Ids, count: usize) -> Vec<TaskId> {
    (0..count).map(|_| ids.next().unwrap()).collect()
}

on_every_engine! { db::MIGRATIONS;

    async fn two_handles_get_different_slots_and_their_ids_never_meet(test) {
        let clock = Arc::new(SystemClock);
        let one = Lease::take(test.db.clone(), clock.clone(), "one".to_owned()).await.unwrap();
        let two = Lease::take(test.reopened(), clock, "two".to_owned()).await.unwrap();
        assert_ne!(one.ids().slot(), two.ids().slot());
        let tasks = (0..8).map(|task| {
            let ids = if task % 2 == 0 { one.ids() } else { two.ids() };
            tokio::spawn(async move { made(&ids, 5_000) })
        });
        let all = join_all(tasks).await.into_iter().flat_map(Result::unwrap);
        assert_eq!(all.collect::<HashSet<_>>().len(), 40_000);
    }

    async fn processes_that_start_at_once_get_different_slots(test) {
        let clock = StillClock::default();
        let leases = join_all((0..8).map(|number| {
            let (db, clock) = (test.reopened(), clock.clone());
            tokio::spawn(async move { lease(&db, &clock, &format!("holder {number}")).await.unwrap().ids().slot() })
        }));
        let slots: HashSet<i64> = leases.await.into_iter().map(Result::unwrap).collect();
        assert_eq!(slots.len(), 8);
    }

    async fn a_lease_that_is_not_renewed_runs_out(test) {
        let clock = StillClock::default();
        let lease = lease(&test.db, &clock, "one").await.unwrap();
        let slot = lease.ids().slot();
        clock.advance(29 * SECOND);
        next(&lease).unwrap();
        clock.advance(2 * SECOND);
        assert!(matches!(next(&lease), Err(types::Error::Unavailable { .. })));
        lease.renew().await.unwrap();
        next(&lease).unwrap();
        assert_eq!(lease.ids().slot(), slot, "nobody wanted it meanwhile");
    }

    async fn a_lease_that_ran_out_before_somebody_keeps_it_is_renewed_at_once(test) {
        let clock = StillClock::default();
        let lease = lease(&test.db, &clock, "one").await.unwrap();
        clock.advance(60 * SECOND);
        assert!(next(&lease).is_err());
        let renewed = async {
            while next(&lease).is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            () = lease.keep() => unreachable!("it is kept for ever"),
            renewed = tokio::time::timeout(60 * SECOND, renewed) => renewed.unwrap(),
        }
    }

    async fn a_slot_that_ran_out_goes_to_another_who_makes_larger_ids(test) {
        let clock = StillClock::default();
        let leases = all_leases(&test.db, &clock).await;
        assert_eq!(leases.iter().map(|lease| lease.ids().slot()).collect::<HashSet<_>>().len(), 32);
        clock.advance(30 * SECOND);
        let before: Vec<TaskId> = leases.iter().flat_map(|lease| made(&lease.ids(), 128)).collect();
        clock.advance(10 * SECOND);
        if !test.db.is_sole() {
            let refused = lease(&test.db, &clock, "one more").await.err().unwrap().to_string();
            assert!(refused.contains("all slots for making ids are taken"), "{refused}");
        }
        clock.advance(6 * SECOND);
        let heir = lease(&test.reopened(), &clock, "heir").await.unwrap();
        let last = before.iter().max().unwrap();
        assert!(made(&heir.ids(), 128).iter().all(|id| id > last));

        let loser = leases.iter().find(|lease| lease.ids().slot() == heir.ids().slot()).unwrap();
        loser.renew().await.unwrap();
        assert_ne!(loser.ids().slot(), heir.ids().slot());
        assert!(next(loser).unwrap() > *last);
    }

    async fn a_slot_that_was_given_back_is_taken_at_once_and_its_ids_are_larger(test) {
        let clock = StillClock::default();
        let leases = all_leases(&test.db, &clock).await;
        // More than a millisecond's worth, so that the last are a little ahead of the clock.
        let before = made(&leases[7].ids(), 200);
        leases[7].release().await.unwrap();
        assert!(next(&leases[7]).is_err(), "it makes no more of them");
        if !test.db.is_sole() {
            assert!(lease(&test.db, &clock, "too soon").await.is_err(), "the last id's millisecond is not over");
        }
        clock.advance(Duration::from_millis(2));
        let heir = lease(&test.reopened(), &clock, "heir").await.unwrap();
        assert_eq!(heir.ids().slot(), leases[7].ids().slot());
        assert!(made(&heir.ids(), 200).iter().all(|id| id > before.last().unwrap()));
    }
}

#[test]
fn forty_quick_starts_find_a_slot_each() {
    testkit::run(async {
        let test = TestDb::new(Engine::Embedded, db::MIGRATIONS).await;
        let mut all = HashSet::new();
        for start in 0..40 {
            let db = Db::open(&Settings::new(&test.url)).unwrap();
            let lease =
                Lease::take(db.clone(), Arc::new(SystemClock), format!("start {start}")).await.unwrap();
            all.extend(made(&lease.ids(), 100));
            if start % 2 == 0 {
                lease.release().await.unwrap();
            }
            drop(lease);
            db.close().await;
        }
        assert_eq!(all.len(), 4_000);
    });
}
