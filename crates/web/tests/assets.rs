//! What the files of the pages promise each other, and the habits they keep.

#![cfg(test)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Name and content of the files with this ending.
fn files(ending: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let named = all.map(|file| (file.file_name().into_string().unwrap(), file.path()));
    let wanted = named.filter(|(name, _)| name.ends_with(ending));
    wanted.map(|(name, path)| (name, fs::read_to_string(path).unwrap())).collect()
}

/// What stands between each `before` and the next `after`.
fn between<'a>(text: &'a str, before: &'a str, after: char) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).filter_map(move |rest| rest.split(after).next())
}

/// The keys of one language in `texts.js`, where each has a line of its own.
fn keys(language: &str) -> Vec<String> {
    let texts = &files("texts.js")["texts.js"];
    let table =
        texts.split_once(&format!("const {language} = {{\n")).unwrap().1.split_once("\n};").unwrap().0;
    let pairs = table.lines().map(|line| line.trim().split_once(": ").unwrap());
    pairs
        .map(|(key, sentence)| {
            assert!(sentence.len() > r#""","#.len(), "{language}.{key} says nothing");
            key.to_owned()
        })
        .collect()
}

/// Everything that could name a text: attributes of the markup, string literals of the modules.
fn named_texts() -> (BTreeSet<String>, BTreeSet<String>) {
    let html = &files("index.html")["index.html"];
    let attributes = ["data-text=\"", "data-label=\"", "data-hint=\""];
    let markup = attributes.iter().flat_map(|attribute| between(html, attribute, '"'));
    let modules = files(".js").into_iter().filter(|(name, _)| name != "texts.js");
    let literals = modules
        .flat_map(|(_, code)| code.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    (markup.map(str::to_owned).collect(), literals.collect())
}

#[test]
fn every_text_exists_in_all_three_languages() {
    let english = keys("en");
    assert_eq!(english.iter().collect::<BTreeSet<_>>().len(), english.len(), "a key is there twice");
    assert_eq!(english, keys("uk"));
    assert_eq!(english, keys("ru"));
}

#[test]
fn every_text_is_used_and_every_used_text_exists() {
    let known: BTreeSet<_> = keys("en").into_iter().collect();
    let (markup, literals) = named_texts();
    assert_eq!(markup.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "not in texts.js");
    let used: BTreeSet<_> = markup.union(&literals).cloned().collect();
    assert_eq!(known.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "used nowhere");
    for (name, code) in files(".js") {
        for key in between(&code, "text(\"", '"') {
            assert!(known.contains(key), "{name} says {key}, which is not in texts.js");
        }
    }
}

#[test]
fn everything_the_pages_ask_for_is_there() {
    let html = &files("index.html")["index.html"];
    let there = files("");
    let asked = between(html, "/app/assets/", '"').map(|name| ("index.html".to_owned(), name.to_owned()));
    let modules = files(".js");
    let imported = modules
        .iter()
        .flat_map(|(by, code)| between(code, "\"./", '"').map(move |name| (by.clone(), name.to_owned())));
    for (by, name) in asked.chain(imported) {
        assert!(there.contains_key(&name), "{by} asks for {name}");
    }
    for name in modules.keys().chain(files(".css").keys()) {
        assert!(html.contains(&format!("/app/assets/{name}\"")), "index.html does not load {name}");
    }
}

#[test]
fn a_component_is_short_and_has_a_style_of_its_name() {
    let styles = files(".css");
    for (name, code) in files(".js").iter().filter(|(name, _)| name.contains('-')) {
        let tag = name.strip_suffix(".js").unwrap();
        assert!(code.lines().count() <= 100, "{name} is longer than 100 lines");
        assert!(code.contains(&format!("customElements.define(\"{tag}\"")), "{name} defines no {tag}");
        assert!(styles.contains_key(&format!("{tag}.css")), "{tag} has no style");
    }
}

#[test]
fn markup_is_never_made_from_strings() {
    for (name, code) in files(".js") {
        for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"]
        {
            assert!(!code.contains(way), "{name} uses {way}");
        }
    }
}

#[test]
fn the_page_has_no_inline_script_or_style() {
    let html = &files("index.html")["index.html"];
    for inline in [" style=", "<style", " onclick=", " onload=", "javascript:", "<script>"] {
        assert!(!html.contains(inline), "index.html has {inline}");
    }
}

#[test]
fn colours_are_named_in_the_theme_alone() {
    for (name, style) in files(".css").iter().filter(|(name, _)| *name != "theme.css") {
        for value in [": #", " #0", " #f", "rgb(", "hsl("] {
            assert!(!style.contains(value), "{name} has a colour of its own: {value}");
        }
    }
}

#[test]
fn every_name_used_in_a_style_is_in_the_theme() {
    let styles = files(".css");
    for (name, style) in &styles {
        for variable in between(style, "var(", ')') {
            assert!(styles["theme.css"].contains(&format!("{variable}:")), "{name} uses {variable}");
        }
    }
}
