//! The passwords that are tried first.

use std::collections::HashSet;
use std::sync::LazyLock;

/// One a line; lines that say where they come from begin with `# `, which none of them does.
const LIST: &str = include_str!("commonest.txt");

static COMMONEST: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| LIST.lines().filter(|line| !line.starts_with("# ")).collect());

/// Whether this is one of the 10,000 commonest passwords, in whatever case.
pub fn is_common(password: &str) -> bool {
    COMMONEST.contains(password.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_thousand_commonest_are_known_in_any_case() {
        assert_eq!(COMMONEST.len(), 10_000);
        for common in ["password1", "12345678", "QwertyUiop", "iloveyou", "1q2w3e4r5t"] {
            assert!(is_common(common), "{common}");
        }
        for rare in ["correct horse battery", "# The 10,000 commonest passwords", ""] {
            assert!(!is_common(rare), "{rare}");
        }
    }
}
