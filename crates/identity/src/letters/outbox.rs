//! Letters as files, where nobody is set up to bring them: an operator or a developer reads them there.

use std::collections::VecDeque;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tokio::fs::{self, DirBuilder, File, OpenOptions};
use tokio::io::AsyncWriteExt;
use types::{Error, Result};

use super::{Letter, Outcome, Post};
use crate::Target;

/// The most letters that are kept; older ones go.
const MOST: usize = 1_000;
/// What the file of a letter ends in, and that of one that is being written.
const ENDINGS: [&str; 2] = ["txt", "new"];

/// Keeps letters instead of bringing them.
pub struct Outbox {
    place: Place,
}

enum Place {
    Folder(PathBuf),
    Memory(Mutex<VecDeque<Letter>>),
}

impl Outbox {
    /// In this folder, which is made when it is not there; a file a letter.
    pub async fn open(folder: &Path) -> Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).await.map_err(|e| failed(folder, e))?;
        // The letters have codes in them, also where somebody else made the folder.
        fs::set_permissions(folder, Permissions::from_mode(0o700)).await.map_err(|e| failed(folder, e))?;
        Ok(Self { place: Place::Folder(folder.to_owned()) })
    }

    /// In memory, for a house that keeps nothing on disk.
    pub fn in_memory() -> Self {
        Self { place: Place::Memory(Mutex::default()) }
    }

    /// What was kept in memory, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        match &self.place {
            Place::Folder(_) => Vec::new(),
            Place::Memory(letters) => {
                letters.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
            }
        }
    }
}

#[async_trait]
impl Post for Outbox {
    async fn send(&self, letter: &Letter) -> Result<Outcome> {
        match &self.place {
            Place::Folder(folder) => write(folder, letter).await.map_err(|e| failed(folder, e))?,
            Place::Memory(letters) => {
                let mut letters = letters.lock().unwrap_or_else(PoisonError::into_inner);
                letters.retain(|kept| kept.id != letter.id);
                letters.push_back(letter.clone());
                let surplus = letters.len().saturating_sub(MOST);
                letters.drain(..surplus);
            }
        }
        Ok(Outcome::Taken)
    }
}

/// A file that is whole or not there. A letter that is tried again has the same name, and is there once.
async fn write(folder: &Path, letter: &Letter) -> io::Result<()> {
    let (kind, to) = match &letter.to {
        Target::Email(address) => ("mail", address),
        Target::Phone(number) => ("sms", number),
    };
    let name = format!("{:016}-{kind}-{}", letter.at.millis(), letter.id);
    let [draft, done] = ["new", "txt"].map(|ending| folder.join(format!("{name}.{ending}")));
    let subject =
        if kind == "mail" { format!("Subject: {}\n", one_line(&letter.subject)) } else { String::new() };
    let text = format!("To: {}\n{subject}\n{}\n", one_line(to), letter.text.trim_end());
    let mut file =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft).await?;
    file.write_all(text.as_bytes()).await?;
    file.sync_all().await?;
    fs::rename(&draft, &done).await?;
    File::open(folder).await?.sync_all().await?;
    clear(folder).await
}

/// Deletes the oldest letters beyond those that are kept. Other files are none of ours.
async fn clear(folder: &Path) -> io::Result<()> {
    let (mut names, mut entries) = (Vec::new(), fs::read_dir(folder).await?);
    while let Some(entry) = entries.next_entry().await? {
        let path = entry.path();
        let is_ours = path.extension().is_some_and(|found| ENDINGS.iter().any(|ending| found == *ending));
        if is_ours {
            names.push(path);
        }
    }
    names.sort();
    let surplus = names.len().saturating_sub(MOST);
    for name in names.into_iter().take(surplus) {
        match fs::remove_file(name).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A folder may have room, or its rights back, a little later.
fn failed(folder: &Path, error: io::Error) -> Error {
    Error::unavailable_by(format!("no letter can be written into {}", folder.display()), error)
}

#[cfg(test)]
mod tests {
    use types::Timestamp;

    use super::*;

    fn letter(id: i64) -> Letter {
        Letter {
            id,
            to: Target::Email("anna@example.org".into()),
            subject: "Your code\r\nBcc: eve@example.org".into(),
            text: "Your code:\n\n123456\n".into(),
            at: Timestamp::from_millis(1_795_253_400_000 + id),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_letter_is_a_file_that_only_its_owner_reads_and_is_there_once() {
        testkit::run(async {
            let data = tempfile::tempdir().unwrap();
            let folder = data.path().join("outbox");
            let outbox = Outbox::open(&folder).await.unwrap();
            for _ in 0..2 {
                assert_eq!(outbox.send(&letter(7)).await.unwrap(), Outcome::Taken);
            }
            assert_eq!(names(&folder), ["0001795253400007-mail-7.txt"]);
            let file = folder.join("0001795253400007-mail-7.txt");
            let text = std::fs::read_to_string(&file).unwrap();
            assert_eq!(
                text,
                "To: anna@example.org\nSubject: Your codeBcc: eve@example.org\n\nYour code:\n\n123456\n"
            );
            let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&file), mode(&folder)), (0o600, 0o700));
        });
    }

    #[test]
    fn a_text_message_has_no_subject() {
        testkit::run(async {
            let data = tempfile::tempdir().unwrap();
            let outbox = Outbox::open(data.path()).await.unwrap();
            let letter = Letter { to: Target::Phone("+380501234567".into()), ..letter(7) };
            outbox.send(&letter).await.unwrap();
            let text = std::fs::read_to_string(data.path().join("0001795253400007-sms-7.txt")).unwrap();
            assert_eq!(text, "To: +380501234567\n\nYour code:\n\n123456\n");
        });
    }

    #[test]
    fn the_oldest_letters_make_room_and_files_of_others_stay() {
        testkit::run(async {
            let data = tempfile::tempdir().unwrap();
            let outbox = Outbox::open(data.path()).await.unwrap();
            std::fs::write(data.path().join("0.keep"), "mine").unwrap();
            for id in 1..=MOST + 1 {
                std::fs::write(data.path().join(format!("{id:016}-mail-{id}.txt")), "old").unwrap();
            }
            outbox.send(&letter(5)).await.unwrap();
            let names = names(data.path());
            assert_eq!(names.len(), MOST + 1);
            assert_eq!(names[..2], ["0.keep", "0000000000000003-mail-3.txt"]);
            assert_eq!(names[MOST], "0001795253400005-mail-5.txt");
        });
    }

    #[test]
    fn a_folder_that_cannot_be_written_may_be_good_again_later() {
        testkit::run(async {
            let data = tempfile::tempdir().unwrap();
            let outbox = Outbox::open(&data.path().join("outbox")).await.unwrap();
            std::fs::remove_dir(data.path().join("outbox")).unwrap();
            let error = outbox.send(&letter(1)).await.unwrap_err();
            assert!(error.is_passing() && !types::with_causes(&error).contains("123456"), "{error}");
        });
    }

    #[test]
    fn in_memory_letters_are_kept_once_and_not_without_end() {
        testkit::run(async {
            let outbox = Outbox::in_memory();
            for id in [1, 1].into_iter().chain(2..=1_001) {
                outbox.send(&letter(id)).await.unwrap();
            }
            let ids: Vec<i64> = outbox.letters().iter().map(|letter| letter.id).collect();
            assert_eq!((ids.len(), ids[0], ids[999]), (1_000, 2, 1_001));
        });
    }
}
