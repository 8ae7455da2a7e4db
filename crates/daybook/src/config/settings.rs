//! The table of settings: one line each. The comment above a line is what `config.example.yml` says.

mod oauth;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use api::log::Format;
use jobs::errands::email::Recipients;
use tracing::Level;

use super::parse::{
    When, address, addresses, cache, count, database, duration, durations, level, log_format, mail,
    optional_path, optional_text, origins, path, recipients, service, size, sms, some, stream, text, topic,
    when, words, yes_no,
};
use super::raw::Raw;
use super::table::{Group, Key, Kind, default, join, settings};
use super::url::Url;

pub use oauth::{Facebook, Google, Oauth, Oidc, Vk, Yandex};

settings! {
    /// All that can be set about a Daybook.
    Config {
        /// Addresses on which the house answers its users.
        listen: Vec<SocketAddr> = addresses(["127.0.0.1:8080"]),
        /// The folder that holds everything Daybook keeps on disk. One process owns it.
        data_dir: PathBuf = path("./data"),
        /// Where data lives: empty for the embedded engine in `data_dir`, `memory` for nothing on disk at all,
        /// `sqlite:PATH` for an embedded file elsewhere, or a server: `postgres://user:password@host/db`, `mysql://…`.
        database_url: Url = database(""),
        /// Where short-lived state lives: `memory`, or a server (Redis 6 or newer) when several processes share it:
        /// `redis://user:password@host:6379/0`, with TLS `rediss://…`. While it is away the house serves on, degraded.
        cache_url: Url = cache("memory"),
    } with {
        /// The database connection.
        database: Database,
        /// How facts travel from the write they tell of to those who act on them.
        stream: Stream,
        /// The endpoint for operators: `/metrics`, `/system`, `/health/live`, `/health/ready`.
        system: System,
        /// The log.
        log: Log,
        /// TLS on the addresses of `listen`; both files are read again when they change.
        tls: Tls,
        /// Proxies before the house, nginx for example.
        proxies: Proxies,
        /// Calls from pages of other origins.
        cors: Cors,
        /// What a client may ask of the house.
        limits: Limits,
        /// How often a client may ask; whoever asks more often gets 429 and is told when to come again. Processes that share
        /// a cache count together, and while it is away each alone. What is said on a web socket counts like a request. From this
        /// machine itself only failures to sign in count.
        rates: Rates,
        /// Access and refresh tokens.
        tokens: Tokens,
        /// Which passwords are taken, and what hashing one (argon2id) costs.
        passwords: Passwords,
        /// How often people may fail to log in; whoever fails more often waits for the next window, and gets 429. Where an
        /// account has a living session, others' failures do not count. Failures are counted in the cache, and while
        /// that is away by each process alone.
        logins: Logins,
        /// One-time codes that prove an e-mail address or a phone number.
        codes: Codes,
        /// Mail to people. Without a server letters land as files in `outbox` in `data_dir`.
        mail: Mail,
        /// Text messages to people. Without a provider they land as files in `outbox` in `data_dir`.
        sms: Sms,
        /// Signing in by the word of a provider, at `/auth/oauth/PROVIDER`.
        oauth: Oauth,
        /// Jobs: what each process does of them.
        work: Work,
        /// Webhooks: jobs by which people have another server told.
        webhooks: Webhooks,
        /// The role `gateway`: the way to the services that run in other processes.
        gateway: Gateway,
        /// What people are shown of several roles at once, at `/api/v1/home`.
        home: Home,
        /// The role `identity`: accounts, sessions and keys.
        identity: Role,
        /// The role `tasks`.
        tasks: Role,
        /// The role `messenger`: chats and messages.
        messenger: Role,
        /// The role `jobs`: the queue's door, where people put work of their own to be done later.
        jobs: Role,
    }
}

settings! {
    /// The database connection.
    Database {
        /// Connections to a database server, at most; the embedded engine does not need them. More than four for each core of
        /// the server are slower, not faster.
        connections: usize = count("8"),
    }
}

settings! {
    /// How facts travel.
    Stream {
        /// The way of every topic that has none of its own below: `table` (in the database alone), or by way of a broker:
        /// `kafka://host:9092,host:9092`. Houses that share a cluster each take a prefix of their own for the names of
        /// their topics and groups: `kafka://host:9092/prefix`. While it is away, facts wait in the table.
        default: Url = stream("table"),
        /// The way of the topic `accounts`: what happens to accounts and sessions, and letters that are due. A role with a
        /// database of its own hears by a broker alone that somebody is gone.
        accounts: Url = topic(""),
        /// The way of the topic `tasks`: what happens to tasks.
        tasks: Url = topic(""),
        /// The way of the topic `messages`: what happens in chats. A message is processed when it comes by it.
        messages: Url = topic(""),
        /// The way of the topic `jobs`: which jobs are due.
        jobs: Url = topic(""),
        /// How many partitions a topic gets that does not exist yet. A group of consumers never has more processes at work.
        partitions: u16 = count("8"),
        /// How long facts are kept that everybody has acted on. A client that asks what changed since longer ago is told
        /// to start over.
        keep: Duration = duration("7d"),
    }
}

