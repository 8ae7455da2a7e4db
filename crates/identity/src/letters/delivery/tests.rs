use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use db::{Batch, Db};
use stream::Stream;
use testkit::{Engine, StillClock, TestDb};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use types::{Error, Ids, UserId};

use super::*;
use crate::Reason;
use crate::codes::CodeId;
use crate::letters::MockPost;

const SCHEMA: &[db::Migration] = stream::MIGRATIONS;
const KEY: [u8; 32] = [7; 32];

fn anna() -> Target {
    Target::Email("anna@example.org".into())
}

fn phone() -> Target {
    Target::Phone("+380501234567".into())
}

fn fact<T: Tell>(number: i64, said: &T) -> Fact {
    let fact = Fact::saying(said, number + 1_000, StillClock::default().now()).unwrap();
    Fact { number, ..fact }
}

fn code(id: i64, to: Target, sends: Sends) -> CodeDue {
    CodeDue {
        code: CodeId::trusted(id),
        reason: Reason::Reset,
        to,
        language: Language::En,
        from: "192.0.2.7".into(),
        sends,
        expires_at: StillClock::default().now().plus(Duration::from_mins(10)),
    }
}

fn notice(what: Happened) -> Notice {
    Notice { user: UserId::trusted(1), to: anna(), language: "uk".into(), what }
}

/// What a post was given, and how it answers each time.
struct Counter {
    letters: Mutex<Vec<Letter>>,
    asked: AtomicUsize,
    answer: fn(usize, &Letter) -> Result<Outcome>,
}

impl Counter {
    fn new(answer: fn(usize, &Letter) -> Result<Outcome>) -> Arc<Self> {
        Arc::new(Self { letters: Mutex::default(), asked: AtomicUsize::new(0), answer })
    }

    /// The letters that were taken, by what they are due to.
    fn taken(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.letters.lock().unwrap().iter().map(|letter| letter.id).collect();
        ids.sort_unstable();
        ids
    }
}

#[async_trait]
impl Post for Counter {
    async fn send(&self, letter: &Letter) -> Result<Outcome> {
        let outcome = (self.answer)(self.asked.fetch_add(1, Ordering::Relaxed), letter);
        if matches!(outcome, Ok(Outcome::Taken)) {
            self.letters.lock().unwrap().push(letter.clone());
        }
        outcome
    }
}

fn mail(post: Arc<dyn Post>, clock: &StillClock) -> Arc<Delivery> {
    Delivery::new(Channel::Mail, post, Digits::new(&KEY), Arc::new(clock.clone()))
}

/// The same, whose letters wait a moment alone.
fn impatient(post: Arc<dyn Post>) -> Delivery {
    let mut delivery = Arc::into_inner(mail(post, &StillClock::default())).unwrap();
    delivery.desk.again = Arc::from([Duration::from_millis(1); 3]);
    delivery
}

async fn handle(delivery: &Delivery, facts: &[Fact]) -> Result<()> {
    delivery.handle(facts, Along::none()).await
}

#[test]
fn a_code_that_is_due_becomes_a_letter_with_its_digits() {
    testkit::run(async {
        let post = Counter::new(|_, _| Ok(Outcome::Taken));
        let delivery = mail(post.clone(), &StillClock::default());
        handle(&delivery, &[fact(1, &code(5, anna(), Sends::Code))]).await.unwrap();
        let letter = post.letters.lock().unwrap()[0].clone();
        assert_eq!((letter.id, &letter.to), (1_001, &anna()));
        assert!(letter.text.lines().any(|line| line == Digits::new(&KEY).of(CodeId::trusted(5))));
        assert!(letter.text.contains("within 10 min."), "{}", letter.text);
    });
}

#[test]
fn nothing_goes_out_for_a_code_that_only_looks_like_one_and_a_warning_instead_of_one() {
    testkit::run(async {
        let post = Counter::new(|_, _| Ok(Outcome::Taken));
        let delivery = mail(post.clone(), &StillClock::default());
        let told = [code(5, anna(), Sends::Nothing), code(6, anna(), Sends::Warning)];
        for due in &told {
            handle(&delivery, &[fact(due.code.number(), due)]).await.unwrap();
        }
        let letters = post.letters.lock().unwrap().clone();
        assert_eq!(letters.len(), 1);
        assert!(letters[0].text.contains("tried to sign up"), "{}", letters[0].text);
        assert!(!letters[0].text.contains(&Digits::new(&KEY).of(CodeId::trusted(6))));
    });
}

#[test]
fn notices_are_sent_in_the_language_of_their_owner_and_other_facts_are_passed_over() {
    testkit::run(async {
        let post = Counter::new(|_, _| Ok(Outcome::Taken));
        let delivery = mail(post.clone(), &StillClock::default());
        let other = types::facts::accounts::UserSignedUp { id: UserId::trusted(1) };
        handle(&delivery, &[fact(1, &other), fact(2, &notice(Happened::SessionStolen))]).await.unwrap();
        let letters = post.letters.lock().unwrap().clone();
        assert_eq!(letters.len(), 1);
        assert!(letters[0].text.starts_with("Хтось інший скористався сеансом"), "{}", letters[0].text);
    });
}

