//! The first administrator: whoever starts an empty house is shown a link, and whoever opens that makes the account that
//! runs the house. Nobody gets there by being the first to sign up.

mod routes;
mod service;
mod store;

use types::Text;

pub use routes::routes;
pub use service::Founding;
pub use store::{Spending, SqlInvitations};

/// The link was opened before, is too old, or was never one; or the house has an administrator.
const NO_INVITATION: Text = Text {
    code: "no_invitation",
    en: "This link is good no more; whoever runs the machine can make an administrator with `daybook user create --role admin`",
    uk: "Це посилання вже недійсне; адміністратора може створити власник сервера командою `daybook user create --role admin`",
    ru: "Эта ссылка больше не действует; администратора может создать владелец сервера командой `daybook user create --role admin`",
};