settings! {
    /// The endpoint for operators.
    System {
        /// Its address. It knows no login: keep it on a private network.
        listen: SocketAddr = address("127.0.0.1:9464"),
    }
}

settings! {
    /// The log.
    Log {
        /// `text` (a record a line, `key: value` between tabs) or `json` (an object a line).
        format: Format = log_format("text"),
        /// The least serious records that are written: `error`, `warn`, `info` or `debug`.
        level: Level = level("info"),
    }
}

settings! {
    /// TLS on the addresses of `listen`.
    Tls {
        /// The file with the certificate and its chain, PEM. Empty: no TLS.
        cert: Option<PathBuf> = optional_path(""),
        /// The file with the certificate's private key, PEM.
        key: Option<PathBuf> = optional_path(""),
    }
}

settings! {
    /// Proxies before the house.
    Proxies {
        /// How many stand one behind the other before every client. That many entries of `X-Forwarded-For` are
        /// believed, counted from the right, and what the proxies say in `X-Forwarded-Proto` and `X-Forwarded-Host`:
        /// have them set all three. With 0 these headers are worth nothing, and a client's address is that of its
        /// connection. Too few, and all clients look like one address; too many, and each can choose its own.
        trusted: usize = some("0"),
    }
}

settings! {
    /// Calls from pages of other origins.
    Cors {
        /// Origins whose pages may call the house with credentials.
        origins: Vec<String> = origins(["http://localhost:3000"]),
    }
}

settings! {
    /// What a client may ask of the house.
    Limits {
        /// The largest body of a request.
        body: usize = size("1MiB"),
        /// The largest body that brings many jobs at once. One process reads no more than four such at the same time.
        body_of_many: usize = size("16MiB"),
        /// The largest sum of a request's headers.
        headers: usize = size("32KiB"),
        /// The most requests that are worked on at once by one process. One more is answered with 503 at once; sign-in and
        /// `/health` are the last to be.
        in_flight: usize = count("4096"),
        /// The most streams of events that one person may have open at once. Each takes one of the process's descriptors.
        streams: usize = count("16384"),
        /// How long a web socket may say nothing, not even answer a ping, before it is cut; three seconds at least.
        silence: Duration = duration("1m"),
        /// The most headers in a request.
        header_count: usize = count("100"),
        /// How deeply JSON in a body may be nested.
        json_depth: usize = count("64"),
        /// How long a client may take to send its headers.
        header_timeout: Duration = duration("10s"),
        /// How long a body may take to arrive.
        body_timeout: Duration = duration("30s"),
        /// How long running requests are given to finish when the house stops.
        stop_grace: Duration = duration("30s"),
    }
}

settings! {
    /// How often a client may ask. An IPv6 client is its network (/64).
    Rates {
        /// Whether that is limited at all.
        enabled: bool = yes_no("yes"),
        /// How long a window is. What is allowed in one may come at once, and is earned again over the next.
        window: Duration = duration("1m"),
        /// Requests from one address that change nothing; a family or an office behind one address shares it.
        read_per_address: u32 = count("24000"),
        /// Requests of one user that change nothing.
        read_per_user: u32 = count("12000"),
        /// Requests from one address that change something.
        write_per_address: u32 = count("12000"),
        /// Requests of one user that change something.
        write_per_user: u32 = count("6000"),
        /// Failures to sign in, registrations and codes asked for, from one address.
        sign_in_per_address: u32 = count("120"),
    }
}

settings! {
    /// Access and refresh tokens.
    Tokens {
        /// Who tokens say they come from (`iss`).
        issuer: String = text("daybook"),
        /// Whom tokens say they are for (`aud`).
        audience: String = text("daybook"),
        /// How long an access token is good for.
        access_ttl: Duration = duration("5m"),
        /// How long a refresh token is good for; each use gives a new one.
        refresh_ttl: Duration = duration("7d"),
    }
}

settings! {
    /// Which passwords are taken, and what hashing one costs.
    Passwords {
        /// The fewest characters of a password.
        min_length: usize = count("8"),
        /// The most characters of a password.
        max_length: usize = count("128"),
        /// Memory that one hash takes.
        memory: usize = size("19MiB"),
        /// Passes over that memory.
        passes: u32 = count("2"),
        /// Lanes of one hash.
        lanes: u32 = count("1"),
        /// Threads that hash, at low priority so that logins never starve the rest.
        threads: usize = count("2"),
        /// Hashes that may wait for a thread; one more is answered with 503.
        queue: usize = count("64"),
    }
}

