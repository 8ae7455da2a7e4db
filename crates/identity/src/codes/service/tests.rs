use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use stream::Telling;
use testkit::StillClock;
use types::Language;

use super::*;
use crate::codes::addressees::MockAddressees;

const ADDRESS: &str = "192.0.2.7";

/// Keeps one code and counts its tries, as a store does.
#[derive(Default)]
struct Shelf {
    code: Mutex<Option<(Place, Code)>>,
    told: Mutex<Vec<CodeDue>>,
    looks: AtomicI64,
    used: AtomicI64,
}

fn store(shelf: &Arc<Shelf>) -> MockCodeStore {
    let mut store = MockCodeStore::new();
    let of = |shelf: &Arc<Shelf>| shelf.clone();
    let here = of(shelf);
    store.expect_last().returning(move |place| {
        Ok(here.code.lock().unwrap().as_ref().filter(|(kept, _)| kept == place).map(|(_, code)| *code))
    });
    let here = of(shelf);
    store.expect_put().returning(move |place, code, last, kept, along| {
        let mut shelf = here.code.lock().unwrap();
        assert_eq!(shelf.as_ref().filter(|(at, _)| at == place).map(|(_, code)| code.id), last);
        assert!(kept >= code.expires_at.since(code.sent_at));
        *shelf = Some((place.clone(), *code));
        here.told.lock().unwrap().extend(along.of::<Telling>().filter_map(Telling::says::<CodeDue>));
        here.looks.store(0, Ordering::Relaxed);
        here.used.store(0, Ordering::Relaxed);
        Ok(true)
    });
    let here = of(shelf);
    store.expect_look().returning(move |place, id, most, now| {
        let shelf = here.code.lock().unwrap();
        let good = shelf
            .as_ref()
            .is_some_and(|(kept, code)| kept == place && code.id == id && code.expires_at > now);
        Ok(good
            && here.looks.fetch_add(1, Ordering::Relaxed) < most
            && here.used.load(Ordering::Relaxed) == 0)
    });
    let here = of(shelf);
    store.expect_use_up().returning(move |_, _| Ok(here.used.fetch_add(1, Ordering::Relaxed) == 0));
    store
}

fn settings() -> CodeSettings {
    CodeSettings {
        key: [7; 32],
        lifetime: Duration::from_mins(10),
        resend: [30, 60, 120].map(Duration::from_secs).to_vec(),
        tries: 5,
        per_target: 4,
        per_address: 6,
        required: true,
        in_cache: false,
    }
}

fn over(store: MockCodeStore, known: MockAddressees, clock: &StillClock) -> Codes {
    let time: Arc<dyn Clock> = Arc::new(clock.clone());
    let ids = Ids::new(time.clone(), 0, time.now().plus(Duration::from_hours(100)));
    let cache = Cache::in_memory(1 << 20, time.clone());
    let teller = Teller::unheard(ids.clone(), time.clone());
    Codes::new(settings(), Arc::new(store), Arc::new(known), cache, teller, ids, time)
}

fn codes(shelf: &Arc<Shelf>, clock: &StillClock) -> Codes {
    over(store(shelf), MockAddressees::new(), clock)
}

/// Only Anna has an account, and she reads Ukrainian.
fn knowing_anna() -> MockAddressees {
    let mut known = MockAddressees::new();
    let owner = Owner { language: Language::Uk, opens: true, leaves: false };
    known.expect_owner().returning(move |target| Ok((*target == anna()).then_some(owner)));
    known
}

fn anna() -> Target {
    Target::Email("anna@example.org".into())
}

fn boris() -> Target {
    Target::Phone("+380501234567".into())
}

fn asking() -> Asking {
    Asking { address: ADDRESS.into(), language: Language::Ru }
}

fn is_wrong(checked: &Result<()>) -> bool {
    matches!(checked, Err(Error::Invalid(fields))
        if fields.len() == 1 && fields[0].field == "code" && fields[0].message.text == WRONG_CODE)
}

fn rest<T>(sent: Result<T>) -> u64 {
    match sent {
        Err(Error::TooMany(rest)) => rest.as_secs(),
        Err(error) => panic!("{error}"),
        Ok(_) => 0,
    }
}

/// The digits of the last code that was told of.
fn last_digits(shelf: &Shelf) -> String {
    Digits::new(&settings().key).of(shelf.told.lock().unwrap().last().unwrap().code)
}

/// Other digits than these.
fn other_than(digits: &str) -> String {
    format!("{:06}", (digits.parse::<u64>().unwrap() + 1) % 1_000_000)
}

