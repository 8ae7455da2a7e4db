//! What a person reads, in every language of the house at once: a text that lacks one does not compile.

use serde::{Deserialize, Serialize};

/// The languages of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English, also for whoever asks for a language that is not here.
    #[default]
    En,
    /// Ukrainian.
    Uk,
    /// Russian.
    Ru,
}

impl Language {
    /// The best language for an `Accept-Language` header: highest weight first, then the order given.
    pub fn accepted(header: &str) -> Self {
        let mut best = (Self::En, 0.0_f32);
        for part in header.split(',') {
            let mut fields = part.split(';');
            let tag = fields.next().unwrap_or_default().trim();
            let weight =
                fields.find_map(|f| f.trim().strip_prefix("q=")).map_or(Ok(1.0), str::parse).unwrap_or(0.0);
            let primary = tag.split('-').next().unwrap_or_default();
            let Some(language) = Self::tagged(primary) else { continue };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// The language's tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Uk => "uk",
            Self::Ru => "ru",
        }
    }

    /// The language with this tag.
    pub fn tagged(primary: &str) -> Option<Self> {
        [Self::En, Self::Uk, Self::Ru].into_iter().find(|l| l.tag().eq_ignore_ascii_case(primary))
    }
}

/// One sentence in three languages; `{}` marks where an argument goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// A stable name for programs: `task_not_found`.
    pub code: &'static str,
    /// English.
    pub en: &'static str,
    /// Ukrainian.
    pub uk: &'static str,
    /// Russian.
    pub ru: &'static str,
}

impl Text {
    /// The sentence in that language.
    pub const fn get(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Uk => self.uk,
            Language::Ru => self.ru,
        }
    }

    /// The text with these arguments.
    pub fn with<const N: usize>(self, args: [&dyn std::fmt::Display; N]) -> Phrase {
        Phrase { text: self, args: args.iter().map(ToString::to_string).collect() }
    }
}

/// A text and what goes into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The text.
    pub text: Text,
    /// Its arguments, in order.
    pub args: Vec<String>,
}

impl From<Text> for Phrase {
    fn from(text: Text) -> Self {
        Self { text, args: Vec::new() }
    }
}

impl Phrase {
    /// The whole sentence in that language.
    pub fn get(&self, language: Language) -> String {
        let mut args = self.args.iter();
        let mut parts = self.text.get(language).split("{}");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            out.push_str(args.next().map_or("", String::as_str));
            out.push_str(part);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weightiest_known_language_wins() {
        for (header, language) in [
            ("", Language::En),
            ("de", Language::En),
            ("ru", Language::Ru),
            ("uk-UA,uk;q=0.9,en;q=0.8", Language::Uk),
            ("de, en;q=0.3, RU;q=0.7", Language::Ru),
            ("ru;q=0, en", Language::En),
            ("uk;q=nonsense, ru;q=0.1", Language::Ru),
        ] {
            assert_eq!(Language::accepted(header), language, "{header:?}");
        }
    }

    #[test]
    fn arguments_go_where_the_sentence_wants_them() {
        let text = Text {
            code: "between",
            en: "{} to {} signs",
            uk: "від {} до {} знаків",
            ru: "от {} до {} знаков",
        };
        assert_eq!(text.with([&1, &500]).get(Language::Uk), "від 1 до 500 знаків");
    }
}
