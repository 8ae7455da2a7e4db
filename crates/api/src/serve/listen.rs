//! Sockets to listen on, and plain words when there are none to be had.

use std::{
    fs,
    io::{self, ErrorKind},
    net::{SocketAddr, TcpListener},
    os::unix::{
        fs::FileTypeExt as _,
        net::{UnixListener, UnixStream},
    },
    path::Path,
};

use rustix::{
    fs::{Mode, fchmod},
    net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, socket_with},
};

/// How many connections may wait to be accepted.
const WAITING: i32 = 128;

/// A socket that is listening.
#[derive(Debug)]
pub enum Listener {
    /// For the network. TLS, where it is configured, is spoken only here.
    Tcp(TcpListener),
    /// For this machine.
    Unix(UnixListener),
}

/// A listening socket inside a runtime.
#[derive(Debug)]
pub(super) enum Accepting {
    Tcp(tokio::net::TcpListener),
    Unix(tokio::net::UnixListener),
}

/// Listens on every address, or says in one sentence which could not be had and why.
pub fn listen(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, String> {
    let listen = |address: &SocketAddr| {
        TcpListener::bind(address).map_err(|error| format!("cannot listen on {address}: {}", reason(&error)))
    };
    addresses.iter().map(listen).collect()
}

/// Listens on a Unix socket that only this user may connect to. A socket left behind by a dead process is replaced.
pub fn listen_unix(path: &Path) -> Result<UnixListener, String> {
    let fail = |error: &io::Error| format!("cannot listen on {}: {}", path.display(), reason(error));
    clear(path).map_err(|error| fail(&error))?;
    bind_privately(path).map_err(|error| fail(&error))
}

/// The mode is the socket's own before it has a name, so that it is right from the first moment. (A umask would be the
/// whole process's: folders that other threads make meanwhile could not be entered.)
fn bind_privately(path: &Path) -> io::Result<UnixListener> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    bind(&socket, &SocketAddrUnix::new(path)?)?;
    rustix::net::listen(&socket, WAITING)?;
    Ok(socket.into())
}

fn clear(path: &Path) -> io::Result<()> {
    let there = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        there => there?,
    };
    if !there.file_type().is_socket() {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "a file that is not a socket is in the way"));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => "another program already listens there".into(),
        ErrorKind::AddrNotAvailable => "this machine has no such address".into(),
        ErrorKind::PermissionDenied => {
            "this user may not (ports below 1024 are for privileged programs)".into()
        }
        _ => error.to_string(),
    }
}

impl Listener {
    pub(super) fn into_tokio(self) -> Result<Accepting, String> {
        let accepting = match self {
            Self::Tcp(listener) => listener
                .set_nonblocking(true)
                .and_then(|()| tokio::net::TcpListener::from_std(listener).map(Accepting::Tcp)),
            Self::Unix(listener) => listener
                .set_nonblocking(true)
                .and_then(|()| tokio::net::UnixListener::from_std(listener).map(Accepting::Unix)),
        };
        accepting.map_err(|error| format!("cannot accept connections: {error}"))
    }
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }
}

impl From<UnixListener> for Listener {
    fn from(listener: UnixListener) -> Self {
        Self::Unix(listener)
    }
}

#[cfg(test)]
mod tests {
    use std::{env, os::unix::fs::PermissionsExt as _, process};

    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_reason() {
        let first = listen(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let address = first[0].local_addr().unwrap();
        let error = listen(&[address]).unwrap_err();
        assert_eq!(error, format!("cannot listen on {address}: another program already listens there"));
    }

    #[test]
    fn a_socket_left_behind_is_replaced_but_a_living_one_is_not() {
        let path = env::temp_dir().join(format!("daybook-listen-{}.sock", process::id()));
        let first = listen_unix(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let error = listen_unix(&path).unwrap_err();
        assert!(error.ends_with("another program already listens there"), "{error}");
        drop(first);
        drop(listen_unix(&path).unwrap());
        fs::remove_file(&path).unwrap();
        fs::write(&path, "precious").unwrap();
        let error = listen_unix(&path).unwrap_err();
        assert!(error.ends_with("not a socket is in the way"), "{error}");
        fs::remove_file(&path).unwrap();
    }
}
