use std::fs;
use std::os::unix::fs::symlink;

use super::Place;

fn of_yaml(text: &str) -> String {
    Place::new().yaml(text).errors()
}

fn of_variable(name: &str, value: &str) -> String {
    Place::new().variable(name, value).errors()
}

#[test]
fn an_unknown_setting_in_the_file_is_named_with_its_line_and_the_nearest_one() {
    assert_eq!(
        of_yaml("listn: x\n"),
        "unknown setting `listn` in config.yml, line 1; did you mean `listen`?"
    );
    assert_eq!(
        of_yaml("# mine\nlisten: 127.0.0.1:1\n\nsystem:\n  # nested\n  lisen: x\n"),
        "unknown setting `system.lisen` in config.yml, line 6; did you mean `system.listen`?"
    );
    assert_eq!(
        of_yaml("log: {format: json, levle: info}\n"),
        "unknown setting `log.levle` in config.yml, line 1; did you mean `log.level`?"
    );
    assert_eq!(of_yaml("sytem:\n"), "unknown setting `sytem` in config.yml, line 1; did you mean `system`?");
    assert_eq!(of_yaml("\"log\\nlevel\": x\n").lines().count(), 1);
    assert!(
        of_yaml("17: x\n")
            .starts_with("unknown setting `17` in config.yml, line 1; the nearest known one is `")
    );
}

#[test]
fn an_unknown_variable_is_named_with_its_place_and_the_nearest_one() {
    assert_eq!(
        of_variable("DAYBOOK_LISTN", "x"),
        "unknown variable `DAYBOOK_LISTN` in the environment; did you mean `DAYBOOK_LISTEN`?"
    );
    assert_eq!(
        of_variable("DAYBOOK_Tokens_Access_Ttl", "5m"),
        "unknown variable `DAYBOOK_Tokens_Access_Ttl` in the environment; did you mean `DAYBOOK_TOKENS_ACCESS_TTL`?"
    );
    assert_eq!(
        Place::new().dotenv("A=1\nexport DAYBOOK_DATABSE_URL=memory\n").errors(),
        "unknown variable `DAYBOOK_DATABSE_URL` in .env, line 2; did you mean `DAYBOOK_DATABASE_URL`?"
    );
}

#[test]
fn a_wrong_value_is_told_what_was_expected_with_an_example_and_its_place() {
    assert_eq!(
        of_yaml("tokens:\n  access_ttl: 5 minuts\n"),
        "tokens.access_ttl: \"5 minuts\" is not a duration; write for example 5m (in config.yml, line 2)"
    );
    assert_eq!(
        of_variable("DAYBOOK_TOKENS_ACCESS_TTL", "5"),
        "DAYBOOK_TOKENS_ACCESS_TTL: \"5\" is not a duration; write for example 5m (in the environment)"
    );
    assert_eq!(
        Place::new().dotenv("DAYBOOK_LIMITS_BODY=1MB\n").errors(),
        "DAYBOOK_LIMITS_BODY: \"1MB\" is not a size; write for example 1MiB (in .env, line 1)"
    );
}

/// Each value is refused with these words and with this example.
fn each_refused(cases: &[(&str, &str, &str)]) {
    for (yaml, words, example) in cases {
        let (setting, _) = yaml.split_once(": ").unwrap();
        let sentence = format!("{setting}: {words}; write for example {example} (in config.yml, line 1)");
        assert_eq!(of_yaml(yaml), sentence);
    }
}

#[test]
fn addresses_paths_and_text_say_what_they_take() {
    each_refused(&[
        ("listen: localhost", "\"localhost\" is not an address with a port", "127.0.0.1:8080"),
        ("listen: []", "[] is not a list of addresses", "[127.0.0.1:8080]"),
        ("system.listen: 9464", "9464 is not an address with a port", "127.0.0.1:9464"),
        ("system.listen: [a, b]", "[a, b] is not an address with a port", "127.0.0.1:9464"),
        ("data_dir: 2026", "2026 is not a path", "\"./data\""),
        ("data_dir: {a: b}", "{…} is not a path", "\"./data\""),
        ("tokens.issuer: true", "true is not text", "\"daybook\""),
    ]);
}

#[test]
fn numbers_sizes_and_durations_say_what_they_take() {
    each_refused(&[
        ("database.connections: 0", "0 is not a whole number above zero", "2"),
        ("passwords.passes: 4294967296", "4294967296 is not a whole number above zero", "2"),
        ("database.connections: -1", "-1 is not a whole number above zero", "2"),
        ("limits.headers: 0", "0 is not a size above zero", "1MiB"),
        ("limits.headers: 99999999999GiB", "\"99999999999GiB\" is not a size", "1MiB"),
        ("limits.stop_grace: 0s", "\"0s\" is not a duration above zero", "5m"),
        ("limits.stop_grace: 999999999999999999d", "\"999999999999999999d\" is not a duration", "5m"),
    ]);
}