#[test]
fn a_code_is_told_of_without_its_digits_and_is_right_once() {
    testkit::run(async {
        let (shelf, clock) = (Arc::new(Shelf::default()), StillClock::default());
        let codes = codes(&shelf, &clock);
        let until = codes.send(&anna(), Reason::Verify, &asking(), true).await.unwrap();
        assert_eq!(until, clock.now().plus(Duration::from_mins(10)));
        let digits = last_digits(&shelf);
        let told = shelf.told.lock().unwrap()[0].clone();
        assert_eq!(
            (&told.to, told.reason, told.sends, told.language),
            (&anna(), Reason::Verify, Sends::Code, Language::Ru)
        );
        assert_eq!((&*told.from, told.expires_at), (ADDRESS, until));
        assert!(!serde_json::to_string(&told).unwrap().contains(&digits));

        codes.check(&anna(), Reason::Verify, &format!(" {} {}\n", &digits[..3], &digits[3..])).await.unwrap();
        assert!(is_wrong(&codes.check(&anna(), Reason::Verify, &digits).await), "it is used up");
    });
}

#[test]
fn a_code_opens_nothing_else_and_nobody_elses_door() {
    testkit::run(async {
        let (shelf, clock) = (Arc::new(Shelf::default()), StillClock::default());
        let codes = codes(&shelf, &clock);
        codes.send(&anna(), Reason::Verify, &asking(), true).await.unwrap();
        let digits = last_digits(&shelf);
        assert!(is_wrong(&codes.check(&anna(), Reason::Reset, &digits).await));
        assert!(is_wrong(&codes.check(&boris(), Reason::Verify, &digits).await));
        codes.check(&anna(), Reason::Verify, &digits).await.unwrap();
    });
}

#[test]
fn a_few_wrong_tries_burn_a_code_and_what_can_be_none_costs_no_try() {
    testkit::run(async {
        let (shelf, clock) = (Arc::new(Shelf::default()), StillClock::default());
        let codes = codes(&shelf, &clock);
        codes.send(&anna(), Reason::Verify, &asking(), true).await.unwrap();
        let digits = last_digits(&shelf);
        for typed in ["", "12345", "none", "١٢٣٤٥٦"] {
            assert!(is_wrong(&codes.check(&anna(), Reason::Verify, typed).await));
        }
        for _ in 0..5 {
            assert!(is_wrong(&codes.check(&anna(), Reason::Verify, &other_than(&digits)).await));
        }
        assert!(is_wrong(&codes.check(&anna(), Reason::Verify, &digits).await), "it is burnt");
    });
}

#[test]
fn a_code_is_good_for_its_lifetime_and_a_newer_one_takes_its_place() {
    testkit::run(async {
        let (shelf, clock) = (Arc::new(Shelf::default()), StillClock::default());
        let codes = codes(&shelf, &clock);
        codes.send(&anna(), Reason::Verify, &asking(), true).await.unwrap();
        let first = last_digits(&shelf);
        clock.advance(Duration::from_secs(30));
        codes.send(&anna(), Reason::Verify, &asking(), true).await.unwrap();
        let second = last_digits(&shelf);
        assert_ne!(first, second);
        assert!(is_wrong(&codes.check(&anna(), Reason::Verify, &first).await));
        clock.advance(Duration::from_mins(10));
        assert!(is_wrong(&codes.check(&anna(), Reason::Verify, &second).await), "its time is over");
    });
}

#[test]
fn asking_again_has_to_wait_longer_each_time() {
    testkit::run(async {
        let (shelf, clock) = (Arc::new(Shelf::default()), StillClock::default());
        let codes = codes(&shelf, &clock);
        for wait in [30, 60, 120] {
            codes.send(&anna(), Reason::Verify, &asking(), true).await.unwrap();
            assert_eq!(rest(codes.send(&anna(), Reason::Verify, &asking(), true).await), wait);
            clock.advance(Duration::from_secs(wait - 1));
            assert_eq!(rest(codes.send(&anna(), Reason::Verify, &asking(), true).await), 1);
            clock.advance(Duration::from_secs(1));
        }
        assert_eq!(shelf.told.lock().unwrap().len(), 3);
    });
}

#[test]
fn a_target_gets_so_many_codes_an_hour() {
    testkit::run(async {
        // The clock shows half past nine.
        let (shelf, clock) = (Arc::new(Shelf::default()), StillClock::default());
        let codes = codes(&shelf, &clock);
        for wait in [30, 60, 120, 120] {
            codes.send(&anna(), Reason::Verify, &asking(), true).await.unwrap();
            clock.advance(Duration::from_secs(wait));
        }
        assert_eq!(rest(codes.send(&anna(), Reason::Verify, &asking(), true).await), 30 * 60 - 330);
        assert_eq!(rest(codes.send(&anna(), Reason::Verify, &asking(), false).await), 30 * 60 - 330);
        codes.send(&boris(), Reason::Verify, &asking(), true).await.unwrap();
        clock.advance(Duration::from_mins(30));
        codes.send(&anna(), Reason::Verify, &asking(), true).await.unwrap();
    });
}