#[test]
fn mail_and_text_messages_have_a_group_each_and_bring_only_their_own() {
    testkit::run(async {
        let facts = [fact(1, &code(5, anna(), Sends::Code)), fact(2, &code(6, phone(), Sends::Code))];
        for (channel, taken) in [(Channel::Mail, 1_001), (Channel::Sms, 1_002)] {
            let post = Counter::new(|_, _| Ok(Outcome::Taken));
            let clock = Arc::new(StillClock::default());
            let delivery = Delivery::new(channel, post.clone(), Digits::new(&KEY), clock);
            handle(&delivery, &facts).await.unwrap();
            assert_eq!(post.taken(), [taken], "{}", delivery.group());
        }
    });
}

#[test]
fn of_codes_that_follow_each_other_only_the_last_is_sent() {
    testkit::run(async {
        let post = Counter::new(|_, _| Ok(Outcome::Taken));
        let delivery = mail(post.clone(), &StillClock::default());
        let login = CodeDue { reason: Reason::Login, ..code(9, anna(), Sends::Code) };
        let facts =
            [fact(1, &code(5, anna(), Sends::Code)), fact(2, &login), fact(3, &code(6, anna(), Sends::Code))];
        handle(&delivery, &facts).await.unwrap();
        assert_eq!(post.taken(), [1_002, 1_003]);
    });
}

#[test]
fn a_code_that_was_followed_does_not_go_when_facts_are_handled_one_by_one_after_all() {
    testkit::run(async {
        let post = Counter::new(|_, letter| match &letter.to {
            Target::Email(address) if address.starts_with("bad") => Err(Error::internal("it answers 535")),
            _ => Ok(Outcome::Taken),
        });
        let delivery = mail(post.clone(), &StillClock::default());
        let facts = [
            fact(1, &code(5, anna(), Sends::Code)),
            fact(2, &code(6, anna(), Sends::Code)),
            fact(3, &code(7, Target::Email("bad@example.org".into()), Sends::Code)),
        ];
        assert!(!handle(&delivery, &facts).await.unwrap_err().is_passing());
        for fact in &facts[..2] {
            handle(&delivery, std::slice::from_ref(fact)).await.unwrap();
        }
        assert!(handle(&delivery, &facts[2..]).await.is_err(), "this one is set aside");
        assert_eq!(post.taken(), [1_002]);
        assert!(delivery.gone().is_empty());
    });
}

#[test]
fn a_letter_that_comes_too_late_is_not_sent() {
    testkit::run(async {
        let (post, clock) = (MockPost::new(), StillClock::default());
        let delivery = mail(Arc::new(post), &clock);
        let facts = [fact(1, &code(5, anna(), Sends::Code))];
        clock.advance(Duration::from_mins(10));
        handle(&delivery, &facts).await.unwrap();
        clock.advance(STALE);
        handle(&delivery, &[fact(2, &notice(Happened::PasswordChanged))]).await.unwrap();
    });
}

#[test]
fn what_has_gone_out_does_not_go_again_when_the_rest_is_tried_again() {
    testkit::run(async {
        // The third letter meets a server that is away, once.
        let post = Counter::new(|asked, letter| match (asked, letter.id) {
            (0..8, 1_003) => Err(Error::unavailable("the mail server is away")),
            _ => Ok(Outcome::Taken),
        });
        let delivery = mail(post.clone(), &StillClock::default());
        let facts: Vec<Fact> = (1..=5)
            .map(|n| fact(n, &code(n, Target::Email(format!("{n}@example.org")), Sends::Code)))
            .collect();
        assert!(handle(&delivery, &facts).await.unwrap_err().is_passing());
        assert_eq!(post.taken(), [1_001, 1_002, 1_004, 1_005]);
        // Eight have been asked for by then.
        post.asked.store(8, Ordering::Relaxed);
        handle(&delivery, &facts).await.unwrap();
        assert_eq!(post.taken(), [1_001, 1_002, 1_003, 1_004, 1_005]);
        assert!(delivery.gone().is_empty(), "what is done need not be remembered");
    });
}

#[test]
fn a_refused_letter_holds_up_nobody_and_is_not_tried_again() {
    testkit::run(async {
        let post = Counter::new(|_, letter| match letter.id {
            1_001 => Ok(Outcome::Refused("it answers 550".into())),
            _ => Ok(Outcome::Taken),
        });
        let delivery = mail(post.clone(), &StillClock::default());
        let facts = [fact(1, &code(5, anna(), Sends::Code)), fact(2, &notice(Happened::LoginLinked))];
        handle(&delivery, &facts).await.unwrap();
        assert_eq!((post.taken(), post.asked.load(Ordering::Relaxed)), (vec![1_002], 2));
    });
}

