use testkit::StillClock;

use super::*;

const LIMITS: LoginLimits = LoginLimits {
    window: Duration::from_mins(15),
    per_account_and_subnet: 3,
    per_account: 6,
    per_address: 8,
    per_subnet: 12,
};

/// A guard and its time of day.
fn guard() -> (Guard, StillClock) {
    let clock = StillClock::default();
    let cache = Cache::in_memory(cache::DEFAULT_LIMIT_BYTES, Arc::new(clock.clone()));
    (Guard::new(cache, LIMITS, Arc::new(clock.clone())), clock)
}

/// Fails to sign in; false when they were not even let in.
async fn fails(guard: &Guard, name: &str, address: &str) -> bool {
    match guard.admit(&Stranger::new(name, address)).await {
        Ok(attempt) => {
            guard.note(attempt, Outcome::Wrong).await;
            true
        }
        Err(Error::TooMany(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

/// How many of so many failures were let in.
async fn let_in(guard: &Guard, tries: impl IntoIterator<Item = (String, String)>) -> usize {
    let mut count = 0;
    for (name, address) in tries {
        count += usize::from(fails(guard, &name, &address).await);
    }
    count
}

fn tries(many: usize, of: impl Fn(usize) -> (String, String)) -> Vec<(String, String)> {
    (0..many).map(of).collect()
}

fn of(name: impl ToString + Copy, address: impl Into<String>) -> (String, String) {
    (name.to_string(), address.into())
}

#[test]
fn one_name_from_one_subnet_fails_only_so_often() {
    testkit::run(async {
        let (guard, _) = guard();
        // Another address of the subnet is no way around it, nor is another spelling of the name.
        let spellings = ["anna@example.org", " Anna@Example.org", "ANNA@EXAMPLE.ORG "];
        let all = tries(9, |n| of(spellings[n % 3], format!("192.0.2.{n}")));
        assert_eq!(let_in(&guard, all).await, 3);
        assert!(fails(&guard, "anna@example.org", "192.0.3.1").await, "the subnet beside it may");
        assert!(fails(&guard, "boris@example.org", "192.0.2.1").await, "another name may");
    });
}

#[test]
fn one_address_fails_only_so_often_whatever_the_names() {
    testkit::run(async {
        let (guard, _) = guard();
        assert_eq!(let_in(&guard, tries(20, |n| of(n, "192.0.2.1"))).await, 8);
        assert!(fails(&guard, "anna", "192.0.2.2").await, "its neighbour may");
        // A refusal leaves nothing behind: its name is as free as before.
        assert_eq!(let_in(&guard, tries(9, |_| of(19, "198.51.100.1"))).await, 3);
    });
}

#[test]
fn one_subnet_fails_only_so_often_whatever_the_addresses() {
    testkit::run(async {
        let (guard, _) = guard();
        assert_eq!(let_in(&guard, tries(30, |n| of(n, format!("192.0.2.{n}")))).await, 12);
        assert!(fails(&guard, "anna", "192.0.3.1").await);
    });
}

#[test]
fn with_ipv6_an_address_is_a_64_and_a_subnet_a_48() {
    testkit::run(async {
        let (one, _) = guard();
        assert_eq!(let_in(&one, tries(20, |n| of(n, format!("2001:db8:1:1::{n:x}")))).await, 8);
        assert!(fails(&one, "anna", "2001:db8:1:2::1").await);
        let (one, _) = guard();
        assert_eq!(let_in(&one, tries(30, |n| of(n, format!("2001:db8:1:{n:x}::1")))).await, 12);
        assert!(fails(&one, "anna", "2001:db8:2::1").await);
        let (one, _) = guard();
        assert_eq!(let_in(&one, tries(9, |n| of("anna", format!("2001:db8:1:{n:x}::1")))).await, 3);
        assert!(fails(&one, "anna", "2001:db8:2::1").await);
        // IPv4 in the clothes of IPv6 is IPv4.
        let (one, _) = guard();
        let all = ["::ffff:192.0.2.1", "192.0.2.2", "::ffff:192.0.2.3", "192.0.2.4", "::ffff:c000:205"];
        assert_eq!(let_in(&one, all.map(|address| of("anna", address))).await, 3);
    });
}

/// The owner, in a subnet that has done nothing, still gets in.
#[test]
fn a_name_tried_from_everywhere_leaves_each_subnet_one_failure() {
    testkit::run(async {
        let (guard, _) = guard();
        let everywhere =
            |from: usize| move |n: usize| of("anna", format!("10.{}.{}.1", from + n / 200, n % 200));
        assert_eq!(let_in(&guard, tries(6, everywhere(0))).await, 6);
        let twice = |n: usize| of("anna", format!("10.9.{}.1", n / 2));
        assert_eq!(let_in(&guard, tries(40, twice)).await, 20);
        let owner = Stranger::new("anna", "203.0.113.7");
        let attempt = guard.admit(&owner).await.unwrap();
        guard.note(attempt, Outcome::Right).await;
        // What they got right does not count, and so they may again, and again.
        for _ in 0..5 {
            let attempt = guard.admit(&owner).await.unwrap();
            guard.note(attempt, Outcome::Right).await;
        }
        assert!(fails(&guard, "anna", "203.0.113.7").await);
        assert!(!fails(&guard, "anna", "203.0.113.7").await);
        assert!(fails(&guard, "boris", "203.0.113.7").await, "other names are as free as before");
    });
}

#[test]
fn the_right_password_clears_what_was_typed_wrong_before() {
    testkit::run(async {
        let (guard, _) = guard();
        for _ in 0..2 {
            assert_eq!(let_in(&guard, tries(2, |_| of("anna", "192.0.2.1"))).await, 2);
            let attempt = guard.admit(&Stranger::new("anna", "192.0.2.1")).await.unwrap();
            guard.note(attempt, Outcome::Right).await;
        }
        assert_eq!(let_in(&guard, tries(2, |_| of("anna", "192.0.2.1"))).await, 2);
    });
}

/// Otherwise whoever knows one account could try others for ever, signing in between.
#[test]
fn the_right_password_clears_no_other_counter() {
    testkit::run(async {
        let (guard, _) = guard();
        let mut count = 0;
        for name in 0..20 {
            count += usize::from(fails(&guard, &name.to_string(), "192.0.2.1").await);
            if let Ok(attempt) = guard.admit(&Stranger::new("mallory", "192.0.2.1")).await {
                guard.note(attempt, Outcome::Right).await;
            }
        }
        assert_eq!(count, 8);
    });
}

#[test]
fn what_nobody_looked_at_does_not_count() {
    testkit::run(async {
        let (guard, _) = guard();
        for _ in 0..50 {
            let attempt = guard.admit(&Stranger::new("anna", "192.0.2.1")).await.unwrap();
            guard.note(attempt, Outcome::Unknown).await;
        }
    });
}

/// A household may sign in at once; whoever guesses at once has done so once, also without waiting for the answers.
#[test]
fn many_at_once_are_let_in_once() {
    testkit::run(async {
        let (guard, _) = guard();
        let stranger = Stranger::new("anna", "192.0.2.1");
        for outcome in [Some(Outcome::Right), None] {
            let mut under_way = Vec::new();
            for _ in 0..20 {
                under_way.push(guard.admit(&stranger).await.unwrap());
            }
            for attempt in under_way {
                match outcome {
                    Some(outcome) => guard.note(attempt, outcome).await,
                    None => drop(attempt),
                }
            }
        }
        assert!(matches!(guard.admit(&stranger).await, Err(Error::TooMany(_))));
    });
}

/// Their counts and places are not written at one moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_has_to_wait_does_so_however_many_come_at_once() {
    let (guard, _) = guard();
    assert_eq!(let_in(&guard, tries(8, |n| of(n, "192.0.2.1"))).await, 8);
    let crowd = (0..8).map(|who| {
        let guard = guard.clone();
        tokio::spawn(async move { let_in(&guard, tries(2_000, |n| of(who * 2_000 + n, "192.0.2.1"))).await })
    });
    for came in futures_util::future::join_all(crowd).await {
        assert_eq!(came.unwrap(), 0);
    }
}

#[test]
fn a_window_ends_when_it_was_said_to() {
    testkit::run(async {
        let (guard, clock) = guard();
        clock.advance(Duration::from_mins(4));
        assert_eq!(let_in(&guard, tries(4, |_| of("anna", "192.0.2.1"))).await, 3);
        let refused = guard.admit(&Stranger::new("anna", "192.0.2.1")).await;
        let Err(Error::TooMany(rest)) = refused else { panic!("it is too often") };
        assert_eq!(rest, Duration::from_mins(11));
        clock.advance(rest.checked_sub(Duration::from_millis(1)).unwrap());
        assert!(!fails(&guard, "anna", "192.0.2.1").await);
        clock.advance(Duration::from_millis(1));
        assert_eq!(let_in(&guard, tries(4, |_| of("anna", "192.0.2.1"))).await, 3);
    });
}

#[test]
fn the_familiar_have_a_counter_of_their_own() {
    testkit::run(async {
        let (guard, _) = guard();
        let anna = Stranger::new("anna", "192.0.2.1");
        assert_eq!(let_in(&guard, tries(50, |n| of("anna", format!("192.0.2.{n}")))).await, 3);
        assert!(guard.admit(&anna).await.is_err());
        for session in [None, Some(7), Some(8)] {
            for _ in 0..3 {
                let attempt = guard.admit_familiar(&anna, session).await.unwrap();
                guard.note(attempt, Outcome::Wrong).await;
            }
            assert!(matches!(guard.admit_familiar(&anna, session).await, Err(Error::TooMany(_))));
        }
        // Once they get it right, they are nobody's suspect.
        let attempt = guard.admit_familiar(&anna, Some(9)).await.unwrap();
        guard.note(attempt, Outcome::Right).await;
        assert!(guard.admit(&anna).await.is_ok());
    });
}

/// A cache that refuses everything, as one does that is away.
#[test]
fn without_the_cache_this_process_counts_alone() {
    testkit::run(async {
        let clock: Arc<dyn Clock> = Arc::new(StillClock::default());
        let guard = Guard::new(Cache::in_memory(1, clock.clone()), LIMITS, clock);
        assert_eq!(let_in(&guard, tries(9, |_| of("anna", "192.0.2.1"))).await, 3);
        let attempt = guard.admit(&Stranger::new("boris", "192.0.2.1")).await.unwrap();
        guard.note(attempt, Outcome::Right).await;
    });
}

#[test]
fn nobodys_name_is_in_the_cache() {
    let stranger = Stranger::new("anna@example.org", "192.0.2.1");
    assert!(!stranger.name.contains("anna"));
    assert_eq!(stranger, Stranger::new("ANNA@example.org ", "192.0.2.1"));
    assert!(stranger.is_at("::ffff:192.0.2.1") && !stranger.is_at("192.0.2.2") && !stranger.is_at(""));
}
