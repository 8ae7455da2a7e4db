//! What the edges say, in every language of the house.

use types::Text;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $en:literal, $uk:literal, $ru:literal;)*) => {
        $($(#[$doc])* pub const $name: Text = Text { code: $code, en: $en, uk: $uk, ru: $ru };)*
    };
}

texts! {
    /// Another write came first.
    STALE = "stale", "It was changed meanwhile; load it again", "Тим часом це змінили; завантажте знову", "За это время это изменили; загрузите снова";
    /// It is at another version than the request is meant for.
    PRECONDITION_FAILED = "precondition_failed", "It is not at the version that If-Match names; load it again", "Це вже не та версія, яку називає If-Match; завантажте знову", "Это уже не та версия, которую называет If-Match; загрузите снова";
    /// A condition that cannot be read.
    BAD_IF_MATCH = "bad_if_match", "If-Match is a list of entity tags in quotes, or *", "If-Match — це список тегів у лапках або *", "If-Match — это список тегов в кавычках или *";
    /// A key that cannot be one.
    BAD_KEY = "bad_idempotency_key", "An Idempotency-Key is one header of 1 to 255 visible ASCII characters", "Idempotency-Key — це один заголовок із 1–255 видимих символів ASCII", "Idempotency-Key — это один заголовок из 1–255 видимых символов ASCII";
    /// A key of something else.
    KEY_REUSED = "idempotency_key_reused", "This Idempotency-Key belongs to another request; take a new one", "Цей Idempotency-Key належить іншому запиту; візьміть новий", "Этот Idempotency-Key принадлежит другому запросу; возьмите новый";
    /// What a request made is not there any more.
    MADE_AND_GONE = "made_and_gone", "This request was served before, and what it made has been deleted since", "Цей запит уже виконано, а створене ним відтоді видалили", "Этот запрос уже выполнен, а созданное им с тех пор удалено";
    /// Some fields cannot be taken.
    INVALID = "invalid", "Some fields cannot be accepted", "Деякі поля неможливо прийняти", "Некоторые поля нельзя принять";
    /// Too often.
    TOO_MANY = "too_many_requests", "Too many requests; try again later", "Забагато запитів; спробуйте пізніше", "Слишком много запросов; попробуйте позже";
    /// Not now.
    UNAVAILABLE = "unavailable", "This cannot be done right now; try again shortly", "Зараз це неможливо; спробуйте за мить", "Сейчас это невозможно; попробуйте чуть позже";
    /// Too many at once.
    CROWDED = "crowded", "Too much is going on at the moment; try again in a second", "Зараз забагато запитів одразу; спробуйте за секунду", "Сейчас слишком много запросов сразу; попробуйте через секунду";
    /// No room.
    FULL = "out_of_space", "There is no space left to store this", "Немає місця, щоб це зберегти", "Нет места, чтобы это сохранить";
    /// A bug.
    INTERNAL = "internal", "Something went wrong on our side", "На нашому боці щось пішло не так", "На нашей стороне что-то пошло не так";
    /// No route.
    NO_SUCH_PATH = "no_such_path", "There is nothing at this address", "За цією адресою нічого немає", "По этому адресу ничего нет";
    /// The route has other methods.
    METHOD_NOT_ALLOWED = "method_not_allowed", "This address does not take that method", "Ця адреса не приймає такого методу", "Этот адрес не принимает такой метод";
    /// Not understood.
    MALFORMED = "malformed", "The request cannot be understood", "Запит неможливо зрозуміти", "Запрос невозможно понять";
    /// Not JSON.
    NOT_JSON = "malformed_json", "The body is not valid JSON (line {}, column {})", "Тіло запиту не є правильним JSON (рядок {}, стовпець {})", "Тело запроса не является правильным JSON (строка {}, столбец {})";
    /// JSON within JSON within JSON.
    TOO_DEEP = "json_too_deep", "The body is nested too deeply; at most {} levels are read", "Тіло запиту вкладене надто глибоко; читається не більше {} рівнів", "Тело запроса вложено слишком глубоко; читается не больше {} уровней";
    /// Not called JSON.
    WANTS_JSON = "unsupported_media_type", "Send JSON, with Content-Type: application/json", "Надішліть JSON із Content-Type: application/json", "Пришлите JSON с Content-Type: application/json";
    /// Too big.
    TOO_LARGE = "body_too_large", "The body is too large; at most {} bytes are read", "Тіло запиту завелике; читається не більше {} байтів", "Тело запроса слишком велико; читается не больше {} байт";
    /// Too slow.
    TOO_SLOW = "body_too_slow", "The body did not arrive in time", "Тіло запиту не надійшло вчасно", "Тело запроса не пришло вовремя";
    /// Too many or too large headers.
    HEADERS_TOO_LARGE = "headers_too_large", "The headers are too many or too large", "Заголовків забагато або вони завеликі", "Заголовков слишком много или они слишком велики";
    /// The address is too long.
    URI_TOO_LONG = "uri_too_long", "The address is too long", "Адреса задовга", "Адрес слишком длинный";
    /// An id that cannot be one.
    BAD_ID = "bad_id", "An id is an integer from 1 to 9007199254740991", "Ідентифікатор — ціле число від 1 до 9007199254740991", "Идентификатор — целое число от 1 до 9007199254740991";
    /// A query that cannot be read.
    BAD_QUERY = "bad_query", "The query cannot be understood: {}", "Параметри запиту неможливо зрозуміти: {}", "Параметры запроса невозможно понять: {}";
    /// No token.
    SIGN_IN = "unauthenticated", "Sign in first: send Authorization: Bearer and an access token", "Спершу увійдіть: надішліть Authorization: Bearer і токен доступу", "Сначала войдите: пришлите Authorization: Bearer и токен доступа";
    /// A token that is none of ours.
    BAD_TOKEN = "invalid_token", "The access token is not valid; sign in again", "Токен доступу недійсний; увійдіть знову", "Токен доступа недействителен; войдите снова";
    /// A token whose time is over.
    EXPIRED_TOKEN = "expired_token", "The access token has expired; renew it or sign in again", "Термін дії токена доступу минув; оновіть його або увійдіть знову", "Срок действия токена доступа истёк; обновите его или войдите снова";
    /// A token whose session is over, or whose owner may do something else by now.
    ENDED_TOKEN = "session_ended", "This session has ended or changed; renew it or sign in again", "Цей сеанс завершено або змінено; оновіть його або увійдіть знову", "Этот сеанс завершён или изменён; обновите его или войдите снова";
    /// A page of another origin used a cookie.
    CROSS_SITE = "cross_site", "A page of another origin may not do this with a cookie", "Сторінці з іншого джерела не можна робити цього за допомогою cookie", "Странице из другого источника нельзя делать это с помощью cookie";
    /// An identity header that the token does not bear out.
    WRONG_USER = "wrong_user", "X-User-ID is not the user of this token", "X-User-ID не є користувачем цього токена", "X-User-ID — не пользователь этого токена";
    /// An upstream service is away.
    SERVICE_AWAY = "service_unavailable", "This part of Daybook does not answer; try again shortly", "Ця частина Daybook не відповідає; спробуйте за мить", "Эта часть Daybook не отвечает; попробуйте чуть позже";
    /// A field nobody knows.
    UNKNOWN_FIELD = "unknown_field", "there is no such field", "такого поля немає", "такого поля нет";
    /// A value of another type.
    WRONG_TYPE = "wrong_type", "this has the wrong type: {}", "тут значення іншого типу: {}", "здесь значение другого типа: {}";
}
