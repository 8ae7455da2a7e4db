use std::fs;
use std::os::unix::fs::PermissionsExt;

use api::Verifier;
use tempfile::TempDir;
use testkit::StillClock;
use types::{Caller, Role, SessionId, UserId};

use super::*;

const TTL: Duration = Duration::from_mins(5);

struct Place {
    folder: TempDir,
    clock: StillClock,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: StillClock::default() }
    }

    fn open(&self) -> SigningKeys {
        SigningKeys::open(self.folder.path(), TTL, Arc::new(self.clock.clone())).unwrap()
    }

    /// The names of the files, each of which only its owner reads.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap().map(Result::unwrap);
        let mut names: Vec<String> = entries
            .map(|entry| {
                assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
                entry.file_name().into_string().unwrap()
            })
            .collect();
        names.sort();
        names
    }

    fn verifier(&self, keys: &SigningKeys) -> Verifier {
        Verifier::new(keys.public().clone(), "daybook", "daybook", Arc::new(self.clock.clone()))
    }

    fn token(&self, keys: &SigningKeys) -> String {
        let caller = Caller { user: UserId::trusted(7), session: SessionId::trusted(9), role: Role::User };
        keys.sign(&self.verifier(keys).claims(caller, 1, 0, TTL)).unwrap()
    }
}

#[test]
fn the_first_start_makes_a_key_and_the_second_finds_it() {
    let place = Place::new();
    let first = place.open();
    let second = place.open();
    assert_eq!(first.public().public(), second.public().public());
    assert_eq!(place.files(), [format!("{}.pem", first.list().0)]);
}

#[test]
fn a_damaged_key_is_told_of_by_name() {
    for name in ["1-x.pem", "1-x.pub"] {
        let place = Place::new();
        fs::write(place.folder.path().join(name), "nonsense").unwrap();
        let opened = SigningKeys::open(place.folder.path(), TTL, Arc::new(place.clock.clone()));
        let Err(error) = opened else { panic!("it is damaged") };
        assert!(error.to_string().contains("1-x"), "{error}");
    }
}

#[test]
fn a_new_key_signs_at_once_and_the_older_verifies_while_its_tokens_live() {
    let place = Place::new();
    let keys = place.open();
    let (verifier, old) = (place.verifier(&keys), place.token(&keys));
    let first = keys.list().0;
    let kid = keys.rotate().unwrap();
    assert!(kid.starts_with("2-"), "{kid}");
    assert_eq!(place.files(), [format!("{first}.pub"), format!("{kid}.pem")], "its private half is gone");
    let new = place.token(&keys);
    for token in [&old, &new] {
        assert!(verifier.verify(token).is_ok());
    }
    let death = place.clock.now().plus(TTL).plus(MARGIN);
    assert_eq!(
        keys.list(),
        (kid.clone(), vec![Retired { key: keys.public().public()[0].clone(), until: death }])
    );

    place.clock.advance(TTL);
    keys.bury_dead().unwrap();
    assert_eq!(keys.public().public().len(), 2, "another machine's clock may be slow");
    place.clock.advance(MARGIN);
    keys.bury_dead().unwrap();
    assert_eq!(keys.public().public().iter().map(|key| &key.kid).collect::<Vec<_>>(), [&kid]);
    assert_eq!(place.files(), [format!("{kid}.pem")]);
}

#[test]
fn a_restart_remembers_which_keys_verify_and_until_when() {
    let place = Place::new();
    let keys = place.open();
    let old = place.token(&keys);
    keys.rotate().unwrap();
    let listed = keys.list();
    drop(keys);
    place.clock.advance(Duration::from_mins(4));
    let keys = place.open();
    assert_eq!(keys.list(), listed);
    assert!(place.verifier(&keys).verify(&old).is_ok());
    place.clock.advance(Duration::from_mins(2));
    let keys = place.open();
    assert_eq!(keys.list(), (listed.0, vec![]));
    assert!(place.verifier(&keys).verify(&old).is_err());
}

/// The power may go after any of the three steps of a rotation.
#[test]
fn an_interrupted_rotation_is_finished_at_the_next_start() {
    let place = Place::new();
    let keys = place.open();
    let (first, old) = (keys.list().0, place.token(&keys));
    let whole = fs::read(place.folder.path().join(format!("{first}.pem"))).unwrap();
    let second = keys.rotate().unwrap();
    let expected = [format!("{first}.pub"), format!("{second}.pem")];
    let restore = || {
        let path = place.folder.path().join(format!("{first}.pem"));
        fs::write(&path, &whole).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    restore();
    let keys = place.open();
    assert_eq!((keys.list().0, place.files()), (second.clone(), expected.to_vec()));
    restore();
    fs::remove_file(place.folder.path().join(format!("{first}.pub"))).unwrap();
    let keys = place.open();
    assert_eq!((keys.list().0, place.files()), (second, expected.to_vec()));
    assert!(place.verifier(&keys).verify(&old).is_ok());
}

#[test]
fn keys_are_counted_and_not_spelt() {
    let place = Place::new();
    let keys = place.open();
    let names: Vec<String> = (0..11).map(|_| keys.rotate().unwrap()).collect();
    assert!(names[10].starts_with("12-"), "{names:?}");
    let again = place.open();
    assert_eq!(again.list().0, names[10]);
    assert_eq!(again.list().1.len(), 11);
    // Whoever takes the newest away by hand gets a newer one, never an older one back.
    fs::remove_file(place.folder.path().join(format!("{}.pem", names[10]))).unwrap();
    assert!(place.open().list().0.starts_with("12-"));
}

#[test]
fn keys_in_memory_rotate_as_well() {
    let place = Place::new();
    let keys = SigningKeys::in_memory(TTL, Arc::new(place.clock.clone())).unwrap();
    let (verifier, old) = (place.verifier(&keys), place.token(&keys));
    keys.rotate().unwrap();
    for token in [old, place.token(&keys)] {
        assert!(verifier.verify(&token).is_ok());
    }
}
