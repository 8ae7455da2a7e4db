//! The house has floors, and a crate stands only on what is below it.

use super::sources::{File, files};
use super::toml::{Entry, entries};
use super::verdict;

/// Where each crate lives. Those that are not built yet have their place already.
const FLOORS: [(&str, u8); 17] = [
    ("types", 0),
    ("db", 1),
    ("cache", 1),
    ("stream", 2),
    ("api", 2),
    ("jobs", 3),
    ("part", 4),
    ("identity", 5),
    ("calendar", 5),
    ("tasks", 5),
    ("messenger", 5),
    ("orders", 5),
    ("notify", 5),
    ("gateway", 6),
    ("web", 6),
    ("daybook", 7),
    // Above the house, since only tests may enter it from below.
    ("testkit", 8),
];

/// What `types` would do I/O with.
const IO: [&str; 14] = [
    "tokio",
    "axum",
    "hyper",
    "hyper-util",
    "tower",
    "rustls",
    "tokio-rustls",
    "rustix",
    "rusqlite",
    "tokio-postgres",
    "mysql_async",
    "redis",
    "getrandom",
    "tracing-subscriber",
];

fn floor(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor)
}

/// The manifests of the house's crates.
pub fn manifests() -> impl Iterator<Item = &'static File> {
    files().iter().filter(|file| {
        file.parts().len() == 3 && file.path.starts_with("crates/") && file.name() == "Cargo.toml"
    })
}

#[test]
fn every_crate_has_a_floor() {
    let homeless = manifests().filter(|file| floor(file.crate_name()).is_none());
    verdict::nothing(homeless.map(|file| verdict::at(&file.path, 1, "give the crate its floor in FLOORS")));
}

#[test]
fn a_crate_depends_only_on_lower_floors() {
    verdict::nothing(manifests().flat_map(|file| {
        let own = floor(file.crate_name()).unwrap_or_default();
        let climbs = entries(file).into_iter().filter(Entry::is_built_in);
        climbs.filter_map(move |entry| {
            let other = floor(entry.name()).filter(|other| *other >= own)?;
            let advice = format!(
                "floor {own} may not stand on `{}` of floor {other}: use a trait or a fact",
                entry.name()
            );
            Some(verdict::at(&file.path, entry.line, advice))
        })
    }));
}

#[test]
fn the_lowest_floor_does_no_io() {
    let types = manifests().filter(|file| file.crate_name() == "types");
    verdict::nothing(types.flat_map(|file| {
        let built_in = entries(file).into_iter().filter(Entry::is_built_in);
        let outward = built_in.filter(|entry| IO.contains(&entry.name()));
        outward.map(|entry| {
            verdict::at(&file.path, entry.line, format!("`types` does no I/O: take `{}` out", entry.name()))
        })
    }));
}
