//! The loop that accepts connections.

use std::{
    convert::Infallible,
    io::{self, ErrorKind},
    sync::Arc,
    time::Duration,
};

use tokio::time::sleep;

use super::{connection::Floor, listen::Accepting};

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Accepts for ever. Having no file descriptors left is a reason to wait for some, not to die.
pub(super) async fn accept(listener: Accepting, floor: Arc<Floor>) -> Infallible {
    let mut pause = FIRST_PAUSE;
    loop {
        let Err(error) = accept_one(&listener, &floor).await else {
            pause = FIRST_PAUSE;
            continue;
        };
        if is_the_clients(&error) {
            continue;
        }
        tracing::error!(error = &error as &dyn std::error::Error, "cannot accept a connection");
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn accept_one(listener: &Accepting, floor: &Arc<Floor>) -> io::Result<()> {
    match listener {
        Accepting::Tcp(listener) => {
            let (stream, peer) = listener.accept().await?;
            floor.admit_tcp(stream, peer);
        }
        Accepting::Unix(listener) => {
            let (stream, _) = listener.accept().await?;
            floor.admit_unix(stream);
        }
    }
    Ok(())
}

/// The client was gone before we came to it.
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}