#[test]
fn one_client_may_ask_for_so_many_codes_an_hour() {
    testkit::run(async {
        let (shelf, clock) = (Arc::new(Shelf::default()), StillClock::default());
        let codes = codes(&shelf, &clock);
        let to = |n: u32| Target::Email(format!("{n}@example.org"));
        for n in 0..6 {
            codes.send(&to(n), Reason::Register, &asking(), true).await.unwrap();
        }
        assert_eq!(rest(codes.send(&to(6), Reason::Register, &asking(), true).await), 30 * 60);
        let elsewhere = Asking { address: "192.0.2.8".into(), ..asking() };
        codes.send(&to(6), Reason::Register, &elsewhere, true).await.unwrap();
    });
}

#[test]
fn what_is_not_really_sent_looks_the_same_and_is_never_right() {
    testkit::run(async {
        let (shelf, clock) = (Arc::new(Shelf::default()), StillClock::default());
        let codes = codes(&shelf, &clock);
        let until = codes.send(&anna(), Reason::Reset, &asking(), false).await.unwrap();
        assert_eq!(until, clock.now().plus(Duration::from_mins(10)));
        assert_eq!(shelf.told.lock().unwrap()[0].sends, Sends::Nothing);
        assert_eq!(rest(codes.send(&anna(), Reason::Reset, &asking(), false).await), 30);
        assert!(is_wrong(&codes.check(&anna(), Reason::Reset, &last_digits(&shelf)).await));
    });
}

#[test]
fn where_nothing_was_sent_a_check_does_the_same_and_finds_it_wrong() {
    testkit::run(async {
        let mut store = MockCodeStore::new();
        store.expect_last().once().returning(|_| Ok(None));
        store.expect_look().once().returning(|_, _, _, _| Ok(false));
        let codes = over(store, MockAddressees::new(), &StillClock::default());
        assert!(is_wrong(&codes.check(&anna(), Reason::Login, "123456").await));
    });
}

#[test]
fn whoever_asks_at_the_door_learns_nothing_and_the_owner_is_warned() {
    for (target, reason, sends) in [
        (anna(), Reason::Register, Sends::Warning),
        (boris(), Reason::Register, Sends::Code),
        (anna(), Reason::Verify, Sends::Code),
        (boris(), Reason::Verify, Sends::Code),
        (anna(), Reason::Reset, Sends::Code),
        (boris(), Reason::Reset, Sends::Nothing),
        (anna(), Reason::Login, Sends::Code),
        (boris(), Reason::Login, Sends::Nothing),
    ] {
        testkit::run(async {
            let (shelf, clock) = (Arc::new(Shelf::default()), StillClock::default());
            let codes = over(store(&shelf), knowing_anna(), &clock);
            let until = codes.ask(&target, reason, &asking()).await.unwrap();
            assert_eq!(until, clock.now().plus(Duration::from_mins(10)));
            assert_eq!(rest(codes.ask(&target, reason, &asking()).await), 30);
            let told = shelf.told.lock().unwrap()[0].clone();
            assert_eq!(told.sends, sends, "{target:?} {reason:?}");
            let language = if sends == Sends::Warning { Language::Uk } else { Language::Ru };
            assert_eq!(told.language, language, "a warning is for its owner to read");
            let checked = codes.check(&target, reason, &last_digits(&shelf)).await;
            assert_eq!(checked.is_ok(), sends == Sends::Code);
        });
    }
}

#[test]
fn of_two_who_ask_at_once_one_waits_and_is_not_counted() {
    testkit::run(async {
        let mut store = MockCodeStore::new();
        store.expect_last().returning(|_| Ok(None));
        store.expect_put().returning(|_, _, _, _, _| Ok(false));
        let codes = over(store, MockAddressees::new(), &StillClock::default());
        for _ in 0..20 {
            assert_eq!(rest(codes.send(&anna(), Reason::Verify, &asking(), true).await), 30);
        }
    });
}

#[test]
fn a_store_that_is_away_is_said_so_and_counts_nothing() {
    testkit::run(async {
        let mut store = MockCodeStore::new();
        store.expect_last().returning(|_| Ok(None));
        store.expect_put().returning(|_, _, _, _, _| Err(Error::unavailable("the store is away")));
        let codes = over(store, MockAddressees::new(), &StillClock::default());
        for _ in 0..20 {
            let sent = codes.send(&anna(), Reason::Verify, &asking(), true).await;
            assert!(matches!(sent, Err(Error::Unavailable { .. })), "{sent:?}");
        }
        let mut store = MockCodeStore::new();
        store.expect_last().returning(|_| Err(Error::unavailable("the store is away")));
        let codes = over(store, MockAddressees::new(), &StillClock::default());
        let checked = codes.check(&anna(), Reason::Verify, "123456").await;
        assert!(matches!(checked, Err(Error::Unavailable { .. })), "{checked:?}");
    });
}
