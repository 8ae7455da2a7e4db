//! What letters with codes say.

use std::time::Duration;

use types::{Language, Text};

use crate::codes::CodeDue;
use crate::{Reason, Target};

/// A subject and a text.
pub struct Words {
    /// In a line.
    pub subject: String,
    /// In a few.
    pub text: String,
}

const SUBJECT: Text =
    Text {
        code: "code_subject", en: "Daybook: your code", uk: "Daybook: ваш код", ru: "Daybook: ваш код"
    };
const VERIFY: Text = Text {
    code: "code_verify",
    en: "Your code to confirm this address:",
    uk: "Ваш код для підтвердження цієї адреси:",
    ru: "Ваш код для подтверждения этого адреса:",
};
const VERIFY_NUMBER: Text = Text {
    code: "code_verify_number",
    en: "Your code to confirm this number:",
    uk: "Ваш код для підтвердження цього номера:",
    ru: "Ваш код для подтверждения этого номера:",
};
const REGISTER: Text = Text {
    code: "code_register",
    en: "Your code to sign up to Daybook:",
    uk: "Ваш код для реєстрації в Daybook:",
    ru: "Ваш код для регистрации в Daybook:",
};
const RESET: Text = Text {
    code: "code_reset",
    en: "Your code to set a new password:",
    uk: "Ваш код для встановлення нового пароля:",
    ru: "Ваш код для установки нового пароля:",
};
const LOGIN: Text = Text {
    code: "code_login",
    en: "Your code to sign in to Daybook:",
    uk: "Ваш код для входу в Daybook:",
    ru: "Ваш код для входа в Daybook:",
};
const GOOD_FOR: Text = Text {
    code: "code_good_for",
    en: "It works once, within {} min.",
    uk: "Він діє один раз, протягом {} хв.",
    ru: "Он действует один раз, в течение {} мин.",
};
const ASKED_FROM: Text = Text {
    code: "code_asked_from",
    en: "It was asked for from the address {}.",
    uk: "Його запитали з адреси {}.",
    ru: "Его запросили с адреса {}.",
};
const NOT_YOU: Text = Text {
    code: "code_not_you",
    en: "If that was not you, ignore this letter. Give the code to nobody: Daybook never asks for it.",
    uk: "Якщо це були не ви, просто не зважайте на цей лист. Нікому не повідомляйте код: Daybook ніколи про нього не питає.",
    ru: "Если это были не вы, просто не обращайте внимания на это письмо. Никому не сообщайте код: Daybook никогда о нём не спрашивает.",
};
const NOT_YOU_SHORT: Text = Text {
    code: "code_not_you_short",
    en: "Asked from {}. Not you? Ignore this.",
    uk: "Запит з {}. Не ви? Не зважайте.",
    ru: "Запрос с {}. Не вы? Не обращайте внимания.",
};

/// The letter with a code, good for so long. Text messages are paid for by the piece, and say it in fewer words.
pub fn of_code(due: &CodeDue, digits: &str, good_for: Duration) -> Words {
    let CodeDue { reason, to, language, from, .. } = due;
    let is_mail = matches!(to, Target::Email(_));
    let what = match reason {
        Reason::Verify if is_mail => VERIFY,
        Reason::Verify => VERIFY_NUMBER,
        Reason::Register => REGISTER,
        Reason::Reset => RESET,
        Reason::Login => LOGIN,
    };
    let (what, from) = (what.get(*language), origin(from));
    let text = if is_mail {
        let minutes = good_for.as_secs().div_ceil(60);
        let (good, asked) =
            (GOOD_FOR.with([&minutes]).get(*language), ASKED_FROM.with([&from]).get(*language));
        format!("{what}\n\n{digits}\n\n{good}\n{asked}\n\n{}\n", NOT_YOU.get(*language))
    } else {
        format!("{what}\n{digits}\n{}", NOT_YOU_SHORT.with([&from]).get(*language))
    };
    Words { subject: subject(*language), text }
}

fn subject(language: Language) -> String {
    SUBJECT.get(language).to_owned()
}

/// Where somebody called from, as a letter may carry it: an address and nothing that was made to look like a letter.
fn origin(from: &str) -> String {
    from.parse::<std::net::IpAddr>().map_or_else(|_| "?".to_owned(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use types::Timestamp;

    use super::*;
    use crate::codes::{CodeId, Sends};

    const TEN_MINUTES: Duration = Duration::from_mins(10);

    fn due(to: Target, reason: Reason, language: Language) -> CodeDue {
        CodeDue {
            code: CodeId::trusted(1),
            reason,
            to,
            language,
            from: "192.0.2.7".into(),
            sends: Sends::Code,
            expires_at: Timestamp::default(),
        }
    }

    #[test]
    fn a_letter_has_the_code_on_its_own_line_and_says_who_asked_in_every_language() {
        for (reason, to) in
            [Reason::Verify, Reason::Register, Reason::Reset, Reason::Login].into_iter().flat_map(|reason| {
                let (mail, phone) =
                    (Target::Email("a@example.org".into()), Target::Phone("+380501234567".into()));
                [(reason, mail), (reason, phone)]
            })
        {
            let texts = [Language::En, Language::Uk, Language::Ru].map(|language| {
                let words = of_code(&due(to.clone(), reason, language), "012345", TEN_MINUTES);
                assert!(words.text.lines().any(|line| line == "012345"), "{}", words.text);
                assert!(words.text.contains("192.0.2.7"), "{}", words.text);
                assert!(!words.text.contains("{}") && !words.subject.contains("012345"));
                words.text
            });
            assert!(texts[0] != texts[1] && texts[1] != texts[2] && texts[0] != texts[2]);
        }
    }

    #[test]
    fn a_letter_reads_like_this() {
        let to = Target::Email("a@example.org".into());
        let words = of_code(&due(to, Reason::Register, Language::En), "012345", TEN_MINUTES);
        assert_eq!(
            words.text,
            "Your code to sign up to Daybook:\n\n012345\n\nIt works once, within 10 min.\n\
             It was asked for from the address 192.0.2.7.\n\n\
             If that was not you, ignore this letter. Give the code to nobody: Daybook never asks for it.\n"
        );
    }

    #[test]
    fn a_text_message_fits_into_two_pieces_in_any_alphabet() {
        for language in [Language::En, Language::Uk, Language::Ru] {
            for reason in [Reason::Verify, Reason::Register, Reason::Reset, Reason::Login] {
                let due = due(Target::Phone("+380501234567".into()), reason, language);
                let text = of_code(&due, "012345", TEN_MINUTES).text;
                // Two pieces carry 134 letters beyond the Latin ones.
                assert!(text.chars().count() <= 134, "{text}");
            }
        }
    }

    #[test]
    fn nothing_but_an_address_gets_into_a_letter_from_whoever_asks() {
        for from in ["", "evil\r\nBcc: eve@example.org", "http://evil.example"] {
            let mut due = due(Target::Email("a@example.org".into()), Reason::Reset, Language::En);
            from.clone_into(&mut due.from);
            let text = of_code(&due, "012345", TEN_MINUTES).text;
            assert!(text.contains("from the address ?.") && !text.contains("evil"), "{text}");
        }
    }
}
