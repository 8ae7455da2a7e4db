//! What people are told about accounts.

use types::Text;

/// The address has an account.
pub const EMAIL_TAKEN: Text = Text {
    code: "email_taken",
    en: "This e-mail address is taken",
    uk: "Ця адреса електронної пошти вже зайнята",
    ru: "Этот адрес электронной почты уже занят",
};
/// The number has an account.
pub const PHONE_TAKEN: Text = Text {
    code: "phone_taken",
    en: "This phone number is taken",
    uk: "Цей номер телефону вже зайнятий",
    ru: "Этот номер телефона уже занят",
};
/// The name has an account.
pub const USERNAME_TAKEN: Text = Text {
    code: "username_taken",
    en: "This user name is taken",
    uk: "Це ім'я користувача вже зайняте",
    ru: "Это имя пользователя уже занято",
};
/// There is no such account any more.
pub const NO_ACCOUNT: Text = Text {
    code: "account_not_found",
    en: "Account not found",
    uk: "Обліковий запис не знайдено",
    ru: "Учётная запись не найдена",
};
/// Nobody asked for the change that is to be confirmed.
pub const NOTHING_ASKED: Text = Text {
    code: "nothing_to_confirm",
    en: "There is nothing to confirm; ask for the change first",
    uk: "Немає чого підтверджувати; спершу попросіть про зміну",
    ru: "Подтверждать нечего; сначала попросите об изменении",
};
/// No such e-mail address can be.
pub const BAD_EMAIL: Text = Text {
    code: "bad_email",
    en: "this is not an e-mail address",
    uk: "це не адреса електронної пошти",
    ru: "это не адрес электронной почты",
};
/// No such number can be.
pub const BAD_PHONE: Text = Text {
    code: "bad_phone",
    en: "this is not a phone number with its country code; write for example +380 44 123 4567",
    uk: "це не номер телефону з кодом країни; напишіть, наприклад, +380 44 123 4567",
    ru: "это не номер телефона с кодом страны; напишите, например, +380 44 123 4567",
};
/// No such name can be.
pub const BAD_USERNAME: Text = Text {
    code: "bad_username",
    en: "a user name has letters, digits, `.`, `_` and `-`, and at least one letter",
    uk: "ім'я користувача складається з літер, цифр, `.`, `_` та `-`, і має хоча б одну літеру",
    ru: "имя пользователя состоит из букв, цифр, `.`, `_` и `-`, и в нём есть хотя бы одна буква",
};
/// No such zone can be.
pub const BAD_ZONE: Text = Text {
    code: "unknown_timezone",
    en: "there is no such time zone; write for example Europe/Kyiv",
    uk: "такого часового поясу немає; напишіть, наприклад, Europe/Kyiv",
    ru: "такого часового пояса нет; напишите, например, Europe/Kyiv",
};
/// No such day can be.
pub const BAD_WEEK_START: Text = Text {
    code: "bad_week_start",
    en: "write 1 for Monday to 7 for Sunday",
    uk: "напишіть від 1 (понеділок) до 7 (неділя)",
    ru: "напишите от 1 (понедельник) до 7 (воскресенье)",
};
/// Everybody's password.
pub const COMMON_PASSWORD: Text = Text {
    code: "common_password",
    en: "this is one of the commonest passwords, and is tried first by whoever guesses",
    uk: "це один із найпоширеніших паролів, його вгадують першим",
    ru: "это один из самых распространённых паролей, его угадывают первым",
};
/// A password that everybody knows who knows the person.
pub const PASSWORD_IS_ADDRESS: Text = Text {
    code: "password_is_address",
    en: "your own address or name is easily guessed",
    uk: "ваші власні адресу чи ім'я легко вгадати",
    ru: "ваши собственные адрес или имя легко угадать",
};
/// Not the password of this account.
pub const WRONG_PASSWORD: Text = Text {
    code: "wrong_password",
    en: "this is not your password",
    uk: "це не ваш пароль",
    ru: "это не ваш пароль",
};
