use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use api::log::Format;
use tracing::Level;

use super::super::table::Table;
use super::super::{Config, Sources, When, variables};
use super::Place;

#[test]
fn without_any_source_every_setting_has_its_default() {
    let config = Place::new().config();
    assert_eq!(config, Config::default());
    assert_eq!(config.listen, ["127.0.0.1:8080".parse().unwrap()]);
    assert_eq!(config.system.listen.to_string(), "127.0.0.1:9464");
    assert_eq!(config.data_dir, Path::new("./data"));
    assert!(config.database_url.is_empty());
    assert_eq!(config.database.connections, 8);
    assert_eq!((config.cache_url.as_str(), config.stream.default.as_str()), ("memory", "table"));
    assert_eq!((config.log.format, config.log.level), (Format::Text, Level::INFO));
    assert_eq!((config.tls.cert, config.tls.key), (None, None));
    assert_eq!(config.cors.origins, ["http://localhost:3000"]);
    assert_eq!((config.limits.body, config.limits.headers), (1024 * 1024, 32 * 1024));
    assert_eq!(config.limits.stop_grace, Duration::from_secs(30));
    assert_eq!(config.tokens.access_ttl, Duration::from_mins(5));
    assert_eq!(config.tokens.refresh_ttl, Duration::from_hours(7 * 24));
    assert_eq!((config.passwords.memory, config.passwords.passes, config.passwords.lanes), (19 << 20, 2, 1));
}

#[test]
fn the_file_gives_way_to_dotenv_and_dotenv_to_the_environment() {
    let place = Place::new()
        .yaml("tokens: {issuer: file, audience: file, access_ttl: 1m}\n")
        .dotenv("DAYBOOK_TOKENS_AUDIENCE=dotenv\nDAYBOOK_TOKENS_ACCESS_TTL=2m\n")
        .variable("DAYBOOK_TOKENS_ACCESS_TTL", "3m");
    let tokens = place.config().tokens;
    assert_eq!((tokens.issuer.as_str(), tokens.audience.as_str()), ("file", "dotenv"));
    assert_eq!(tokens.access_ttl, Duration::from_mins(3));
}

#[test]
fn a_named_file_takes_the_place_of_the_usual_one() {
    let place = Place::new()
        .yaml("database: {connections: 1}\n")
        .file("other.yml", "database: {connections: 2}\n")
        .named("other.yml");
    assert_eq!(place.config().database.connections, 2);
    let absolute = place.path().join("other.yml");
    assert_eq!(place.named(absolute.to_str().unwrap()).config().database.connections, 2);
}

#[test]
fn variables_with_underscores_in_their_keys_find_their_settings() {
    let config = Place::new()
        .variable("DAYBOOK_DATABASE_URL", "postgresql://user:secret@host/db")
        .variable("DAYBOOK_DATABASE_CONNECTIONS", "3")
        .variable("DAYBOOK_TASKS_DATABASE_URL", "mysql://user:secret@host/db")
        .config();
    assert_eq!(config.database_url.as_str(), "postgresql://user:secret@host/db");
    assert_eq!(config.database.connections, 3);
    assert_eq!(config.tasks.database_url.as_str(), "mysql://user:secret@host/db");
    assert!(config.identity.database_url.is_empty());
}

#[test]
fn every_setting_has_a_variable_of_its_own_that_the_tests_do_not_use() {
    let table = Table::new();
    let names: BTreeSet<String> = table.settings().map(|row| variables::of(&row.path)).collect();
    assert_eq!(names.len(), table.settings().count());
    assert!(names.iter().all(|name| !name.starts_with("DAYBOOK_TEST_")));
}

#[test]
fn lists_are_written_with_brackets_in_the_file_and_with_commas_anywhere() {
    let two = ["127.0.0.1:1", "[::1]:2"];
    let written = [
        Place::new().yaml("listen: [127.0.0.1:1, '[::1]:2']\n"),
        Place::new().yaml("listen:\n  - 127.0.0.1:1\n  - '[::1]:2'\n"),
        Place::new().yaml("listen: 127.0.0.1:1, [::1]:2\n"),
        Place::new().dotenv("DAYBOOK_LISTEN=127.0.0.1:1,[::1]:2\n"),
        Place::new().variable("DAYBOOK_LISTEN", "127.0.0.1:1, [::1]:2,"),
    ];
    for place in written {
        assert_eq!(place.config().listen.iter().map(ToString::to_string).collect::<Vec<_>>(), two);
    }
}

#[test]
fn no_origin_at_all_is_a_list_too_and_origins_are_made_comparable() {
    assert!(Place::new().yaml("cors: {origins: []}\n").config().cors.origins.is_empty());
    let place = Place::new().variable("DAYBOOK_CORS_ORIGINS", "HTTPS://Example.org/,http://localhost:3000");
    assert_eq!(place.config().cors.origins, ["https://example.org", "http://localhost:3000"]);
}

#[test]
fn an_empty_variable_and_a_null_in_the_file_are_not_set() {
    let place = Place::new()
        .yaml("data_dir: /srv\nlisten: null\ntokens:\nlog: {level: ~}\n")
        .dotenv("DAYBOOK_DATA_DIR=\n")
        .variable("DAYBOOK_DATA_DIR", "")
        .variable("DAYBOOK_NO_SUCH_THING", "");
    assert_eq!(place.config(), Config { data_dir: PathBuf::from("/srv"), ..Config::default() });
}

