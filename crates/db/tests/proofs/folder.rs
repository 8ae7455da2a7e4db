//! The data folder has one owner, and is the owner's alone.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use db::{Batch, Db, Error, Folder, Settings, sql};
use testkit::{Engine, TestDb};

use super::child::{self, Child};

/// What is told to the person who starts a program that cannot have the folder.
fn refusal(path: &Path) -> String {
    let Err(Error::Unavailable(sentence)) = Folder::take(path) else {
        panic!("{} was taken", path.display())
    };
    assert!(sentence.contains(&path.display().to_string()) && sentence.lines().count() == 1, "{sentence}");
    sentence
}

#[test]
fn a_folder_in_use_is_refused_and_is_free_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = child::command("folder::taken_until_the_kill");
    command.env("PROOF_FOLDER", folder.path());
    let mut owner = Child::start(command);
    owner.says("taken");
    assert!(refusal(folder.path()).ends_with("is in use by another Daybook"));
    drop(owner);
    let taken = Folder::take(folder.path()).unwrap();
    assert!(refusal(folder.path()).ends_with("is in use by another Daybook"));
    drop(taken);
    Folder::take(folder.path()).unwrap();
}

#[test]
#[ignore = "a process that another test starts"]
fn taken_until_the_kill() {
    let Some(path) = std::env::var_os("PROOF_FOLDER").map(PathBuf::from) else { return };
    let _folder = Folder::take(&path).unwrap();
    println!("\ntaken");
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_new_folder_is_its_owners_alone() {
    let above = tempfile::tempdir().unwrap();
    let path = above.path().join("house/data");
    let folder = Folder::take(&path).unwrap();
    for made in [folder.path(), &above.path().join("house")] {
        assert_eq!(made.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn what_cannot_be_a_folder_is_told_in_a_sentence() {
    let above = tempfile::tempdir().unwrap();
    let file = above.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(refusal(&file).contains("cannot be"));
    assert!(refusal(&file.join("data")).contains("cannot be made"));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut command) = child::with_own_mounts("folder::on_a_read_only_disk", folder.path()) else {
        return;
    };
    command.env("PROOF_READ_ONLY", folder.path());
    Child::start(command).ends_well();
}

#[test]
#[ignore = "a process that another test starts, with mounts of its own"]
fn on_a_read_only_disk() {
    let Some(path) = std::env::var_os("PROOF_READ_ONLY").map(PathBuf::from) else { return };
    child::mount_read_only(&path);
    assert!(refusal(&path).contains("cannot be written to"));
    assert!(refusal(&path.join("data")).contains("cannot be made"));
}

#[test]
fn a_database_is_read_beside_its_owner_and_not_written() {
    testkit::run(async {
        let test = TestDb::empty(Engine::Embedded).await;
        let write = |sql| Batch::new().any(sql);
        test.db.write(write(sql!("create table t (id integer primary key) strict"))).await.unwrap();
        let beside = Db::open_beside(&Settings::new(&test.url)).unwrap();
        for id in 1..=3 {
            test.db.write(write(sql!("insert into t (id) values (?)", id))).await.unwrap();
            let newest = || sql!("select max(id) from t");
            assert_eq!(beside.first::<i64>(newest()).await.unwrap(), Some(id));
            assert_eq!(beside.scan::<i64>(newest()).await.unwrap(), [id]);
        }
        let refused = beside.write(write(sql!("insert into t (id) values (4)"))).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
        beside.close().await;
    });
}
