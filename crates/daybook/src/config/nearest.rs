//! "Did you mean …?"

/// From here on a name counts as mistyped rather than invented.
const CLOSE: f64 = 0.6;

/// A name of the right group is worth more than the right name in another one.
const OTHER_GROUP: f64 = 0.85;

/// A hint at the known name that is most like an unknown one.
///
/// `known` are paths as in `tokens.access_ttl`; `show` makes of one what the person would write.
pub fn hint<'a>(unknown: &str, known: impl Iterator<Item = &'a str>, show: fn(&str) -> String) -> String {
    let unknown = unknown.to_lowercase();
    let best = known.map(|path| (likeness(&unknown, path), path)).max_by(|(a, _), (b, _)| a.total_cmp(b));
    match best {
        Some((likeness, path)) if likeness >= CLOSE => format!("did you mean `{}`?", show(path)),
        Some((_, path)) => format!("the nearest known one is `{}`", show(path)),
        None => String::new(),
    }
}

fn likeness(unknown: &str, path: &str) -> f64 {
    let whole = strsim::normalized_damerau_levenshtein(unknown, &path.replace('.', separator(unknown)));
    let last = strsim::normalized_damerau_levenshtein(last_part(unknown), last_part(path));
    whole.max(last * OTHER_GROUP)
}

/// Variables have no dots; without this each would count as one mistake.
fn separator(unknown: &str) -> &'static str {
    if unknown.contains('.') { "." } else { "_" }
}

fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint_among(unknown: &str) -> String {
        let known =
            ["listen", "database_url", "system.listen", "tokens.access_ttl", "identity.url", "tasks.url"];
        hint(unknown, known.into_iter(), str::to_owned)
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_setting() {
        assert_eq!(hint_among("listn"), "did you mean `listen`?");
        assert_eq!(hint_among("system.lisen"), "did you mean `system.listen`?");
        assert_eq!(hint_among("sytem.listen"), "did you mean `system.listen`?");
        assert_eq!(hint_among("tsks.url"), "did you mean `tasks.url`?");
    }

    #[test]
    fn a_setting_in_the_wrong_group_is_found() {
        assert_eq!(hint_among("access_ttl"), "did you mean `tokens.access_ttl`?");
        assert_eq!(hint_among("system.access_ttl"), "did you mean `tokens.access_ttl`?");
    }

    #[test]
    fn variables_are_compared_without_regard_to_dots_and_case() {
        assert_eq!(hint_among("TOKENS_ACESS_TTL"), "did you mean `tokens.access_ttl`?");
        assert_eq!(hint_among("listen"), "did you mean `listen`?");
    }

    #[test]
    fn something_quite_different_is_not_put_into_ones_mouth() {
        assert!(hint_among("colour").starts_with("the nearest known one is `"));
    }
}
