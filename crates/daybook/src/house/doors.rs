//! What a house answers on: its door for everybody, and the one for operators.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::edge::{Before, Cookies, Cors, Edge, Limits, Needs, Roomy, Side};
use api::rates::Rates;
use api::stop::Stop;
use api::system::{Check, System};
use axum::routing::get;
use axum::{Extension, Json, Router};
use cache::Cache;
use futures_util::FutureExt;
use gateway::{Backend, Gateway, Home, Upstream};
use part::Part;
use serde::Serialize;
use stream::Kafka;
use types::{Clock, Error, Result, Timestamp};
use utoipa_swagger_ui::SwaggerUi;

use super::stores::Handling;
use super::{House, groups, kinds, queues};
use crate::config::Config;
use crate::domains::{self, ALL, GATEWAY};
use crate::facts::Served;

/// A role that runs in another process.
pub type Service = (&'static str, Upstream);

/// How many bodies of many things are in one process at once.
const AT_ONCE: usize = 4;

/// How often each may ask, if that is limited.
pub fn rates(config: &Config, cache: &Cache, clock: &Arc<dyn Clock>) -> Option<Rates> {
    let rates = &config.rates;
    let limits = api::rates::Limits {
        window: rates.window,
        read_per_address: rates.read_per_address,
        read_per_user: rates.read_per_user,
        write_per_address: rates.write_per_address,
        write_per_user: rates.write_per_user,
        door_per_address: rates.sign_in_per_address,
    };
    rates.enabled.then(|| Rates::new(limits, cache, clock.clone()))
}

/// How long connections may take for what.
pub fn connection_limits(config: &Config) -> api::serve::Limits {
    let limits = &config.limits;
    api::serve::Limits {
        head: limits.header_timeout,
        grace: limits.stop_grace,
        ..api::serve::Limits::default()
    }
}

impl House {
    /// The routes for everybody, with the edge around them.
    pub(super) fn door(&self, parts: Vec<(&'static str, Part)>, services: &[Service], stop: &Stop) -> Router {
        let is_gateway = self.roles.has(GATEWAY);
        let routes = if is_gateway { self.gateway(parts, services) } else { together(parts) };
        let limits = Limits {
            body: self.config.limits.body,
            body_time: self.config.limits.body_timeout,
            json_depth: self.config.limits.json_depth,
            in_flight: self.config.limits.in_flight,
            header_count: self.config.limits.header_count,
            headers: self.config.limits.headers,
        };
        let side = if is_gateway { Side::Outer } else { Side::Inner };
        let cookies = is_gateway.then(|| self.cookies());
        let edge = Edge::new(Needs {
            side,
            before: self.before(),
            verifier: self.verifier.clone(),
            limits,
            roomy: Some(Roomy::new(jobs::door::is_roomy, self.config.limits.body_of_many, AT_ONCE)),
            metrics: self.metrics.clone(),
            seed: seed(),
            cookies,
            cors: Cors::of(&self.config.cors.origins).filter(|_| is_gateway),
            group: kinds::of,
            // Services behind a gateway count what is said on connections alone: it has counted the rest.
            rates: self.rates.clone().filter(|_| is_gateway),
            stop: stop.clone(),
            between: is_gateway.then(|| self.remembered()).flatten(),
        });
        let health = Health { service: self.roles.name(), clock: self.clock.clone() };
        edge.around(routes.route("/health", get(health_now).layer(Extension(health))))
    }

    fn before(&self) -> Before {
        Before { proxies: self.config.proxies.trusted, encrypted: self.config.tls.cert.is_some() }
    }

    fn cookies(&self) -> Cookies {
        Cookies {
            origins: self.config.cors.origins.clone(),
            lifetime: self.config.tokens.refresh_ttl,
            renewal: Box::new(self.source.clone()),
            public: is_public,
        }
    }

    fn gateway(&self, parts: Vec<(&'static str, Part)>, services: &[Service]) -> Router {
        let here = parts.into_iter().map(|(role, part)| (role, Backend::Here(part.router)));
        let there = services.iter().map(|(role, upstream)| (*role, Backend::There(upstream.clone())));
        let mut backends: BTreeMap<_, _> = here.chain(there).collect();
        let (mut gateway, mut sections) = (Gateway::new(), Vec::new());
        for domain in ALL {
            let Some(backend) = backends.remove(domain.role) else { continue };
            sections.push((domain.sections, backend.clone()));
            let promised = (domain.openapi)();
            gateway = gateway.with(promised.paths.paths.keys().map(String::as_str), backend);
        }
        let swagger = SwaggerUi::new("/swagger").url("/api/v1/openapi.json", domains::openapi());
        let home = Home::new(sections, self.config.home.deadline, self.clock.clone());
        gateway.router().merge(home.routes()).merge(web::routes()).merge(swagger)
    }

    /// The services elsewhere, if this process is a gateway to them.
    pub(super) fn services(&self) -> Result<Vec<Service>> {
        let elsewhere = ALL.iter().filter(|domain| self.roles.has(GATEWAY) && !self.roles.has(domain.role));
        elsewhere.filter_map(|domain| self.upstream(domain).transpose()).collect()
    }

    /// Where a domain is that does not run here. A house may do without any but the one that knows its people.
    fn upstream(&self, domain: &domains::Domain) -> Result<Option<Service>> {
        let (role, url) = (domain.role, &(domain.config)(&self.config).url);
        if url.is_empty() {
            let missing = format!("{role} does not run here, and {role}.url does not say where it does");
            if role == "identity" {
                return Err(Error::internal(missing));
            }
            tracing::warn!("{missing}: its paths are not there");
            return Ok(None);
        }
        let set = &self.config.gateway;
        let (http2, slow) = (set.http2, set.slow);
        let needs = gateway::Needs { metrics: &self.metrics, http2, slow, seed: seed() };
        Ok(Some((role, Upstream::new(role, url.as_str(), &needs)?)))
    }

    /// The routes for operators.
    pub(super) fn system(&self, parts: &[(&'static str, Part)], services: &[Service]) -> Router {
        self.metrics.watch_runtime(tokio::runtime::Handle::current());
        for (role, part) in parts {
            let Ok(store) = self.stores.of(role) else { continue };
            for consumer in &part.consumers {
                groups::show(&self.metrics, &store.stream, &**consumer);
            }
            for total in &part.totals {
                let (stream, tally) = (store.stream.clone(), total.tally);
                let read = move || {
                    let stream = stream.clone();
                    async move { stream.total(tally).await.ok() }.boxed()
                };
                self.metrics.gauge(total.metric, total.help, Arc::new(read));
            }
        }
        for (roles, queue) in self.stores.by_roles() {
            queues::show(&self.metrics, &roles, queue);
        }
        let checks = self.stores.all().map(|store| {
            let db = store.db.clone();
            let run = move || {
                let db = db.clone();
                async move { db.ping().await.map_err(|error| error.to_string()) }.boxed()
            };
            Check { name: "database".into(), required: true, run: Arc::new(run) }
        });
        let fresh = self.fresh.clone();
        let endings = move || std::future::ready(fresh.check()).boxed();
        let endings = Check { name: "identity".into(), required: false, run: Arc::new(endings) };
        api::system::router(System {
            metrics: self.metrics.clone(),
            checks: checks
                .chain([endings, self.cache_check()])
                .chain(self.stores.brokers().all().map(|(_, kafka)| broker_check(kafka)))
                .chain(services.iter().map(service_check))
                .collect(),
            service: self.roles.name(),
            version: env!("CARGO_PKG_VERSION").into(),
        })
    }

    /// Not required: without the cache the house serves on, though not as well.
    fn cache_check(&self) -> Check {
        let cache = self.cache.clone();
        let run = move || {
            let cache = cache.clone();
            async move { cache.ping().await.map_err(|error| error.to_string()) }.boxed()
        };
        Check { name: "cache".into(), required: false, run: Arc::new(run) }
    }

    pub(super) fn tls(&self) -> Option<api::serve::Tls> {
        let (cert, key) = (self.config.tls.cert.clone()?, self.config.tls.key.clone()?);
        Some(api::serve::Tls { cert, key })
    }
}

/// Not required: facts wait in the table.
fn broker_check(kafka: &Kafka) -> Check {
    let kafka = kafka.clone();
    let run = move || {
        let kafka = kafka.clone();
        async move { kafka.ping().await.map_err(|error| error.to_string()) }.boxed()
    };
    Check { name: "broker".into(), required: false, run: Arc::new(run) }
}

/// Not required: everything else goes on without it.
fn service_check((role, upstream): &Service) -> Check {
    let upstream = upstream.clone();
    let run = move || {
        let upstream = upstream.clone();
        async move { upstream.check().await }.boxed()
    };
    Check { name: (*role).into(), required: false, run: Arc::new(run) }
}

/// Paths where nobody's token is renewed in passing: where people say who they are, and what is the same for everybody.
fn is_public(path: &str) -> bool {
    const SAME_FOR_ALL: [&str; 4] = ["/app/assets/", "/swagger", "/.well-known/", "/health"];
    const PAGE: [&str; 3] = ["/", "/app", "/app/"];
    identity::is_door(path)
        || PAGE.contains(&path)
        || SAME_FOR_ALL.iter().any(|start| path.starts_with(start))
}

/// The consumers of these parts, by role.
pub fn consumers(parts: &[(&'static str, Part)]) -> Vec<Served> {
    parts
        .iter()
        .flat_map(|(role, part)| part.consumers.iter().map(|consumer| (*role, consumer.clone())))
        .collect()
}

/// The handlers of jobs of these parts, by role.
pub fn handlers(parts: &[(&'static str, Part)]) -> Vec<Handling> {
    parts
        .iter()
        .flat_map(|(role, part)| part.handlers.iter().map(|handler| (*role, handler.clone())))
        .collect()
}

fn together(parts: Vec<(&'static str, Part)>) -> Router {
    parts.into_iter().fold(Router::new(), |routes, (_, part)| routes.merge(part.router))
}

#[derive(Clone)]
struct Health {
    service: String,
    clock: Arc<dyn Clock>,
}

#[derive(Serialize)]
struct HealthNow {
    status: &'static str,
    service: String,
    timestamp: Timestamp,
}

/// That this process answers; whether it can work is asked on the system port.
async fn health_now(Extension(health): Extension<Health>) -> Json<HealthNow> {
    Json(HealthNow { status: "ok", service: health.service, timestamp: health.clock.now() })
}

#[expect(clippy::disallowed_methods, reason = "the wiring is where random numbers are drawn")]
pub(super) fn seed() -> u64 {
    getrandom::u64().unwrap_or_default()
}
