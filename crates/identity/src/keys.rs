//! The keys that access tokens are signed with. They never leave identity; verifiers get the public halves.

use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use api::{Claims, KeySet, PublicKey};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use types::{Error, Result};

/// What a key file's name ends in; before it stands the key's name.
const ENDING: &str = ".pem";

/// Signs tokens with the newest key. Cheap to clone.
#[derive(Clone)]
pub struct SigningKeys {
    newest: Arc<Key>,
    public: KeySet,
}

struct Key {
    kid: String,
    signing: EncodingKey,
}

impl SigningKeys {
    /// The keys in this folder; the first one is made when there is none.
    pub fn open(folder: &Path) -> Result<Self> {
        let failed = |e: std::io::Error| {
            Error::internal_by(format!("the keys in {} cannot be read", folder.display()), e)
        };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let mut names: Vec<String> = fs::read_dir(folder)
            .map_err(failed)?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(ENDING).map(str::to_owned))
            .collect();
        if names.is_empty() {
            names.push(make(folder)?);
        }
        names.sort();
        let keys = names.iter().map(|kid| {
            let pem = fs::read_to_string(folder.join(format!("{kid}{ENDING}"))).map_err(failed)?;
            let key = SigningKey::from_pkcs8_pem(&pem).map_err(|e| {
                Error::internal_by(format!("the key {kid} in {} is damaged", folder.display()), e)
            })?;
            Ok((kid.clone(), key))
        });
        Self::of(keys.collect::<Result<Vec<_>>>()?)
    }

    /// A key that lives in memory and ends with the process.
    pub fn in_memory() -> Result<Self> {
        Self::of(vec![("memory".to_owned(), fresh()?)])
    }

    fn of(keys: Vec<(String, SigningKey)>) -> Result<Self> {
        let public = KeySet::default();
        public.replace(
            keys.iter().map(|(kid, key)| PublicKey::ed25519(kid, key.verifying_key().as_bytes())).collect(),
        );
        let (kid, newest) =
            keys.into_iter().last().ok_or_else(|| Error::internal("there is no key to sign with"))?;
        let der =
            newest.to_pkcs8_der().map_err(|e| Error::internal_by("the signing key cannot be used", e))?;
        let signing = EncodingKey::from_ed_der(der.as_bytes());
        Ok(Self { newest: Arc::new(Key { kid, signing }), public })
    }

    /// The public halves.
    pub const fn public(&self) -> &KeySet {
        &self.public
    }

    /// The token that says this.
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let header = Header { kid: Some(self.newest.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &self.newest.signing)
            .map_err(|e| Error::internal_by("a token could not be signed", e))
    }
}

/// The secret in this file of the folder, made when there is none. Without a folder one that ends with the process.
pub fn secret(folder: Option<&Path>, name: &str) -> Result<[u8; 32]> {
    let Some(folder) = folder else { return drawn() };
    let failed = |path: &Path, e: std::io::Error| {
        Error::internal_by(format!("the secret in {} cannot be read", path.display()), e)
    };
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| {
            Error::internal(format!("the secret in {} is damaged: it is not 32 bytes", path.display()))
        }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let secret = drawn()?;
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| failed(folder, e))?;
            write(&path, &secret)?;
            Ok(secret)
        }
        Err(e) => Err(failed(&path, e)),
    }
}

/// 32 bytes that nobody guesses.
#[expect(clippy::disallowed_methods, reason = "the one place where keys are drawn")]
pub fn drawn() -> Result<[u8; 32]> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|e| Error::internal_by("the system gives no randomness", e))?;
    Ok(secret)
}

fn fresh() -> Result<SigningKey> {
    Ok(SigningKey::from_bytes(&drawn()?))
}

/// Makes a key file that is whole or not there, whenever the power goes; its name sorts behind all older ones.
fn make(folder: &Path) -> Result<String> {
    let key = fresh()?;
    let kid = key.verifying_key().as_bytes()[..8]
        .iter()
        .fold(String::from("1-"), |kid, byte| format!("{kid}{byte:02x}"));
    let pem =
        key.to_pkcs8_pem(LineEnding::LF).map_err(|e| Error::internal_by("a key cannot be written", e))?;
    write(&folder.join(format!("{kid}{ENDING}")), pem.as_bytes())?;
    Ok(kid)
}

/// Writes a file that only its owner reads, and that is whole or not there whenever the power goes.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let draft = path.with_extension("new");
    let written = (|| {
        let mut file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    })();
    written.map_err(|e: std::io::Error| {
        Error::internal_by(format!("the key {} cannot be written", path.display()), e)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_first_start_makes_a_key_and_the_second_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = SigningKeys::open(folder.path()).unwrap();
        let second = SigningKeys::open(folder.path()).unwrap();
        assert_eq!(first.public().public(), second.public().public());
        let file = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_told_of_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1-x.pem"), "nonsense").unwrap();
        let Err(error) = SigningKeys::open(folder.path()) else { panic!("it is damaged") };
        assert!(error.to_string().contains("1-x"), "{error}");
    }
}