#[test]
fn choices_origins_and_urls_say_what_they_take() {
    each_refused(&[
        ("log.format: xml", "\"xml\" is not one of text, json", "text"),
        ("log.level: loud", "\"loud\" is not one of error, warn, info, debug", "info"),
        ("cors.origins: ['*']", "\"*\" is not an origin", "http://localhost:3000"),
        ("database_url: oracle://h", "\"oracle://h\" is not a database", "postgres://user:password@host/db"),
        ("cache_url: disk", "\"disk\" is not a cache", "redis://host:6379"),
        ("stream.default: pigeon", "\"pigeon\" is not a way for facts", "kafka://host:9092"),
        (
            "stream.tasks: nats://h:4222",
            "\"nats://h:4222\" is not a way that this Daybook knows; it does not speak NATS",
            "kafka://host:9092",
        ),
        (
            "stream.tasks: kafka+ssl://h",
            "\"kafka+ssl://h\" is not a Kafka without TLS and SASL, the only one this Daybook can speak to",
            "kafka://host:9092",
        ),
        ("stream.partitions: 0", "0 is not a whole number above zero", "2"),
        ("codes.required: maybe", "\"maybe\" is not one of auto, always, never", "auto"),
        ("codes.resend: [1m, 0s]", "\"0s\" is not a duration above zero", "30s"),
        ("codes.resend: []", "[] is not a list of durations", "[30s, 1m]"),
        ("mail.url: imap://h", "\"imap://h\" is not a mail server", "smtp://user:password@host:587"),
        (
            "sms.url: pigeon://us:secret@h",
            "\"pigeon://us:***@h\" is not a provider of text messages",
            "twilio://ACCOUNT:TOKEN@api.twilio.com",
        ),
        ("tasks.url: tasks:80", "\"tasks:80\" is not an HTTP address", "http://task-service:8080"),
    ]);
}

#[test]
fn everything_is_reported_at_once_a_sentence_a_line() {
    let place = Place::new()
        .yaml("listn: x\nlisten: [a, 127.0.0.1:1, b]\ntls: {cert: a.pem}\n")
        .dotenv("DAYBOOK_X=1\nnonsense\n")
        .variable("DAYBOOK_LOG_LEVEL", "loud");
    let errors = place.load().unwrap_err();
    let begins: Vec<&str> =
        errors.sentences().iter().map(|line| line.split([';', '(']).next().unwrap()).collect();
    assert_eq!(
        begins,
        [
            "unknown setting `listn` in config.yml, line 1",
            "no NAME=value in .env, line 2",
            "unknown variable `DAYBOOK_X` in .env, line 1",
            "listen: \"a\" is not an address with a port",
            "listen: \"b\" is not an address with a port",
            "DAYBOOK_LOG_LEVEL: \"loud\" is not one of error, warn, info, debug",
            "tls.cert is set and tls.key is not",
        ]
    );
    assert_eq!(errors.to_string().lines().count(), errors.sentences().len());
}

#[test]
fn a_group_is_not_a_value() {
    assert_eq!(
        of_yaml("tokens: 5m\n"),
        "`tokens` in config.yml, line 1 is a group of settings; write for example `tokens: {issuer: …}`"
    );
}

#[test]
fn a_file_without_settings_is_not_taken_for_an_empty_one() {
    for text in ["just words\n", "- listen\n"] {
        assert_eq!(
            of_yaml(text),
            "config.yml has no settings in it; write for example `log: {level: debug}`"
        );
    }
}

#[test]
fn a_key_twice_names_both_lines() {
    assert_eq!(
        of_yaml("data_dir: a\nlog:\n  level: info\ndata_dir: b\n"),
        "`data_dir` is set twice in config.yml, lines 1 and 4"
    );
    assert_eq!(
        of_yaml("tokens:\n  issuer: a\n  issuer: b\n"),
        "`tokens.issuer` is set twice in config.yml, lines 2 and 3"
    );
    assert_eq!(
        of_yaml("log.level: info\nlog: {level: info}\n"),
        "`log.level` is set twice in config.yml, line 1"
    );
}

#[test]
fn a_tab_is_named_with_its_line() {
    assert_eq!(of_yaml("tokens:\n\tissuer: x\n"), "config.yml, line 2, is indented with a tab; use spaces");
    assert_eq!(of_yaml("log: a\n\tlevel: x\n"), "config.yml, line 2, is indented with a tab; use spaces");
}

#[test]
fn broken_yaml_is_named_with_its_line() {
    assert_eq!(
        of_yaml("log: info\nlisten: [a\n"),
        "config.yml, line 3, is not readable as YAML: did not find expected ',' or ']'"
    );
    assert!(of_yaml("a: 1\n---\nb: 1\n").starts_with("config.yml is not readable as YAML: "));
}

#[test]
fn text_that_is_not_utf_8_is_named_with_its_line() {
    let place = Place::new().file("config.yml", b"log:\n  level: \xff\n").file(".env", b"A=\xff\n");
    assert_eq!(place.errors(), "config.yml, line 2, is not UTF-8 text\n.env, line 1, is not UTF-8 text");
    assert_eq!(
        of_variable("DAYBOOK_DATA_DIR", &String::from_utf8_lossy(b"/srv/\xff")),
        "the value of DAYBOOK_DATA_DIR in the environment is not UTF-8 text"
    );
}

