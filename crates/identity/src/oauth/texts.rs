//! What people are told about signing in elsewhere.

use types::Text;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $en:literal, $uk:literal, $ru:literal;)*) => {
        $($(#[$doc])* pub const $name: Text = Text { code: $code, en: $en, uk: $uk, ru: $ru };)*
    };
}

texts! {
    /// Nobody of this name is asked here.
    NO_PROVIDER = "provider_not_found", "There is no sign-in with this provider here", "Входу через цього постачальника тут немає", "Входа через этого провайдера здесь нет";
    /// The browser does not carry what it was given, or it is not what comes back.
    NOT_BEGUN = "oauth_not_begun", "This sign-in was not begun in this browser, or it took too long; begin again", "Цей вхід розпочато не в цьому браузері, або він тривав задовго; почніть спочатку", "Этот вход начат не в этом браузере или занял слишком много времени; начните заново";
    /// The person said no at the provider.
    DENIED = "oauth_denied", "You did not allow this at the provider", "Ви не дозволили цього в постачальника", "Вы не разрешили этого у провайдера";
    /// What the provider says proves nothing.
    UNPROVEN = "oauth_unproven", "The provider's answer does not prove who you are; begin again", "Відповідь постачальника не доводить, хто ви; почніть спочатку", "Ответ провайдера не доказывает, кто вы; начните заново";
    /// The address has an account; both sides have to be proved.
    ACCOUNT_EXISTS = "oauth_account_exists", "There is an account with this e-mail address; sign in to it and link this provider there", "З цією адресою вже є обліковий запис; увійдіть у нього й приєднайте там цього постачальника", "С этим адресом уже есть учётная запись; войдите в неё и привяжите там этого провайдера";
    /// The account elsewhere belongs to somebody here.
    LOGIN_TAKEN = "login_taken", "This account of the provider is linked to somebody else here", "Цей запис постачальника приєднано тут до когось іншого", "Эта запись провайдера привязана здесь к кому-то другому";
    /// One of each provider.
    PROVIDER_LINKED = "provider_linked", "Another account of this provider is linked already; unlink it first", "Інший запис цього постачальника вже приєднано; спершу від'єднайте його", "Другая запись этого провайдера уже привязана; сначала отвяжите её";
    /// Who began the linking is not who came back.
    LINK_NEEDS_YOU = "link_needs_sign_in", "Stay signed in to the account that you link to; begin again", "Залишайтеся у записі, до якого приєднуєте; почніть спочатку", "Оставайтесь в учётной записи, к которой привязываете; начните заново";
    /// A page of somebody else's wants to begin a linking.
    LINK_FROM_ELSEWHERE = "link_from_elsewhere", "Linking can only be begun from this house's own pages", "Приєднання можна розпочати лише з наших власних сторінок", "Привязку можно начать только с наших собственных страниц";
    /// Without it nobody could sign in.
    LAST_LOGIN = "last_login", "This is the only way to sign in to your account; set a password first", "Це єдиний спосіб увійти до вашого облікового запису; спершу встановіть пароль", "Это единственный способ войти в вашу учётную запись; сначала задайте пароль";
    /// Nothing to unlink.
    NO_LOGIN = "login_not_found", "This provider is not linked to your account", "Цього постачальника не приєднано до вашого облікового запису", "Этот провайдер не привязан к вашей учётной записи";
    /// The account that the login opened is gone.
    ACCOUNT_GONE = "account_gone", "The account that this opened has been deleted", "Обліковий запис, який це відкривало, видалено", "Учётная запись, которую это открывало, удалена";
    /// Where to go afterwards is not on our own pages.
    BAD_RETURN = "bad_return_path", "this has to be a path under /app/", "це має бути шлях під /app/", "это должен быть путь под /app/";
}
