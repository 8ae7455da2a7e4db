//! `daybook.tasks.v1.Tasks`, for other programs of the house.

mod messages;

use api::edge::Onward;
use api::grpc::{Channel, Rpc};
use api::{Failure, Refused};
use axum::Router;
use futures_util::future::BoxFuture;
use part::Piece;
use types::Caller;

use crate::service::Tasks;
use messages::{HomeReply, HomeRequest};

const HOME: Rpc<HomeRequest, HomeReply> = Rpc::new("/daybook.tasks.v1.Tasks/Home");

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(HomeReply)))]
pub struct Documents;

/// The service.
pub fn routes(tasks: Tasks) -> Router {
    HOME.answered_by(tasks, home)
}

/// Asks it what the caller has to do.
pub fn ask_home(channel: Channel, along: Onward) -> BoxFuture<'static, Result<Piece, Refused>> {
    HOME.json(channel, along, HomeRequest {})
}

async fn home(tasks: Tasks, caller: Caller, _: HomeRequest) -> Result<HomeReply, Failure> {
    Ok(tasks.glance(&caller).await?.into())
}