#[test]
fn a_letter_that_alone_has_to_wait_is_tried_again_while_others_go() {
    testkit::run(async {
        let post = Counter::new(|asked, letter| match (asked, letter.id) {
            (0..3, 1_001) => Ok(Outcome::Later("it answers 451".into())),
            // Also what holds up everybody is only one more reason to wait.
            (3, 1_001) => Err(Error::unavailable("the mail server is away")),
            _ => Ok(Outcome::Taken),
        });
        let delivery = impatient(post.clone());
        let facts = [fact(1, &code(5, anna(), Sends::Code)), fact(2, &notice(Happened::LoginLinked))];
        handle(&delivery, &facts).await.unwrap();
        let waiting = async {
            while post.taken() != [1_001, 1_002] {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it was never tried again");
    });
}

#[test]
fn a_letter_that_never_is_taken_is_given_up() {
    testkit::run(async {
        let post = Counter::new(|_, _| Ok(Outcome::Later("it answers 451".into())));
        let delivery = impatient(post.clone());
        handle(&delivery, &[fact(1, &notice(Happened::LoginLinked))]).await.unwrap();
        let waiting = async {
            while delivery.desk.waiting.available_permits() < WAITING {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it was never given up");
        assert_eq!(post.asked.load(Ordering::Relaxed), 4);
    });
}

#[test]
fn a_failure_of_ours_is_set_aside_for_an_engineer_and_a_passing_one_is_tried_until_it_passes() {
    testkit::run(async {
        let clock: Arc<dyn Clock> = Arc::new(StillClock::default());
        let db = TestDb::new(Engine::Memory, SCHEMA).await;
        let stream = Stream::new(db.db.clone(), clock.clone());
        let post = Counter::new(|asked, letter| match (asked, &letter.to) {
            (0..4, _) => Err(Error::unavailable("the mail server is away")),
            (_, Target::Email(address)) if address.starts_with("bad") => {
                Err(Error::internal("it answers 535"))
            }
            _ => Ok(Outcome::Taken),
        });
        let delivery = mail(post.clone(), &StillClock::default());
        let ids = Ids::new(clock.clone(), 0, clock.now().plus(Duration::from_hours(1)));
        for (n, name) in [(1, "anna"), (2, "bad"), (3, "carl")] {
            let due = code(n, Target::Email(format!("{name}@example.org")), Sends::Code);
            let along = Along::none().with(stream.teller(ids.clone()).tell(&due).unwrap());
            db.db.write(Batch::new().along(along)).await.unwrap();
        }
        let delivered = delivered(&db.db, &stream, &delivery);
        let running = async {
            tokio::select! {
                () = stream.run(vec![delivery.clone()]) => unreachable!("it runs for ever"),
                () = delivered => {}
            }
        };
        tokio::time::timeout(Duration::from_secs(20), running).await.expect("letters were never done");

        assert_eq!(post.taken().len(), 2, "each was taken once");
        assert_eq!(stream.parking().await.unwrap(), [delivery.group()]);
        let parked = stream.parked_of(delivery.group(), 0, 10).await.unwrap();
        assert_eq!(parked.len(), 1);
        assert_eq!(
            (parked[0].consumer.as_str(), parked[0].error.as_str()),
            (delivery.group(), "it answers 535")
        );
    });
}

async fn delivered(_: &Db, stream: &Stream, delivery: &Arc<Delivery>) {
    while stream.behind(delivery.group(), TOPIC).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Writes down every record of the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line<'l>(&'l mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0, "{}: {value:?}", field.name()).unwrap();
    }
}

#[test]
fn no_log_has_a_code_or_a_whole_address() {
    let log = Log::default();
    let post = Counter::new(|asked, _| match asked {
        0 => Ok(Outcome::Taken),
        1 => Ok(Outcome::Refused("it answers 550".into())),
        _ => Ok(Outcome::Later("it answers 451".into())),
    });
    let clock = StillClock::default();
    let mail = mail(post.clone(), &clock);
    let sms = Delivery::new(Channel::Sms, post.clone(), Digits::new(&KEY), Arc::new(clock.clone()));
    tracing::subscriber::with_default(log.clone(), || {
        testkit::run(async {
            for n in 1..=4 {
                let facts = [
                    fact(n, &code(n, anna(), Sends::Code)),
                    fact(n + 10, &code(n + 10, phone(), Sends::Code)),
                ];
                handle(&mail, &facts).await.unwrap();
                handle(&sms, &facts).await.unwrap();
            }
        });
    });
    let said = log.0.lock().unwrap().clone();
    assert!(
        said.contains("a***@example.org") && said.contains("+***67") && said.contains("it answers 550"),
        "{said}"
    );
    for secret in ["anna", "380501", "50123456"] {
        assert!(!said.contains(secret), "{secret} is in {said}");
    }
    for id in 1..=14 {
        let digits = Digits::new(&KEY).of(CodeId::trusted(id));
        assert!(!said.contains(&digits), "{digits} is in {said}");
    }
}