settings! {
    /// How often people may fail to log in.
    Logins {
        /// How long a window is.
        window: Duration = duration("15m"),
        /// Failures for one account from one subnet (IPv4 /24, IPv6 /48).
        per_account_and_subnet: u32 = count("10"),
        /// Failures for one account from anywhere; beyond them one failure closes a subnet to that account.
        per_account: u32 = count("100"),
        /// Failures from one address (IPv6: one /64).
        per_address: u32 = count("200"),
        /// Failures from one subnet.
        per_subnet: u32 = count("1000"),
    }
}

settings! {
    /// One-time codes.
    Codes {
        /// Whether people prove their address to sign up: `always`, `never`, or `auto`, which is when mail or text
        /// messages can be sent.
        required: When = when("auto"),
        /// How long a code is good.
        lifetime: Duration = duration("10m"),
        /// How long to wait before asking for each further code; the last one goes on.
        resend: Vec<Duration> = durations(["30s", "1m", "2m", "5m"]),
        /// Wrong tries that burn a code.
        tries: u32 = count("5"),
        /// Codes that go to one address or number in an hour, at most.
        per_target: u32 = count("10"),
        /// Codes that one client may ask for in an hour, at most; an IPv6 client is its network (/64).
        per_address: u32 = count("30"),
    }
}

settings! {
    /// Mail to people.
    Mail {
        /// The mail server: `smtp://user:password@host:587` (with STARTTLS) or `smtps://user:password@host`. With
        /// `?tls=none`, and on this machine, TLS is left out. Empty: there is none.
        url: Url = mail(""),
        /// Whom letters come from, for example `Daybook <no-reply@example.org>`.
        from: String = optional_text(""),
    }
}

settings! {
    /// Text messages to people.
    Sms {
        /// The provider: `twilio://ACCOUNT:TOKEN@api.twilio.com` or `smsc://login:password@smsc.ua`. Empty: there is none.
        url: Url = sms(""),
        /// Whom messages come from: a number, a name, or a messaging service of Twilio's.
        from: String = optional_text(""),
    }
}

settings! {
    /// What each process does of the jobs of its roles.
    Work {
        /// How many jobs it has at work at once.
        room: usize = count("1000"),
        /// Whom people may have letters sent to by jobs of the kind `email`: `own` (themselves, at an address that they
        /// have proved to be theirs) or `anyone`, which is for houses where everybody is trusted not to send spam.
        email_to: Recipients = recipients("own"),
        /// How long jobs that are done are kept, with what came of them.
        keep: Duration = duration("7d"),
        /// How long those are kept that failed for good or were called off.
        keep_failed: Duration = duration("30d"),
    }
}

settings! {
    /// Webhooks.
    Webhooks {
        /// What may be called beyond the open internet: networks (`10.1.0.0/16`), addresses, and hosts by their whole
        /// name. Everybody who has an account reaches them through the house.
        allow: Vec<String> = words([]),
        /// How long a call may take, from looking its host up to its answer.
        timeout: Duration = duration("15s"),
    }
}

settings! {
    /// The way to the services that run in other processes, and what is remembered of what they say.
    Gateway {
        /// Whether they are spoken to over HTTP/2, many requests on one connection, instead of HTTP/1.1.
        http2: bool = yes_no("no"),
        /// An answer that takes longer to begin counts as none. A service of which half the requests fail, or three in a row
        /// hear nothing, is left alone, and its paths answer 503 at once, until it says that it is there again.
        slow: Duration = duration("5s"),
    } with {
        /// A few simple answers (the profile, lists of tasks) are remembered, for each user their own, until that user
        /// writes. One process with everything in it does so in its own memory; several need a `cache_url` that they
        /// share, and without it remember nothing.
        cache: GatewayCache,
    }
}

settings! {
    /// What the gateway remembers.
    GatewayCache {
        /// Whether it does at all.
        enabled: bool = yes_no("yes"),
        /// How long an answer is remembered at most. What changes in another way than by its owner's writes through a
        /// gateway is seen that much later, and so is a service that has died.
        lifetime: Duration = duration("2s"),
    }
}

settings! {
    /// What people are shown of several roles at once.
    Home {
        /// How long roles are waited for; one that takes longer is missing, and the others are shown.
        deadline: Duration = duration("2s"),
    }
}

settings! {
    /// What is set about a role, whichever it is.
    Role {
        /// Where this role is reached when it runs in another process, for example `http://task-service:8080`.
        url: Url = service(""),
        /// A database of this role's own, written as `database_url` above; empty: it shares that one.
        database_url: Url = database(""),
    }
}