#[test]
fn variables_of_the_test_harness_and_of_other_programs_are_left_alone() {
    let place = Place::new()
        .dotenv("MYSQL_ROOT_PASSWORD='a b'\nDAYBOOK_TEST_MYSQL=x\n")
        .variable("DAYBOOK_TEST_POSTGRES", "postgres://127.0.0.1/test")
        .variable("PATH", "/bin");
    assert_eq!(place.config(), Config::default());
}

#[test]
fn dotenv_takes_quotes_comments_exports_repetitions_and_careless_ends() {
    let place = Place::new().dotenv(
        "\u{feff}# ours\nexport DAYBOOK_TOKENS_ISSUER=\"a house\" # not part of it\n\
         DAYBOOK_TOKENS_AUDIENCE=first\nDAYBOOK_TOKENS_AUDIENCE='last one'\nDAYBOOK_DATA_DIR=/srv ",
    );
    let config = place.config();
    assert_eq!((config.tokens.issuer.as_str(), config.tokens.audience.as_str()), ("a house", "last one"));
    assert_eq!(config.data_dir, Path::new("/srv"));
}

#[test]
fn an_empty_file_and_one_of_comments_change_nothing() {
    for text in ["", "# nothing\n", "---\n", "\u{feff}", "{}"] {
        assert_eq!(Place::new().yaml(text).config(), Config::default());
    }
}

#[test]
fn a_path_with_dots_is_understood_in_the_file_as_in_our_messages() {
    let config = Place::new().yaml("system.listen: 127.0.0.1:1\n").config();
    assert_eq!(config.system.listen.port(), 1);
}

#[test]
fn sizes_durations_and_counts_come_in_their_units() {
    for (written, bytes) in
        [("512", 512), ("512B", 512), ("\"2 KiB\"", 2048), ("3MiB", 3 << 20), ("1GiB", 1 << 30)]
    {
        assert_eq!(Place::new().yaml(&format!("limits: {{body: {written}}}\n")).config().limits.body, bytes);
    }
    for (written, milliseconds) in [("250ms", 250), ("2s", 2_000), ("3m", 180_000), ("4h", 14_400_000)] {
        let limits = Place::new().variable("DAYBOOK_LIMITS_BODY_TIMEOUT", written).config().limits;
        assert_eq!(limits.body_timeout, Duration::from_millis(milliseconds));
    }
    assert_eq!(Place::new().yaml("passwords: {passes: 3}\n").config().passwords.passes, 3);
}

#[test]
fn both_tls_files_together_are_taken() {
    let tls = Place::new().yaml("tls: {cert: a.pem, key: b.pem}\n").config().tls;
    assert_eq!((tls.cert, tls.key), (Some("a.pem".into()), Some("b.pem".into())));
}

#[test]
fn letters_and_codes_are_set_like_everything_else() {
    let config = Place::new()
        .yaml("codes: {required: never, resend: [1s, 2s], tries: 3}\nmail: {from: us@example.org}\n")
        .variable("DAYBOOK_MAIL_URL", "smtps://us:secret@mail.example.org")
        .variable("DAYBOOK_SMS_URL", "smsc://us:secret@smsc.ua")
        .config();
    assert_eq!((config.codes.required, config.codes.tries), (When::Never, 3));
    assert_eq!(config.codes.resend, [1, 2].map(Duration::from_secs));
    assert_eq!(config.mail.url.as_str(), "smtps://us:secret@mail.example.org");
    assert_eq!((config.mail.from.as_str(), config.sms.from.as_str()), ("us@example.org", ""));
}

#[test]
fn a_printed_config_shows_no_password() {
    let place = Place::new()
        .variable("DAYBOOK_DATABASE_URL", "postgres://user:hunter2@host/db")
        .variable("DAYBOOK_MAIL_URL", "smtp://us:hunter2@mail.example.org")
        .variable("DAYBOOK_MAIL_FROM", "us@example.org")
        .variable("DAYBOOK_SMS_URL", "twilio://AC1:hunter2@api.twilio.com")
        .variable("DAYBOOK_OAUTH_GOOGLE_CLIENT_SECRET", "hunter2")
        .yaml(
            "oauth: {oidc: {issuers: [a=https://a.example], client_ids: [a=b], client_secrets: [a=hunter2]}}",
        )
        .variable("DAYBOOK_OAUTH_PUBLIC_URL", "https://daybook.example");
    let config = place.config();
    let shown = format!("{config:#?}");
    assert!(shown.contains("postgres://user:***@host/db") && !shown.contains("hunter2"), "{shown}");
    assert_eq!(config.oauth.oidc.client_secrets[0].1.shown(), Some("hunter2"));
}

#[test]
fn a_process_gives_only_variables_that_are_ours() {
    let sources = Sources::from_process(Some("x.yml".into()));
    assert_eq!(sources.file, Some(PathBuf::from("x.yml")));
    assert!(sources.env.iter().all(|(name, _)| name.starts_with("DAYBOOK_")));
}
