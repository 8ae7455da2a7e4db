//! A line to a server that can be cut, and that can fall silent.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    Silent,
    Cut,
}

pub struct Line {
    pub address: SocketAddr,
    to: SocketAddr,
    state: watch::Sender<State>,
    listening: JoinHandle<()>,
}

impl Line {
    /// To this address, from an address of its own.
    pub async fn to(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (state, seen) = watch::channel(State::Up);
        Self { address, to, state, listening: tokio::spawn(listen(listener, to, seen)) }
    }

    /// Nobody listens any more, and every connection breaks.
    pub async fn cut(&mut self) {
        self.listening.abort();
        let _ = (&mut self.listening).await;
        self.state.send_replace(State::Cut);
    }

    /// Connections stand, and nothing comes.
    pub fn fall_silent(&self) {
        self.state.send_replace(State::Silent);
    }

    /// It works again, for those who connect anew.
    pub async fn mend(&mut self) {
        if self.state.send_replace(State::Up) == State::Cut {
            let listener = TcpListener::bind(self.address).await.unwrap();
            self.listening = tokio::spawn(listen(listener, self.to, self.state.subscribe()));
        }
    }
}

async fn listen(listener: TcpListener, to: SocketAddr, state: watch::Receiver<State>) {
    while let Ok((near, _)) = listener.accept().await {
        tokio::spawn(carry(near, to, state.clone()));
    }
}

async fn carry(mut near: TcpStream, to: SocketAddr, mut state: watch::Receiver<State>) {
    let mut far = None;
    if *state.borrow_and_update() == State::Up {
        let Ok(mut server) = TcpStream::connect(to).await else { return };
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut near, &mut server) => return,
            _ = state.changed() => far = Some(server),
        }
    }
    if *state.borrow_and_update() == State::Silent {
        let _ = state.changed().await;
    }
    drop(far);
}