#[test]
fn a_directory_in_the_place_of_a_file_is_named() {
    let place = Place::new();
    fs::create_dir(place.path().join("config.yml")).unwrap();
    fs::create_dir(place.path().join(".env")).unwrap();
    assert_eq!(
        place.errors(),
        "config.yml is a directory; it has to be a file\n.env is a directory; it has to be a file"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let place = Place::new();
    // A link to itself fails for root too, whom permissions do not stop.
    symlink("config.yml", place.path().join("config.yml")).unwrap();
    let errors = place.errors();
    assert!(errors.starts_with("config.yml cannot be read: ") && errors.lines().count() == 1, "{errors}");
}

#[test]
fn a_named_file_that_is_not_there_is_an_error() {
    assert_eq!(Place::new().named("my.yml").errors(), "there is no file my.yml, which --config names");
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    for (text, begin) in [
        ("tls: {cert: a.pem}", "tls.cert is set and tls.key is not"),
        ("tls: {key: a.pem}", "tls.key is set and tls.cert is not"),
        ("listen: 127.0.0.1:9464", "system.listen is one of the addresses of listen"),
        ("tokens: {access_ttl: 7d}", "tokens.access_ttl has to be shorter than tokens.refresh_ttl"),
        ("gateway: {slow: 30s}", "gateway.slow must be less than 30s"),
        ("passwords: {min_length: 129}", "passwords.min_length is above passwords.max_length"),
        ("passwords: {memory: 8KiB, lanes: 2}", "passwords.memory is too small"),
        ("oauth: {vk: {client_id: 17}}", "oauth.public_url is empty"),
        (
            "oauth: {public_url: \"https://a\", facebook: {client_id: a}}",
            "oauth.facebook.client_id is set and",
        ),
        (
            "oauth: {public_url: \"https://a\", oidc: {issuers: [w=https://b]}}",
            "oauth.oidc.issuers, client_ids",
        ),
        ("oauth: {oidc: {client_ids: [w=b]}}", "oauth.oidc.issuers, client_ids"),
        ("oauth: {oidc: {client_secrets: [w=b]}}", "oauth.oidc.issuers, client_ids"),
        (
            "oauth: {public_url: \"https://a\", oidc: {issuers: [gmail=https://b], client_ids: [gmail=c]}}",
            "oauth.oidc.issuers, client_ids",
        ),
    ] {
        let errors = of_yaml(text);
        assert!(errors.starts_with(begin) && errors.lines().count() == 1, "{errors}");
    }
}

#[test]
fn a_value_that_cannot_be_read_is_not_blamed_for_a_contradiction_too() {
    let errors = of_yaml("tls: {cert: a.pem, key: 5}\n");
    assert_eq!(errors, "tls.key: 5 is not a path; write for example \"./data\" (in config.yml, line 1)");
}

#[test]
fn no_error_shows_a_password() {
    let place = Place::new()
        .yaml("database_url: postgress://user:secret@host/db\nlisten: [redis://:secret@host]\nlog: {level: [a:secret@b]}\n")
        .dotenv("DAYBOOK_DATABASE_URL=postgres://user:secret phrase@host/db\n")
        .variable("DAYBOOK_CACHE_URL", "redis//:secret@host")
        .variable("DAYBOOK_CAHE_URL", "redis://:secret@host");
    let errors = place.errors();
    assert_eq!(errors.lines().count(), 6, "{errors}");
    assert!(!errors.contains("secret") && errors.contains("postgress://user:***@host/db"), "{errors}");
    let broken = of_yaml("database_url: !!int postgres://user:secret@host/db\n");
    assert!(!broken.contains("secret"), "{broken}");
}

#[test]
fn providers_say_what_they_take_and_never_show_a_secret() {
    each_refused(&[
        (
            "oauth.google.issuer: http://id.example",
            "\"http://id.example\" is not an https:// address",
            "https://id.example.org",
        ),
        ("oauth.vk.token_url: \"\"", "\"\" is not an https:// address", "https://id.example.org"),
        ("oauth.vk.client_id: 1.10", "1.1 is not text", "\"daybook\""),
        ("oauth.vk.scopes: [a b]", "\"a b\" is not a word", "email"),
        (
            "oauth.oidc.issuers: [Work=https://id.example]",
            "\"Work=https://id.example\" is not name=https://…, the name in small letters",
            "work=https://id.example.org",
        ),
        (
            "oauth.oidc.client_ids: [work]",
            "\"work\" is not name=value, the name in small letters",
            "work=daybook",
        ),
    ]);
    for hidden in ["oauth: {google: {client_secret: 1234567}}", "oauth: {oidc: {client_secrets: [hunter2]}}"]
    {
        let errors = of_yaml(hidden);
        assert!(
            errors.contains("***") && !errors.contains("hunter2") && !errors.contains("1234567"),
            "{errors}"
        );
    }
}
