//! Words of titles and notes, folded so that they are found however they are written: `Straße` is `strasse`, `Ёлка` is
//! `елка`, `Crème` is `creme`. Scripts that do not part their words are cut into pairs of letters.

mod follower;
mod store;

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use self::follower::Words;

/// Letters of a word; what is longer is known by its beginning.
const LETTERS: usize = 64;
/// Different words of a task; more are not found by.
const WORDS: usize = 500;

/// The words by which a task is found.
pub fn of_task(title: &str, note: Option<&str>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for text in [Some(title), note].into_iter().flatten() {
        split(&folded(text), |piece| {
            if words.len() < WORDS {
                match piece {
                    Piece::Word(word) => words.insert(cut(word)),
                    // `l'eau` is found by `eau` too.
                    Piece::Tail(tail) => words.insert(cut(tail)),
                    Piece::Pair(pair) | Piece::Last(pair) => words.insert(pair.to_owned()),
                };
            }
            words.len() < WORDS
        });
    }
    words
}

/// What a task's words must begin with to be found, each said once, the longest first.
pub fn asked(query: &str) -> Vec<String> {
    let (mut begins, mut paired) = (Vec::new(), false);
    split(&folded(query), |piece| {
        match piece {
            Piece::Word(word) => begins.push(cut(word)),
            Piece::Pair(pair) => begins.push(pair.to_owned()),
            // Alone it is looked for; in a pair it has been.
            Piece::Last(last) if !paired => begins.push(last.to_owned()),
            Piece::Last(_) | Piece::Tail(_) => {}
        }
        paired = matches!(piece, Piece::Pair(_));
        true
    });
    begins.sort_by_key(|begin| std::cmp::Reverse(begin.len()));
    let mut needed: Vec<String> = Vec::new();
    for begin in begins {
        if !needed.iter().any(|longer| longer.starts_with(&begin)) {
            needed.push(begin);
        }
    }
    needed
}

/// As they are kept, with spaces between.
pub fn joined(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Whether among these words, which have spaces between, there are some that begin so, for each of them.
pub fn has_all(words: &str, begins: &[String]) -> bool {
    begins.iter().all(|begin| words.split(' ').any(|word| word.starts_with(begin)))
}

/// A part of a folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'t> {
    Word(&'t str),
    /// What stands behind an apostrophe in the word before it.
    Tail(&'t str),
    /// Two letters of a script without spaces.
    Pair(&'t str),
    /// The last letter before something else.
    Last(&'t str),
}

/// Hands on piece by piece, for as long as more are wanted.
fn split(text: &str, mut each: impl FnMut(Piece<'_>) -> bool) {
    for run in text.split(|letter| !is_letter(letter) && !is_apostrophe(letter)) {
        for stretch in stretches(run) {
            let goes_on = if stretch.starts_with(is_unparted) {
                pairs(stretch, &mut each)
            } else {
                word(stretch, &mut each)
            };
            if !goes_on {
                return;
            }
        }
    }
}

/// Letters of scripts that part their words, and of those that do not.
fn stretches(run: &str) -> impl Iterator<Item = &str> {
    let mut rest = run;
    std::iter::from_fn(move || {
        let is_first = is_unparted(rest.chars().next()?);
        let end = rest.find(|letter| is_unparted(letter) != is_first).unwrap_or(rest.len());
        let (stretch, more) = rest.split_at(end);
        rest = more;
        Some(stretch)
    })
}

fn word(stretch: &str, each: &mut impl FnMut(Piece<'_>) -> bool) -> bool {
    let stretch = stretch.trim_matches(is_apostrophe);
    match stretch.rsplit_once(is_apostrophe) {
        None => stretch.is_empty() || each(Piece::Word(stretch)),
        Some((_, tail)) => {
            let joined: String = stretch.chars().filter(|letter| !is_apostrophe(*letter)).collect();
            each(Piece::Word(&joined)) && each(Piece::Tail(tail))
        }
    }
}

fn pairs(stretch: &str, each: &mut impl FnMut(Piece<'_>) -> bool) -> bool {
    let bounds: Vec<usize> = stretch.char_indices().map(|(at, _)| at).chain([stretch.len()]).collect();
    let goes_on = bounds.windows(3).all(|three| each(Piece::Pair(&stretch[three[0]..three[2]])));
    let last = bounds.len().saturating_sub(2);
    goes_on && each(Piece::Last(&stretch[bounds[last]..]))
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter)
}

/// Those that people type within words; the last one counts as a letter elsewhere.
const fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '\u{2019}' | '\u{2bc}')
}

/// Han, kana, Thai, Lao, Burmese and Khmer.
const fn is_unparted(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn cut(word: &str) -> String {
    word.chars().take(LETTERS).collect()
}

/// Without case and accents. A few letters are others with their marks, and keep them: й, ї and ў, and kana.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut marked = ' ';
    let bare = text.nfkd().filter(move |&letter| {
        if !('\u{300}'..='\u{36f}').contains(&letter) {
            marked = letter;
            return true;
        }
        matches!((marked, letter), ('и' | 'И' | 'у' | 'У', '\u{306}') | ('і' | 'І', '\u{308}'))
    });
    // Upwards first, for what has several small letters, or none that is large: ß, ς, ſ.
    bare.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        joined(&of_task(text, None))
    }

    #[test]
    fn words_are_found_however_they_are_written() {
        for (text, wanted) in [
            ("Buy MILK, milk & 2.5 kg-bread!", "2 5 bread buy kg milk"),
            ("Straße STRASSE straſse", "strasse"),
            ("Müller Mu\u{308}ller Crème", "creme muller"),
            ("Ёлка ЕЛКА Мой мои", "елка мои мой"),
            ("Їжак ЇЖАК і\u{308}жак Іжак", "іжак їжак"),
            ("пам'ять ПАМ’ЯТЬ памʼять", "память ять"),
            ("l'eau 'quoted' rock'n'roll", "eau leau quoted rocknroll roll"),
            ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ"),
            ("ﬁle Ｆｕｌｌ İstanbul", "file full istanbul"),
            ("हिन्दी 한국어", "हिन्दी 한국어"),
            ("", ""),
            ("— ' … '' 🎉", ""),
        ] {
            assert_eq!(words(text), wanted, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_pairs() {
        assert_eq!(words("买牛奶x"), "x 买牛 奶 牛奶");
        assert_eq!(words("が"), "が");
        assert_eq!((asked("奶"), asked("买牛奶")), (vec!["奶".into()], vec!["买牛".into(), "牛奶".into()]));
        assert_eq!(asked("牛奶 买"), ["牛奶", "买"]);
        let found = words("今天买牛奶");
        for query in ["牛", "奶", "牛奶", "天买牛", "买 今天"] {
            assert!(has_all(&found, &asked(query)), "{query}");
        }
    }

    #[test]
    fn a_query_says_nothing_twice() {
        assert_eq!(asked("Mi milk MIL bread"), ["bread", "milk"]);
        assert_eq!(asked("пам'ять"), ["память"]);
        assert_eq!(asked(" … "), [""; 0]);
    }

    #[test]
    fn a_task_has_so_many_words_at_the_most_and_none_is_longer() {
        let note: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
        let words = of_task("title", Some(&note.join(" ")));
        assert!(words.len() == WORDS && words.contains("title"));
        let long = "ї".repeat(500);
        assert!(of_task(&long, None).iter().all(|word| word.chars().count() == LETTERS));
        assert_eq!(asked(&long), ["ї".repeat(LETTERS)]);
        assert_eq!(of_task(&"买".repeat(500), None).len(), 2);
    }
}
