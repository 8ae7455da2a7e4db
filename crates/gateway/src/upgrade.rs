//! Connections that become web sockets: both sides are joined, until one leaves or the session ends.

mod pipe;

use std::time::Duration;

use api::edge::Lasting;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONNECTION, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version};
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

/// How long a service may take to leave once the session has ended.
const GOODBYE: Duration = Duration::from_millis(800);
const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// The client's side of a WebSocket to be.
pub struct Wanted {
    client: OnUpgrade,
    lasting: Option<Lasting>,
}

impl Wanted {
    /// What a request wants to become, if that is a WebSocket. Nothing else is passed on: whoever made a service speak
    /// another protocol would be past us.
    pub fn of(request: &mut Request) -> Option<Self> {
        let headers = request.headers();
        let wanted = request.version() == Version::HTTP_11
            && names(headers, CONNECTION, "upgrade")
            && names(headers, UPGRADE, "websocket");
        let lasting = request.extensions_mut().remove::<Lasting>();
        wanted.then(|| Self { client: hyper::upgrade::on(request), lasting })
    }

    /// Says so to the service.
    pub fn ask(headers: &mut HeaderMap) {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, WEBSOCKET);
    }

    /// Joins both sides when the service agrees; any other answer goes to the client as it is.
    pub fn join(self, mut answer: Response) -> Response {
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return answer;
        }
        let service = hyper::upgrade::on(&mut answer);
        tokio::spawn(self.carry(service));
        Self::ask(answer.headers_mut());
        *answer.body_mut() = Body::empty();
        answer
    }

    async fn carry(self, service: OnUpgrade) {
        let Self { client, lasting } = self;
        let over = async {
            match lasting {
                Some(lasting) => {
                    lasting.over().await;
                    // The service hears of it too, and may say goodbye.
                    tokio::time::sleep(GOODBYE).await;
                }
                None => std::future::pending().await,
            }
        };
        let carried = async {
            let (client, service) = tokio::try_join!(client, service)?;
            let (mut client, mut service) = (TokioIo::new(client), TokioIo::new(service));
            // Whichever side leaves, in whichever way, the other one notices when its own connection ends here.
            drop(pipe::join(&mut client, &mut service).await);
            Ok::<_, hyper::Error>(())
        };
        tokio::select! {
            carried = carried => if let Err(error) = carried {
                tracing::debug!(%error, "no WebSocket came of it");
            },
            () = over => {}
        }
    }
}

/// Whether a header that lists words has this one.
fn names(headers: &HeaderMap, name: axum::http::HeaderName, word: &str) -> bool {
    let lists = headers.get_all(name);
    let mut words = lists.iter().filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(','));
    words.any(|said| said.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_wanted(headers: &[(&str, &str)]) -> bool {
        let request =
            headers.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        Wanted::of(&mut request.body(Body::empty()).unwrap()).is_some()
    }

    #[test]
    fn only_websockets_are_passed_on() {
        assert!(is_wanted(&[("connection", "Upgrade"), ("upgrade", "websocket")]));
        assert!(is_wanted(&[("connection", "keep-alive, upgrade"), ("upgrade", "WebSocket")]));
        assert!(!is_wanted(&[("connection", "upgrade"), ("upgrade", "h2c")]));
        assert!(!is_wanted(&[("connection", "close"), ("upgrade", "websocket")]));
        assert!(!is_wanted(&[("upgrade", "websocket")]));
        assert!(!is_wanted(&[]));
    }
}
