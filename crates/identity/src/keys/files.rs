//! Keys on disk: `NAME.pem` is a key that signs, `NAME.pub` what is left of one that does so no more.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use types::{Error, Result};

use super::Retired;

/// What the name of a file with a whole key ends in; before it stands the key's name.
const WHOLE: &str = ".pem";
/// What the name of a file with a public half ends in.
const HALF: &str = ".pub";

/// A folder with keys.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder, which is made when it is not there.
    pub fn open(path: &Path) -> Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| unreadable(path, e))?;
        Ok(Self(path.to_owned()))
    }

    /// The keys that are whole.
    pub fn whole(&self) -> Result<Vec<(String, SigningKey)>> {
        let read = |kid: String| {
            let pem = fs::read_to_string(self.file(&kid, WHOLE)).map_err(|e| unreadable(&self.0, e))?;
            let key = SigningKey::from_pkcs8_pem(&pem).map_err(|e| {
                Error::internal_by(format!("the key {kid} in {} is damaged", self.0.display()), e)
            })?;
            Ok((kid, key))
        };
        self.names(WHOLE)?.into_iter().map(read).collect()
    }

    /// The keys that have retired.
    pub fn retired(&self) -> Result<Vec<Retired>> {
        let read = |kid: String| {
            let text = fs::read(self.file(&kid, HALF)).map_err(|e| unreadable(&self.0, e))?;
            serde_json::from_slice(&text).map_err(|e| {
                Error::internal_by(format!("the public key {kid} in {} is damaged", self.0.display()), e)
            })
        };
        self.names(HALF)?.into_iter().map(read).collect()
    }

    /// Keeps a new key.
    pub fn keep(&self, kid: &str, key: &SigningKey) -> Result<()> {
        let pem =
            key.to_pkcs8_pem(LineEnding::LF).map_err(|e| Error::internal_by("a key cannot be written", e))?;
        write(&self.file(kid, WHOLE), pem.as_bytes())
    }

    /// Keeps the public half of a key and forgets the other: what is not there cannot be stolen.
    pub fn retire(&self, retired: &Retired) -> Result<()> {
        let text = serde_json::to_vec(retired)
            .map_err(|e| Error::internal_by("a public key cannot be written", e))?;
        write(&self.file(&retired.key.kid, HALF), &text)?;
        self.forget(&retired.key.kid, WHOLE)
    }

    /// Forgets a key that verifies nothing any more.
    pub fn bury(&self, kid: &str) -> Result<()> {
        self.forget(kid, WHOLE)?;
        self.forget(kid, HALF)
    }

    fn forget(&self, kid: &str, ending: &str) -> Result<()> {
        match fs::remove_file(self.file(kid, ending)) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                let path = self.0.display();
                Err(Error::internal_by(format!("the key {kid} in {path} cannot be removed"), e))
            }
            _ => Ok(()),
        }
    }

    fn names(&self, ending: &str) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.0).map_err(|e| unreadable(&self.0, e))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter_map(|name| name.strip_suffix(ending).map(str::to_owned)).collect())
    }

    fn file(&self, kid: &str, ending: &str) -> PathBuf {
        self.0.join(format!("{kid}{ending}"))
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
        Err(e) if e.kind() == ErrorKind::NotFound => {
            let secret = drawn()?;
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| failed(folder, e))?;
            write(&path, &secret)?;
            Ok(secret)
        }
        Err(e) => Err(failed(&path, e)),
    }
}

/// Random bytes for a key.
#[expect(clippy::disallowed_methods, reason = "the one place where keys are drawn")]
pub fn drawn() -> Result<[u8; 32]> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|e| Error::internal_by("the system gives no randomness", e))?;
    Ok(secret)
}

fn unreadable(folder: &Path, e: std::io::Error) -> Error {
    Error::internal_by(format!("the keys in {} cannot be read", folder.display()), e)
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
