//! The data folder, and a database of the embedded engine wherever it lies: one process owns them at a time.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::{Error, Result, Settings};

/// A data folder that this process owns until the value is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes the folder, making it if it is not there. One clear sentence when that cannot be.
    pub fn take(path: &Path) -> Result<Self> {
        let refused = |what: &str, e: std::io::Error| {
            Error::Unavailable(format!("the data folder {} {what}: {e}", path.display()))
        };
        // What is in there is the house's alone, passwords' hashes and keys included.
        make(path).map_err(|e| refused("cannot be made", e))?;
        let lock = match locked(&path.join("daybook.lock")) {
            Ok(Some(lock)) => lock,
            Ok(None) => {
                let path = path.display();
                return Err(Error::Unavailable(format!(
                    "the data folder {path} is in use by another Daybook"
                )));
            }
            Err(e) => return Err(refused("cannot be written to", e)),
        };
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A database that no other process opens meanwhile, if its engine is this process. Held until the value is dropped.
#[derive(Debug)]
pub struct Hold {
    _lock: Option<File>,
}

impl Hold {
    /// Takes the database; `None` when another process has it.
    pub fn take(settings: &Settings) -> Result<Option<Self>> {
        let Some(file) = settings.file() else { return Ok(Some(Self { _lock: None })) };
        let mut beside = file.as_os_str().to_owned();
        beside.push(".lock");
        let taken = file.parent().map_or(Ok(()), make).and_then(|()| locked(Path::new(&beside)));
        let taken = taken.map_err(|e| {
            Error::Unavailable(format!("the database {} cannot be locked: {e}", file.display()))
        })?;
        Ok(taken.map(|lock| Self { _lock: Some(lock) }))
    }
}

/// The file, made and locked; `None` when another process has locked it.
fn locked(path: &Path) -> std::io::Result<Option<File>> {
    let mut lock = File::options().create(true).truncate(false).write(true).open(path)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(e)) => return Err(e),
    }
    // For a person who wonders which process it is; the lock itself is what counts.
    let _ = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
    Ok(Some(lock))
}

/// Makes the folder and those above it that are missing, each written into the one above it before it is used: a
/// synced file is lost all the same when the power goes before its folder's name is on the disk.
fn make(path: &Path) -> std::io::Result<()> {
    if path.is_dir() || path.as_os_str().is_empty() {
        return Ok(());
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make(above)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists || !path.is_dir() => Err(error),
        _ => File::open(above)?.sync_all(),
    }
}
