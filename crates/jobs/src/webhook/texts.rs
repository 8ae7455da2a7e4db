//! What people are told about addresses that are called, and what came of it.

use types::Text;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $en:literal, $uk:literal, $ru:literal;)*) => {
        $($(#[$doc])* pub const $name: Text = Text { code: $code, en: $en, uk: $uk, ru: $ru };)*
    };
}

texts! {
    /// It is no URL.
    BAD_URL = "bad_webhook_url", "write an address like https://example.org/hook", "напишіть адресу на зразок https://example.org/hook", "напишите адрес вроде https://example.org/hook";
    /// With a name and a password before the host.
    CREDENTIALS = "webhook_url_credentials", "an address must not hold a name or a password", "в адресі не може бути імені чи пароля", "в адресе не может быть имени или пароля";
    /// On a port that other things than web servers listen on.
    BAD_PORT = "webhook_url_port", "no web server listens on port {}", "на порту {} вебсерверів не буває", "на порту {} веб-серверов не бывает";
    /// It leads to a network that is none of the internet's.
    REFUSED = "webhook_address_refused", "{} is on a private or special network, where this house calls nobody", "{} — у приватній або особливій мережі, а туди цей сервер не звертається", "{} — в частной или особой сети, а туда этот сервер не обращается";
    /// Nobody knows the name.
    UNKNOWN_HOST = "webhook_host_unknown", "the name {} leads nowhere now", "ім'я {} зараз нікуди не веде", "имя {} сейчас никуда не ведёт";
    /// Nobody takes a connection.
    UNREACHABLE = "webhook_unreachable", "{} takes no connection", "{} не приймає з'єднань", "{} не принимает соединений";
    /// Who takes it cannot prove to be who was called.
    NO_TLS = "webhook_no_tls", "{} cannot be reached safely: {}", "до {} немає безпечного з'єднання: {}", "до {} нет безопасного соединения: {}";
    /// The connection ends without an answer.
    BROKE = "webhook_broke_off", "{} broke off without an answer", "{} обірвав з'єднання без відповіді", "{} оборвал соединение без ответа";
    /// No answer within the time there was.
    LATE = "webhook_late", "no answer came within {} s", "відповіді не було протягом {} с", "ответа не было в течение {} с";
    /// An answer that is no success.
    ANSWERED = "webhook_answered", "the answer was {}", "відповідь — {}", "ответ — {}";
    /// A redirect that would make a GET of it.
    LOSING_REDIRECT = "webhook_redirect_loses", "the answer was {}: only 307 and 308 lead on without losing the message", "відповідь — {}: лише 307 і 308 ведуть далі, не гублячи повідомлення", "ответ — {}: только 307 и 308 ведут дальше, не теряя сообщения";
    /// A redirect to nowhere.
    BAD_REDIRECT = "webhook_redirect_nowhere", "the answer was {}, but it does not lead to an address that can be called", "відповідь — {}, але вона не веде до адреси, яку можна викликати", "ответ — {}, но он не ведёт к адресу, который можно вызвать";
    /// From an encrypted way to one that is not.
    DOWNGRADE = "webhook_redirect_downgrade", "the answer leads from https:// to http://", "відповідь веде з https:// на http://", "ответ ведёт с https:// на http://";
    /// On and on.
    TOO_MANY_REDIRECTS = "webhook_redirects", "the answers lead on more than {} times", "відповіді ведуть далі більш ніж {} разів", "ответы ведут дальше более {} раз";
}
