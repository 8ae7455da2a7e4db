//! The domains of the house: a line each. A further domain is a line here and its crate.

use db::Migration;
use part::Section;
use stream::Hears;
use types::facts;
use utoipa::openapi::OpenApi;

use crate::config::{Config, Role, Url};

/// The role that has no domain: the door itself.
pub const GATEWAY: &str = "gateway";

/// What is known of a domain without starting it.
#[derive(Clone, Copy)]
pub struct Domain {
    /// Its role's name.
    pub role: &'static str,
    /// What its routes promise.
    pub openapi: fn() -> OpenApi,
    /// What it shows on everybody's home.
    pub sections: &'static [Section],
    /// Its tables.
    pub migrations: &'static [Migration],
    /// What is set about it.
    pub config: fn(&Config) -> &Role,
    /// The topics of its facts.
    pub topics: &'static [Topic],
    /// What it hears of other domains, wherever they tell it.
    pub hears: &'static [Hears],
}

/// A topic of facts. It is told of in the database of its domain.
#[derive(Clone, Copy)]
pub struct Topic {
    /// Its name.
    pub name: &'static str,
    /// Which way is set for it; empty for that of all topics.
    pub way: fn(&Config) -> &Url,
}

/// All of them, in the order in which their tables are made.
pub const ALL: &[Domain] = &[
    Domain {
        role: "identity",
        openapi: identity::openapi,
        sections: identity::SECTIONS,
        migrations: identity::MIGRATIONS,
        config: |config| &config.identity,
        topics: &[Topic { name: facts::accounts::TOPIC, way: |config| &config.stream.accounts }],
        hears: &[],
    },
    Domain {
        role: "tasks",
        openapi: tasks::openapi,
        sections: tasks::SECTIONS,
        migrations: tasks::MIGRATIONS,
        config: |config| &config.tasks,
        topics: &[Topic { name: facts::tasks::TOPIC, way: |config| &config.stream.tasks }],
        hears: tasks::HEARS,
    },
    Domain {
        role: "messenger",
        openapi: messenger::openapi,
        sections: messenger::SECTIONS,
        migrations: messenger::MIGRATIONS,
        config: |config| &config.messenger,
        topics: &[Topic { name: facts::messages::TOPIC, way: |config| &config.stream.messages }],
        hears: messenger::HEARS,
    },
    Domain {
        role: "jobs",
        openapi: jobs::door::openapi,
        sections: crate::house::JOBS,
        // Every database has them.
        migrations: &[],
        config: |config| &config.jobs,
        topics: &[Topic { name: facts::jobs::TOPIC, way: |config| &config.stream.jobs }],
        hears: jobs::HEARS,
    },
];

/// A topic that some domains hear and another one tells, in another database than theirs.
pub struct Foreign {
    /// The topic.
    pub topic: &'static Topic,
    /// The role that tells it.
    pub teller: &'static str,
    /// Those who hear it.
    pub hearers: Vec<&'static str>,
    /// What of it they hear.
    pub kinds: Vec<&'static str>,
}

/// What the domains of one database hear that is told in others.
pub fn foreign(domains: &[&Domain]) -> Vec<Foreign> {
    let is_here = |domain: &Domain| domains.iter().any(|here| here.role == domain.role);
    let others = ALL.iter().filter(|domain| !is_here(domain));
    let told = others.flat_map(|domain| domain.topics.iter().map(|topic| (domain.role, topic)));
    let heard = told.map(|(teller, topic)| {
        let mut foreign = Foreign { topic, teller, hearers: Vec::new(), kinds: Vec::new() };
        for domain in domains {
            let hears = domain.hears.iter().filter(|hears| hears.topic == topic.name);
            for kind in hears.flat_map(|hears| hears.kinds) {
                foreign.hearers.push(domain.role);
                foreign.kinds.push(*kind);
            }
        }
        foreign.hearers.dedup();
        foreign.kinds.sort_unstable();
        foreign.kinds.dedup();
        foreign
    });
    heard.filter(|foreign| !foreign.hearers.is_empty()).collect()
}

/// The roles of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(Vec<&'static str>);

impl Roles {
    /// The named ones, or all of them when none is named.
    pub fn named(names: &[String]) -> Result<Self, String> {
        let known: Vec<&'static str> =
            [GATEWAY].into_iter().chain(ALL.iter().map(|domain| domain.role)).collect();
        if names.is_empty() {
            return Ok(Self(known));
        }
        let find = |name: &String| {
            let found = known.iter().find(|role| *role == name).copied();
            found.ok_or_else(|| format!("there is no role {name:?}; the roles are {}", known.join(", ")))
        };
        names.iter().map(find).collect::<Result<_, _>>().map(Self)
    }

    /// Whether this one runs here.
    pub fn has(&self, role: &str) -> bool {
        self.0.contains(&role)
    }

    /// The domains that run here.
    pub fn domains(&self) -> impl Iterator<Item = &'static Domain> {
        ALL.iter().filter(|domain| self.has(domain.role))
    }

    /// Their names, as one word.
    pub fn name(&self) -> String {
        self.0.join("+")
    }
}

/// The tables of these domains, and those that every database of the house has.
pub fn migrations<'d>(domains: impl IntoIterator<Item = &'d Domain>) -> Vec<Migration> {
    let own = domains.into_iter().flat_map(|domain| domain.migrations);
    let each = [db::MIGRATIONS, stream::MIGRATIONS, api::MIGRATIONS, jobs::MIGRATIONS];
    each.into_iter().flatten().chain(own).copied().collect()
}

/// What the whole house promises.
pub fn openapi() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(info(title = "Daybook", description = "A self-hosted workspace behind one login"))]
    struct Base;
    let base = <Base as utoipa::OpenApi>::openapi();
    let home = gateway::Home::openapi(ALL.iter().flat_map(|domain| domain.sections));
    ALL.iter().fold(base.merge_from(home), |all, domain| all.merge_from((domain.openapi)()))
}
