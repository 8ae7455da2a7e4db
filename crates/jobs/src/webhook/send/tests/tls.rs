//! Who proves to be who was called, and who does not.

use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use super::server::Pace;
use super::*;

/// A certificate for `localhost` that nobody vouches for.
fn certificate(ending: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../api/src/serve/testdata/first.{ending}"))
}

fn acceptor() -> TlsAcceptor {
    let chain = vec![CertificateDer::from_pem_file(certificate("crt")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(certificate("key")).unwrap();
    let config = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()))
}

/// Trusts that certificate.
fn trusting() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate("crt")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
    let config = config.with_safe_default_protocol_versions().unwrap();
    config.with_root_certificates(roots).with_no_client_auth()
}

async fn call(tls: ClientConfig, host: &str, server: &Server) -> Verdict {
    let guard = Guard::new(&["127.0.0.1"]).unwrap();
    let sender = Sender::new(guard, resolving(&[&["127.0.0.1"]]), tls, Limits::default());
    send_with(&sender, &format!("https://{host}:{}/", server.address.port())).await
}

#[test]
fn only_who_has_a_good_certificate_for_the_name_that_was_called_hears_anything() {
    testkit::run(async {
        let server = Server::on("127.0.0.1:0", OK, Pace::AtOnce, Some(acceptor())).await;
        for (tls, host, cause) in [
            (web_roots().unwrap(), "localhost", "UnknownIssuer"),
            (trusting(), "other.example", "not valid for name"),
            (trusting(), "127.0.0.1", "not valid for name"),
        ] {
            let verdict = call(tls, host, &server).await;
            let Verdict::Again { why, .. } = &verdict else { panic!("{verdict:?}") };
            assert!(why.text.code == "webhook_no_tls" && why.args[1].contains(cause), "{why:?}");
        }
        assert_eq!(server.heard().len(), 0);
        assert_eq!(call(trusting(), "localhost", &server).await, taken());
        assert_eq!(call(trusting(), "LocalHost.", &server).await, taken());
    });
}

#[test]
fn an_encrypted_way_does_not_lead_on_to_one_that_is_not() {
    testkit::run(async {
        let plain = Server::answering(OK).await;
        let down = format!("HTTP/1.1 308 Down\r\nLocation: {}\r\n\r\n", plain.url("/"));
        let server = Server::on("127.0.0.1:0", down, Pace::AtOnce, Some(acceptor())).await;
        let verdict = call(trusting(), "localhost", &server).await;
        assert_eq!(told(&verdict), ("never", "webhook_redirect_downgrade"));
        assert_eq!((server.heard().len(), plain.heard().len()), (1, 0));
    });
}
