//! TLS, with a certificate that may be renewed while we run.

use std::{
    convert::Infallible,
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Where the certificate and its key are, as PEM.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The certificate, and behind it those that vouch for it.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// The certificate that new connections are shown.
#[derive(Debug)]
pub(super) struct Certificates {
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
    files: Tls,
    seen: Mutex<Stamps>,
}

/// When the two files were last written.
type Stamps = [Option<SystemTime>; 2];

#[derive(Debug)]
struct Shown {
    pair: RwLock<Arc<CertifiedKey>>,
}

impl Certificates {
    pub(super) fn load(files: Tls) -> Result<Arc<Self>, String> {
        let provider = Arc::new(ring::default_provider());
        let seen = Mutex::new(stamps(&files));
        let shown = Arc::new(Shown { pair: RwLock::new(read(&files, &provider)?) });
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Shown>::clone(&shown);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("cannot speak TLS: {error}"))?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(Self { shown, config: Arc::new(config), files, seen }))
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Reloads for ever, whenever a file has changed.
    pub(super) async fn watch(&self) -> Infallible {
        loop {
            sleep(LOOK).await;
            self.look();
        }
    }

    /// Two small files are read inline: it takes microseconds, and only when they have changed.
    fn look(&self) {
        let now = stamps(&self.files);
        let before = std::mem::replace(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner), now);
        if before == now {
            return;
        }
        match read(&self.files, self.config.crypto_provider()) {
            Ok(pair) => {
                *self.shown.pair.write().unwrap_or_else(PoisonError::into_inner) = pair;
                tracing::info!(cert = %self.files.cert.display(), "TLS certificate reloaded");
            }
            // Half of a pair may have been written; the other half will change its file too.
            Err(error) => tracing::error!(error, "the old TLS certificate stays in use"),
        }
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.pair.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read(files: &Tls, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, String> {
    let cert = CertificateDer::pem_file_iter(&files.cert).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let cert = cert.map_err(|error| unusable("certificate", &files.cert, error))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unusable("key", &files.key, error))?;
    let pair = CertifiedKey::from_der(cert, key, provider);
    pair.map(Arc::new).map_err(|error| unusable("certificate and its key", &files.cert, error))
}

fn unusable(what: &str, path: &Path, error: impl Display) -> String {
    format!("the TLS {what} in {} cannot be used: {error}", path.display())
}

fn stamps(files: &Tls) -> Stamps {
    [&files.cert, &files.key].map(|path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok())
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, env, process};

    use axum::{
        Router,
        body::Body,
        http::{Request, Version, header::CONTENT_TYPE},
        routing::get,
    };
    use futures_util::stream;
    use hyper::client::conn::http2;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };
    use tokio_rustls::{TlsConnector, client::TlsStream};

    use super::*;
    use crate::{
        serve::{Limits, listen, run},
        stop::Stop,
    };

    const FIRST: [&str; 2] = [include_str!("testdata/first.crt"), include_str!("testdata/first.key")];
    const SECOND: [&str; 2] = [include_str!("testdata/second.crt"), include_str!("testdata/second.key")];

    fn files(name: &str) -> Tls {
        let path = |end: &str| env::temp_dir().join(format!("daybook-{name}-{}.{end}", process::id()));
        let files = Tls { cert: path("crt"), key: path("key") };
        write(&files, FIRST, 1);
        files
    }

    /// Writes a pair as if `minute` minutes into 1970, so that each writing has a time of its own.
    fn write(files: &Tls, [cert, key]: [&str; 2], minute: u64) {
        for (path, text) in [(&files.cert, cert), (&files.key, key)] {
            fs::write(path, text).unwrap();
            let written = SystemTime::UNIX_EPOCH + Duration::from_mins(minute);
            fs::File::options().write(true).open(path).unwrap().set_modified(written).unwrap();
        }
    }

    fn remove(files: &Tls) {
        fs::remove_file(&files.cert).unwrap();
        fs::remove_file(&files.key).unwrap();
    }

    fn shown(certificates: &Certificates) -> CertificateDer<'static> {
        certificates.shown.pair.read().unwrap().cert[0].clone()
    }

    fn der(pem: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
    }

    async fn connect(address: std::net::SocketAddr, protocol: &[u8]) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(der(FIRST[0])).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    #[tokio::test]
    async fn http2_is_spoken_over_tls() {
        let files = files("speak");
        let listeners = listen(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let address = listeners[0].local_addr().unwrap();
        let (stop, trigger) = Stop::manual();
        let app = Router::new().route("/", get(|| async { "hello" }));
        let ended = tokio::spawn(run(listeners, app, Limits::default(), stop, Some(files.clone())));
        let stream = connect(address, b"h2").await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (mut client, connection) =
            http2::handshake::<_, _, Body>(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let request = Request::get("https://localhost/").body(Body::empty()).unwrap();
        let response = client.send_request(request).await.unwrap();
        assert_eq!((response.status().as_u16(), response.version()), (200, Version::HTTP_2));
        trigger.pull();
        ended.await.unwrap().unwrap();
        connection.await.unwrap().unwrap();
        remove(&files);
    }

    #[tokio::test]
    async fn streams_are_carried_over_tls() {
        let files = files("stream");
        let listeners = listen(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let address = listeners[0].local_addr().unwrap();
        let (stop, trigger) = Stop::manual();
        let said = || stream::iter(["one", "two"].map(Ok::<_, Infallible>));
        let events =
            move || async move { ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(said())) };
        let app = Router::new().route("/", get(events));
        let ended = tokio::spawn(run(listeners, app, Limits::default(), stop, Some(files.clone())));
        let mut stream = connect(address, b"http/1.1").await;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("connection: close\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"), "{answer}");
        trigger.pull();
        ended.await.unwrap().unwrap();
        remove(&files);
    }

    #[test]
    fn a_new_pair_is_shown_and_a_bad_one_is_not() {
        let files = files("reload");
        let certificates = Certificates::load(files.clone()).unwrap();
        assert_eq!(shown(&certificates), der(FIRST[0]));

        write(&files, SECOND, 2);
        certificates.look();
        assert_eq!(shown(&certificates), der(SECOND[0]));

        write(&files, [FIRST[0], SECOND[1]], 3);
        certificates.look();
        assert_eq!(shown(&certificates), der(SECOND[0]), "a key of another certificate");

        write(&files, ["nothing", FIRST[1]], 4);
        certificates.look();
        assert_eq!(shown(&certificates), der(SECOND[0]), "no certificate at all");

        write(&files, FIRST, 5);
        certificates.look();
        assert_eq!(shown(&certificates), der(FIRST[0]));
        remove(&files);
    }

    #[test]
    fn a_missing_certificate_is_named() {
        let files = Tls { cert: "/nowhere/cert.pem".into(), key: "/nowhere/key.pem".into() };
        let error = Certificates::load(files).unwrap_err();
        assert!(error.starts_with("the TLS certificate in /nowhere/cert.pem cannot be used: "), "{error}");
    }
}
