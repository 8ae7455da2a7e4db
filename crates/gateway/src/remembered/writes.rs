//! Writes, and what they end.

use std::collections::HashMap;
use std::iter::once;
use std::sync::Arc;

use api::edge::Behind;
use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use tokio::runtime::Handle;
use types::{Caller, UserId};

use super::flights::Flights;
use super::rack::Rack;
use super::{EVERYTHING, Path, Remembered};

/// The domains that a write touches, as far as anything of them is remembered.
type Domains = Arc<[&'static str]>;

/// What each route touches.
pub struct Writes {
    by_route: HashMap<String, Domains>,
    accounts: &'static str,
}

impl Writes {
    pub fn new(paths: &[Path], routes: Vec<(String, &'static str)>, accounts: &'static str) -> Self {
        let touched = |domain: &'static str| -> Domains {
            let each = once(domain).chain(once(EVERYTHING));
            each.filter(|domain| paths.iter().any(|path| path.domain == *domain)).collect()
        };
        let by_route = routes.into_iter().map(|(route, domain)| (route, touched(domain)));
        Self { by_route: by_route.filter(|(_, touched)| !touched.is_empty()).collect(), accounts }
    }

    fn of(&self, request: &Request) -> Option<&Domains> {
        self.by_route.get(request.extensions().get::<MatchedPath>()?.as_str())
    }

    /// Whose account a path is about, when it says so: an administrator changes what somebody else reads.
    fn account(&self, path: &str) -> Option<UserId> {
        path.strip_prefix(self.accounts)?.split('/').next()?.parse().ok()
    }
}

impl Remembered {
    /// Has a write answered, and ends what it touched before anybody hears of the answer.
    pub(super) async fn write(&self, caller: Caller, request: Request, behind: Behind) -> Response {
        let Some((rack, domains)) = self.rack.as_ref().zip(self.writes.of(&request)) else {
            return behind.answer(request).await;
        };
        let account = self.writes.account(request.uri().path()).filter(|account| *account != caller.user);
        let touched = Touched {
            rack: rack.clone(),
            flights: self.flights.clone(),
            users: (caller.user, account),
            domains: domains.clone(),
        };
        let unsettled = Unsettled(Some(touched));
        let response = behind.answer(request).await;
        unsettled.settle(response.status().is_server_error()).await;
        response
    }
}

/// What one write touches.
struct Touched {
    rack: Rack,
    flights: Arc<Flights>,
    users: (UserId, Option<UserId>),
    domains: Domains,
}

impl Touched {
    fn each(&self) -> impl Iterator<Item = (UserId, &'static str)> {
        let users = once(self.users.0).chain(self.users.1);
        users.flat_map(|user| self.domains.iter().map(move |domain| (user, *domain)))
    }

    fn close_flights(&self) {
        for (user, domain) in self.each() {
            self.flights.close(user, domain);
        }
    }

    async fn end(&self) {
        for (user, domain) in self.each() {
            self.rack.end(user, domain).await;
        }
    }

    async fn doubt(&self) {
        for (user, domain) in self.each() {
            self.rack.doubt(user, domain).await;
        }
    }
}

/// A write whose outcome is not known yet. Dropped so, by a client that left or by a panic, it never will be: what was
/// begun may be done at any later moment.
struct Unsettled(Option<Touched>);

impl Unsettled {
    async fn settle(mut self, in_doubt: bool) {
        let Some(touched) = &self.0 else { return };
        touched.close_flights();
        if in_doubt {
            touched.doubt().await;
        } else {
            touched.end().await;
        }
        // Not before: a client may leave also while this waits.
        self.0 = None;
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        let Some(touched) = self.0.take() else { return };
        touched.close_flights();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { touched.doubt().await });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: [Path; 2] = [
        Path { path: "/tasks", domain: "tasks", lagging: None },
        Path { path: "/home", domain: EVERYTHING, lagging: None },
    ];

    #[test]
    fn a_write_touches_its_domain_and_what_is_made_of_all_domains() {
        let routes = [("/tasks/{id}", "tasks"), ("/orders", "orders")];
        let routes = routes.map(|(route, domain)| (route.to_owned(), domain)).to_vec();
        let writes = Writes::new(&PATHS, routes.clone(), "/accounts/");
        assert_eq!(*writes.by_route["/tasks/{id}"], ["tasks", EVERYTHING]);
        assert_eq!(*writes.by_route["/orders"], [EVERYTHING]);
        let writes = Writes::new(&PATHS[..1], routes, "/accounts/");
        assert_eq!(*writes.by_route["/tasks/{id}"], ["tasks"]);
        assert!(!writes.by_route.contains_key("/orders"), "nothing of it is remembered");
    }

    #[test]
    fn a_path_says_whose_account_it_is_about() {
        let writes = Writes::new(&PATHS, Vec::new(), "/accounts/");
        assert_eq!(writes.account("/accounts/17/role"), Some(UserId::trusted(17)));
        assert_eq!(writes.account("/accounts/17"), Some(UserId::trusted(17)));
        for none in ["/accounts/", "/accounts/x/role", "/tasks/17", "/accounts"] {
            assert_eq!(writes.account(none), None, "{none}");
        }
    }
}
