//! What people are told of their accounts.

use types::{Language, Text, Timestamp};

use super::words::Words;
use crate::Happened;

const SUBJECT: Text = Text {
    code: "notice_subject",
    en: "Daybook: your account",
    uk: "Daybook: ваш обліковий запис",
    ru: "Daybook: ваша учётная запись",
};
const EMAIL_CHANGED: Text = Text {
    code: "notice_email_changed",
    en: "Your Daybook account has a new e-mail address. This one no longer belongs to it.",
    uk: "У вашого облікового запису Daybook нова адреса електронної пошти. Ця йому більше не належить.",
    ru: "У вашей учётной записи Daybook новый адрес электронной почты. Этот ей больше не принадлежит.",
};
const PHONE_CHANGED: Text = Text {
    code: "notice_phone_changed",
    en: "Your Daybook account has a new phone number. This one no longer belongs to it.",
    uk: "У вашого облікового запису Daybook новий номер телефону. Цей йому більше не належить.",
    ru: "У вашей учётной записи Daybook новый номер телефона. Этот ей больше не принадлежит.",
};
const PASSWORD_CHANGED: Text = Text {
    code: "notice_password_changed",
    en: "The password of your Daybook account was changed.",
    uk: "Пароль вашого облікового запису Daybook змінено.",
    ru: "Пароль вашей учётной записи Daybook изменён.",
};
const SESSION_STOLEN: Text = Text {
    code: "notice_session_stolen",
    en: "Somebody else used a session of your Daybook account, so it was ended.",
    uk: "Хтось інший скористався сеансом вашого облікового запису Daybook, тому його завершено.",
    ru: "Кто-то другой воспользовался сеансом вашей учётной записи Daybook, поэтому он завершён.",
};
const DELETION_BEGUN: Text = Text {
    code: "notice_deletion_begun",
    en: "Your Daybook account will be deleted soon. Sign in before that to keep it.",
    uk: "Ваш обліковий запис Daybook незабаром буде видалено. Щоб зберегти його, увійдіть до того часу.",
    ru: "Ваша учётная запись Daybook скоро будет удалена. Чтобы сохранить её, войдите до того времени.",
};
const LOGIN_LINKED: Text = Text {
    code: "notice_login_linked",
    en: "Another way to sign in was linked to your Daybook account.",
    uk: "До вашого облікового запису Daybook додано ще один спосіб входу.",
    ru: "К вашей учётной записи Daybook добавлен ещё один способ входа.",
};
const CLAIMED: Text = Text {
    code: "notice_claimed",
    en: "Somebody signed in to your Daybook account with a code that was sent here, and so proved that this address is theirs. The password it had before no longer works: set a new one.",
    uk: "У ваш обліковий запис Daybook увійшли за кодом, надісланим сюди, і так підтвердили цю адресу. Попередній пароль більше не діє: встановіть новий.",
    ru: "В вашу учётную запись Daybook вошли по коду, отправленному сюда, и так подтвердили этот адрес. Прежний пароль больше не действует: задайте новый.",
};
const TRIED_TO_SIGN_UP: Text = Text {
    code: "notice_tried_to_sign_up",
    en: "Somebody tried to sign up to Daybook with this address. You have an account already: sign in, or set a new password.",
    uk: "Хтось намагався зареєструватися в Daybook з цією адресою. У вас уже є обліковий запис: увійдіть або встановіть новий пароль.",
    ru: "Кто-то пытался зарегистрироваться в Daybook с этим адресом. У вас уже есть учётная запись: войдите или установите новый пароль.",
};
const IGNORE: Text = Text {
    code: "notice_ignore",
    en: "If that was not you, ignore this letter: nothing has changed.",
    uk: "Якщо це були не ви, не зважайте на цей лист: нічого не змінилося.",
    ru: "Если это были не вы, не обращайте внимания на это письмо: ничего не изменилось.",
};
const ACT: Text = Text {
    code: "notice_act",
    en: "If that was not you, set a new password at once and end the sessions you do not know.",
    uk: "Якщо це були не ви, негайно встановіть новий пароль і завершіть незнайомі сеанси.",
    ru: "Если это были не вы, сразу установите новый пароль и завершите незнакомые сеансы.",
};
const WHEN: Text =
    Text {
        code: "notice_when", en: "When: {} (UTC).", uk: "Коли: {} (UTC).", ru: "Когда: {} (UTC)."
    };

/// The letter that says what happened then.
pub fn of_notice(what: Happened, at: Timestamp, language: Language) -> Words {
    let (happened, then) = match what {
        Happened::EmailChanged => (EMAIL_CHANGED, ACT),
        Happened::PhoneChanged => (PHONE_CHANGED, ACT),
        Happened::PasswordChanged => (PASSWORD_CHANGED, ACT),
        Happened::SessionStolen => (SESSION_STOLEN, ACT),
        Happened::DeletionBegun => (DELETION_BEGUN, ACT),
        Happened::LoginLinked => (LOGIN_LINKED, ACT),
        Happened::Claimed => (CLAIMED, ACT),
        Happened::TriedToSignUp => (TRIED_TO_SIGN_UP, IGNORE),
    };
    let when = WHEN.with([&at.plain()]).get(language);
    let text = format!("{}\n{when}\n\n{}\n", happened.get(language), then.get(language));
    Words { subject: SUBJECT.get(language).to_owned(), text }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everything_that_can_happen_is_told_in_every_language_with_what_to_do() {
        let all = [
            Happened::EmailChanged,
            Happened::PhoneChanged,
            Happened::PasswordChanged,
            Happened::SessionStolen,
            Happened::DeletionBegun,
            Happened::LoginLinked,
            Happened::Claimed,
            Happened::TriedToSignUp,
        ];
        let at = Timestamp::from_millis(1_795_253_400_000);
        let texts: BTreeSet<String> = [Language::En, Language::Uk, Language::Ru]
            .into_iter()
            .flat_map(|language| all.map(|what| of_notice(what, at, language).text))
            .collect();
        assert_eq!(texts.len(), 24);
        assert!(texts.iter().all(|text| text.contains("2026-11-21 09:30:00 (UTC)") && !text.contains("{}")));
    }
}
