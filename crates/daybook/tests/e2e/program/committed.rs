//! What is generated and committed: the interface and the help. With `UPDATE=1` they are written anew.

use std::fs;
use std::path::Path;

use super::process::Folder;

/// Every command, as its help is asked for.
const COMMANDS: [&[&str]; 16] = [
    &[],
    &["serve"],
    &["migrate"],
    &["check"],
    &["openapi"],
    &["user"],
    &["user", "create"],
    &["user", "role"],
    &["user", "reset"],
    &["user", "sessions"],
    &["keys"],
    &["keys", "rotate"],
    &["keys", "list"],
    &["facts"],
    &["facts", "parked"],
    &["facts", "replay"],
];

#[track_caller]
fn is_committed(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "docs/{name} is not what the program prints: run the test with UPDATE=1");
}

#[test]
fn the_help_is_committed() {
    let folder = Folder::new();
    let help = COMMANDS.map(|command| {
        let done = folder.run(&[], &[command, &["--help"]].concat());
        let words = [&["daybook"], command].concat().join(" ");
        format!("$ {words} --help\n{}", done.works())
    });
    is_committed("cli.txt", &help.join("\n"));
}

#[test]
fn every_command_is_in_the_help() {
    let folder = Folder::new();
    for above in [&[][..], &["user"], &["keys"], &["facts"]] {
        let done = folder.run(&[], &[above, &["--help"]].concat());
        let listed = done.works().split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
        for line in listed.lines().filter(|line| !line.trim_start().starts_with("help ")) {
            let command = [above, &[line.split_whitespace().next().unwrap()]].concat();
            assert!(COMMANDS.contains(&command.as_slice()), "{command:?} is not in COMMANDS");
        }
    }
}

#[test]
fn the_interface_is_committed() {
    is_committed("openapi.json", Folder::new().run(&[], &["openapi"]).works());
}
