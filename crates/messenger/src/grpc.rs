//! `daybook.messenger.v1.Messenger`, for other programs of the house.

mod messages;

use api::edge::Onward;
use api::grpc::{Channel, Rpc};
use api::{Failure, Refused};
use axum::Router;
use futures_util::future::BoxFuture;
use part::Piece;
use types::Caller;

use crate::chats::Chats;
use messages::{HomeReply, HomeRequest};

const HOME: Rpc<HomeRequest, HomeReply> = Rpc::new("/daybook.messenger.v1.Messenger/Home");

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(HomeReply)))]
pub struct Documents;

/// The service.
pub fn routes(chats: Chats) -> Router {
    HOME.answered_by(chats, home)
}

/// Asks it what the caller has not read.
pub fn ask_home(channel: Channel, along: Onward) -> BoxFuture<'static, Result<Piece, Refused>> {
    HOME.json(channel, along, HomeRequest {})
}

async fn home(chats: Chats, caller: Caller, _: HomeRequest) -> Result<HomeReply, Failure> {
    Ok(chats.glance(&caller).await?.into())
}
