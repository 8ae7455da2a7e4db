//! What does it cost a gateway to check a token it has never seen, and one it remembers?

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use api::Verifier;
use identity::SigningKeys;
use types::{Caller, Clock, Role, SessionId, SystemClock, UserId};

use crate::Outcome;

/// Tokens that are remembered at the same time.
const TOKENS: i64 = 1_000;
/// A token is good for longer than the run.
const HOUR: Duration = Duration::from_hours(1);

pub fn run(seconds: Duration) -> Outcome {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let keys = SigningKeys::in_memory(HOUR, clock.clone())?;
    let verifier = || Verifier::new(keys.public().clone(), "daybook", "daybook", clock.clone());
    let token = |n: i64| {
        let caller = Caller { user: UserId::trusted(n), session: SessionId::trusted(n), role: Role::User };
        keys.sign(&verifier().claims(caller, 1, 0, HOUR))
    };
    let tokens = (1..=TOKENS).map(token).collect::<Result<Vec<_>, _>>()?;
    let each = |verify: &dyn Fn() -> Verifier, rounds_of_one: bool| {
        let (mut checked, mut spent, mut verifier) = (0_u32, Duration::ZERO, verify());
        assert!(tokens.iter().all(|token| verifier.verify(token).is_ok()));
        while spent < seconds {
            if rounds_of_one {
                verifier = verify();
            }
            let begun = SystemClock.now();
            let good = tokens.iter().filter(|token| verifier.verify(token).is_ok()).count();
            spent += SystemClock.now().since(begun);
            checked += u32::try_from(good).unwrap_or_default();
        }
        spent.as_secs_f64() * 1e6 / f64::from(checked)
    };
    let (cold, remembered) = (each(&verifier, true), each(&verifier, false));
    writeln!(std::io::stdout(), "check {cold:.2} {remembered:.3}")?;
    Ok(())
}
