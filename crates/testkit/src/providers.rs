//! Providers to sign in with, on this machine: each checks what the real one checks, counts who asks, and can be told to
//! misbehave.

mod authorize;
mod desk;
mod id_token;
mod profile;
mod token;
mod twist;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use crate::StillClock;
use desk::Desk;
pub use desk::Person;
pub use twist::Twist;

/// What the house is called at every provider.
pub const CLIENT_ID: &str = "daybook-client";
/// What it proves itself with. Blanks and colons are what naive clients get wrong.
pub const CLIENT_SECRET: &str = "a secret: 100% plain";

/// Which provider is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brand {
    /// OpenID Connect with RSA keys.
    Google,
    /// OAuth 2 whose calls are signed with the secret.
    Facebook,
    /// OAuth 2 for a public client, with a device that goes along.
    Vk,
    /// OAuth 2 with an authorization scheme of its own.
    Yandex,
    /// OpenID Connect with elliptic keys, which answers with its name.
    Oidc,
}

impl Brand {
    /// What it is called in the house's paths.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Facebook => "facebook",
            Self::Vk => "vk",
            Self::Yandex => "yandex",
            Self::Oidc => "work",
        }
    }

    const fn has_discovery(self) -> bool {
        matches!(self, Self::Google | Self::Oidc)
    }
}

/// A provider that runs. Dropping it ends it.
pub struct Provider {
    /// Which one.
    pub brand: Brand,
    /// Where it is.
    pub url: String,
    desk: Arc<Desk>,
    serving: JoinHandle<()>,
}

impl Provider {
    /// One that sends browsers back to a house at this address, and to nowhere else.
    pub async fn start(brand: Brand, house: &str, clock: &StillClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let redirect_uri = format!("{house}/auth/oauth/{}/callback", brand.name());
        let desk = Arc::new(Desk::new(brand, &url, &redirect_uri, clock));
        let router = Router::new()
            .route("/authorize", get(authorize::authorize))
            .route("/token", post(token::token))
            .route("/profile", get(profile::by_get).post(profile::by_post))
            .route("/keys", get(id_token::keys))
            .route("/.well-known/openid-configuration", get(id_token::discovery))
            .with_state(desk.clone());
        let serving = tokio::spawn(serve(listener, router));
        Self { brand, url, desk, serving }
    }

    /// The house's settings for it, as the names and values of variables.
    pub fn settings(&self) -> Vec<(String, String)> {
        let Self { brand, url, .. } = self;
        let group = format!("DAYBOOK_OAUTH_{}", brand.name().to_uppercase());
        let set = |name: &str, value: &str| (format!("{group}_{name}"), value.to_owned());
        let mut settings = match brand {
            Brand::Oidc => {
                let oidc = |name: &str, value: &str| {
                    (format!("DAYBOOK_OAUTH_OIDC_{name}"), format!("{}={value}", brand.name()))
                };
                return vec![
                    oidc("ISSUERS", url),
                    oidc("CLIENT_IDS", CLIENT_ID),
                    oidc("CLIENT_SECRETS", CLIENT_SECRET),
                ];
            }
            Brand::Google => vec![set("ISSUER", url)],
            Brand::Facebook | Brand::Vk | Brand::Yandex => vec![
                set("AUTHORIZE_URL", &format!("{url}/authorize")),
                set("TOKEN_URL", &format!("{url}/token")),
                set("PROFILE_URL", &format!("{url}/profile")),
            ],
        };
        settings.push(set("CLIENT_ID", CLIENT_ID));
        if *brand != Brand::Vk {
            settings.push(set("CLIENT_SECRET", CLIENT_SECRET));
        }
        settings
    }

    /// Who is signed in there from now on.
    pub fn has(&self, person: Person) {
        self.desk.seat(person);
    }

    /// From now on it does this, and nothing else that is unusual.
    pub fn does(&self, twists: &[Twist]) {
        self.desk.twist(twists);
    }

    /// How often this door was asked.
    pub fn asked(&self, door: &str) -> usize {
        self.desk.asked(door)
    }

    /// What it refused, in its own words, since it was asked last.
    pub fn refused(&self) -> Vec<String> {
        self.desk.refused()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, router: Router) {
    while let Ok((stream, _)) = listener.accept().await {
        let router = router.clone();
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let router = router.clone();
            async move { Ok::<_, Infallible>(router.oneshot(request.map(Body::new)).await.expect("an answer")) }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { drop(connection.await) });
    }
}
