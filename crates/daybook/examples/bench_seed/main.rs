//! Fills a database for the benchmarks: people, their tasks, and tokens to ask for them with.
//!
//! `bench_seed OWNERS TASKS PROBES` reads the settings as the house does and expects the schema of `daybook migrate`.
//! It prints a probe a line: a token, and the id of a task of its owner that has a full page of older ones behind it.

mod store;

use std::error::Error;
use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::time::Duration;

use api::{KeySet, Verifier};
use daybook::config::{Config, Sources};
use daybook::house::Database;
use db::Db;
use identity::SigningKeys;
use types::{Caller, Clock, Role, SessionId, SystemClock, UserId};

/// How long the tokens are good for: longer than any run.
const DAY: Duration = Duration::from_hours(24);
/// The most owners that get tokens; the house remembers more than this, as it does in daily life.
const SIGNED: i64 = 2_000;
/// A page and a little: probes have so many older tasks, if their owner has.
const PAGE: i64 = 60;

/// How much there is. Fixed numbers make fixed rows, so that runs compare.
#[derive(Clone, Copy)]
struct Sizes {
    owners: i64,
    tasks: i64,
    probes: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let numbers = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<Vec<i64>, _>>()?;
    let &[owners, tasks, probes] = numbers.as_slice() else {
        return Err("usage: bench_seed OWNERS TASKS PROBES".into());
    };
    let sizes = Sizes { owners, tasks, probes };
    let config = Config::load(Sources::from_process(None))?;

    let database = Database::all(&config)?.pop().ok_or("there is no database")?;
    fill(database.needed()?, sizes).await?;
    database.close().await;

    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let keys = SigningKeys::open(&config.data_dir.join("keys"), config.tokens.access_ttl, clock.clone())?;
    let verifier = Verifier::new(KeySet::default(), &config.tokens.issuer, &config.tokens.audience, clock);
    print_probes(sizes, |owner| {
        let caller = Caller {
            user: UserId::trusted(store::id(owner)),
            session: SessionId::trusted(store::id(owner)),
            role: Role::User,
        };
        keys.sign(&verifier.claims(caller, 1, 0, DAY))
    })
}

/// People first, then tasks owner by owner: in the order of the table, which is the quickest.
async fn fill(db: &Db, sizes: Sizes) -> db::Result<()> {
    let expires_at = SystemClock.now().plus(DAY);
    let mut writes = store::Writes::new(db);
    for owner in 0..sizes.owners {
        writes.person(owner, expires_at).await?;
    }
    for task in 0..sizes.tasks {
        let each = each(sizes);
        let (owner, nth) = (task / each, task % each);
        // Everybody's tasks are made in turns, and so an owner's ids have gaps as they do in daily life.
        writes.task(owner, (nth, each), nth * sizes.owners + owner).await?;
    }
    writes.finish().await
}

const fn each(sizes: Sizes) -> i64 {
    sizes.tasks / sizes.owners
}

fn print_probes(sizes: Sizes, sign: impl Fn(i64) -> types::Result<String>) -> Result<(), Box<dyn Error>> {
    let signed = sizes.owners.min(SIGNED);
    let owner_of = |probe: i64| probe % signed * (sizes.owners / signed);
    let tokens = (0..signed).map(|nth| sign(owner_of(nth))).collect::<types::Result<Vec<_>>>()?;
    let oldest = if each(sizes) > PAGE { PAGE } else { 0 };
    let span = (each(sizes) - oldest).max(1);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (probe, token) in (0..sizes.probes).zip(tokens.iter().cycle()) {
        // A multiplicative hash: all over the place, and the same in each run.
        let nth = oldest + probe * 2_654_435_761 % span;
        writeln!(out, "{token} {}", store::id(nth * sizes.owners + owner_of(probe)))?;
    }
    Ok(out.flush()?)
}
