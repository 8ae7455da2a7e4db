//! A gateway to that service, with a memory.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api::edge::{Asked, Behind, Between, Deadline, Identity};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::Route;
use cache::Cache;
use futures_util::FutureExt;
use gateway::remembered::{EVERYTHING, Needs, Path, Remembered};
use testkit::StillClock;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tower::layer::layer_fn;
use tower::{ServiceExt, service_fn};
use types::{Caller, Role, SessionId, UserId};

use super::service::{Service, routes};

/// Far more than anything takes.
const LONGEST: Duration = Duration::from_secs(20);
pub const LIFETIME: Duration = Duration::from_secs(30);
const PATHS: &[Path] = &[
    Path { path: "/things", domain: "things", lagging: None },
    Path { path: "/others", domain: "others", lagging: None },
    Path { path: "/home", domain: EVERYTHING, lagging: None },
];

/// Each has numbers of its own.
static DOORS: AtomicU64 = AtomicU64::new(1);

/// The gateway. Clones are the same.
#[derive(Clone)]
pub struct Door {
    pub service: Arc<Service>,
    pub clock: StillClock,
    router: Router,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the cache did, without its name.
    pub fn cache(&self) -> &str {
        self.header("cache-status").strip_prefix("daybook; ").unwrap_or_default()
    }
}

impl Door {
    pub fn new() -> Self {
        let clock = StillClock::default();
        let cache = Cache::in_memory(8 << 20, Arc::new(clock.clone()));
        Self::with(Arc::default(), clock, Some(cache), 4 << 20)
    }

    pub fn with(service: Arc<Service>, clock: StillClock, cache: Option<Cache>, room: usize) -> Self {
        let written = [("/things", "things"), ("/others", "others"), ("/accounts/{id}/role", "things")];
        let remembered = Remembered::new(Needs {
            cache,
            clock: Arc::new(clock.clone()),
            lifetime: LIFETIME,
            room,
            seed: DOORS.fetch_add(1, Ordering::Relaxed) << 32,
            paths: PATHS,
            routes: written.map(|(route, domain)| (route.to_owned(), domain)).to_vec(),
            accounts: "/accounts/",
        });
        let remembered = Arc::new(remembered);
        let router = routes(service.clone()).layer(layer_fn(move |route: Route| {
            let (remembered, behind) = (remembered.clone(), Behind::from(route));
            service_fn(move |request| {
                pass(remembered.clone(), request, behind.clone()).map(Ok::<_, Infallible>)
            })
        }));
        Self { service, clock, router }
    }

    /// This user asks, with headers.
    pub async fn ask(&self, user: i64, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::builder().method(method).uri(path).header("x-user", user);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let asking = self.router.clone().oneshot(request.body(Body::empty()).unwrap());
        let response = timeout(LONGEST, asking).await.expect("no answer came").unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// User 1 reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(1, "GET", path, &[]).await
    }

    /// User 1 writes.
    pub async fn post(&self, path: &str) -> Answer {
        self.ask(1, "POST", path, &[]).await
    }

    /// User 1 asks, on a task of its own that waits at the gate.
    pub fn waits(&self, method: &'static str, path: &'static str) -> JoinHandle<Answer> {
        let door = self.clone();
        tokio::spawn(async move { door.ask(1, method, path, &[("x-wait", "1")]).await })
    }

    pub fn reads(&self) -> usize {
        self.service.reads.load(Ordering::SeqCst)
    }

    /// Two reads later it is remembered, or it never will be.
    pub async fn remembers(&self, path: &str) -> bool {
        drop(self.get(path).await);
        self.get(path).await.cache() == "hit"
    }
}

/// Says who asks, as the edge does.
async fn pass(remembered: Arc<Remembered>, mut request: Request, behind: Behind) -> Response {
    let identity = identity(request.headers());
    let deadline = Some(Deadline::after(LONGEST));
    request.extensions_mut().insert(Asked { deadline, ..Asked::by(identity) });
    let concerned = remembered.concerns(&request);
    if concerned { remembered.answer(request, behind).await } else { behind.answer(request).await }
}

fn identity(headers: &HeaderMap) -> Identity {
    let user = headers["x-user"].to_str().unwrap().parse().unwrap();
    let role = if headers.contains_key("x-role") { Role::Admin } else { Role::User };
    let caller = Caller { user: UserId::trusted(user), session: SessionId::trusted(1), role };
    if user == 0 { Identity::Nobody } else { Identity::Caller(caller) }
}

/// Waits for a value.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..5_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("this never happened: {what}");
}
