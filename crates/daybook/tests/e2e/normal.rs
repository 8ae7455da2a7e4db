//! Answers with what must differ between two runs taken out, so that everything else can be compared byte for byte.

use super::client::Answer;

/// Numbers with at least so many digits are ids.
const DIGITS: usize = 12;

/// Characters of a refresh token.
const REFRESH: usize = 96;

/// Names ids in the order in which they turn up.
#[derive(Default)]
pub struct Normal {
    ids: Vec<String>,
}

impl Normal {
    /// The status, the headers and the body, a line each.
    pub fn of(&mut self, answer: &Answer) -> String {
        let mut lines: Vec<String> = answer
            .headers
            .iter()
            // The time of day is the machine's, `connection` speaks of one hop, and what is remembered depends on where
            // the roles are.
            .filter(|(name, _)| !["date", "connection", "cache-status", "age"].contains(&name.as_str()))
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                match name.as_str() {
                    // An id may have a digit more.
                    "content-length" => {
                        format!("content-length: {}", if answer.body.is_empty() { &*value } else { "right" })
                    }
                    // A long one is made from keys, which each house has of its own; a short one is a version.
                    "etag" if value.len() > DIGITS => "etag: right".to_owned(),
                    _ => format!("{name}: {}", self.text(&value)),
                }
            })
            .collect();
        if let Some(length) = answer.headers.get("content-length").filter(|_| !answer.body.is_empty()) {
            assert_eq!(length.to_str().unwrap(), answer.body.len().to_string(), "{answer:?}");
        }
        lines.sort();
        lines.insert(0, answer.status.to_string());
        lines.push(self.text(&String::from_utf8_lossy(&answer.body)));
        lines.join("\n")
    }

    /// Ids, tokens and keys by name.
    fn text(&mut self, text: &str) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(first) = rest.chars().next() {
            let is_base64 = |letter: char| rest.starts_with("whsec_") && matches!(letter, '+' | '/' | '=');
            let is_word = |letter: char| {
                letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.') || is_base64(letter)
            };
            let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()).max(first.len_utf8());
            let (word, more) = rest.split_at(length);
            out.push_str(&self.word(word));
            rest = more;
        }
        out
    }

    fn word(&mut self, word: &str) -> String {
        if word.len() >= DIGITS && word.bytes().all(|byte| byte.is_ascii_digit()) {
            let known = self.ids.iter().position(|id| id == word);
            let at = known.unwrap_or_else(|| {
                self.ids.push(word.to_owned());
                self.ids.len() - 1
            });
            return format!("<id {at}>");
        }
        match word {
            _ if word.starts_with("whsec_") => "<webhook secret>".to_owned(),
            _ if word.starts_with("eyJ") => "<token>".to_owned(),
            _ if word.len() == REFRESH => "<refresh token>".to_owned(),
            _ if word.starts_with("1-") && word.len() == 18 => "<kid>".to_owned(),
            _ if word.len() == 43 => "<key>".to_owned(),
            _ => word.to_owned(),
        }
    }
}
