//! One connection: messages that come by it go straight to the topics, and its end is told.

use std::sync::Arc;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, PushInfo, PushKind, RedisResult, Value};
use tokio::sync::Notify;

use super::{PATIENCE, patiently};
use crate::topics::{News, Topics};

pub struct Connection {
    pub handle: MultiplexedConnection,
    /// Notified when it has been closed.
    pub closed: Arc<Notify>,
}

impl Connection {
    pub async fn ping(&mut self) -> Result<(), String> {
        patiently(redis::cmd("PING").exec_async(&mut self.handle)).await
    }
}

pub async fn connect(client: Client, topics: Arc<Topics>) -> RedisResult<Connection> {
    let closed = Arc::new(Notify::new());
    let notify = closed.clone();
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(2 * PATIENCE))
        // Every caller has a deadline of its own.
        .set_response_timeout(None)
        .set_push_sender(move |push: PushInfo| -> Result<(), ()> {
            match push.kind {
                PushKind::Disconnection => notify.notify_one(),
                PushKind::Message => hand_on(&topics, push.data),
                _ => {}
            }
            Ok(())
        });
    let handle = client.get_multiplexed_async_connection_with_config(&config).await?;
    Ok(Connection { handle, closed })
}

/// A message says where it was published, and what.
fn hand_on(topics: &Topics, said: Vec<Value>) {
    if let Ok([Value::BulkString(topic), Value::BulkString(message)]) = <[Value; 2]>::try_from(said)
        && let Ok(topic) = str::from_utf8(&topic)
    {
        topics.publish(topic, News::Message(Bytes::from(message)));
    }
}
