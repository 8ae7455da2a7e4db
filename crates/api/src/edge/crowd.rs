//! How many requests are in the house at once. One more than it can work on is sent away at once, instead of all of them
//! becoming slow; whoever wants to sign in, or to know whether the house is well, is sent away last.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;

use crate::problem::Failure;
use crate::rates::Group;
use crate::texts;

/// Those who are in the house.
pub(super) struct Crowd {
    inside: AtomicUsize,
    most: usize,
}

/// A place in the house, until it is dropped.
pub(super) struct Place<'c>(&'c Crowd);

impl Crowd {
    pub(super) const fn new(most: usize) -> Self {
        Self { inside: AtomicUsize::new(0), most }
    }

    /// Lets a request in if there is room for its kind.
    pub(super) fn enter(&self, group: Option<Group>) -> Result<Place<'_>, Failure> {
        let most = match group {
            Some(Group::Read | Group::Write) => self.most,
            Some(Group::Door { .. }) => self.most.saturating_add(self.most / 2),
            None => self.most.saturating_mul(2),
        };
        // The place is there before it is counted, so that it is given back whatever happens.
        let place = Place(self);
        if self.inside.fetch_add(1, Ordering::Relaxed) < most {
            return Ok(place);
        }
        Err(Failure::Http(StatusCode::SERVICE_UNAVAILABLE, texts::CROWDED.into()))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_sign_in_and_those_who_look_after_the_house_are_sent_away_last() {
        let crowd = Crowd::new(4);
        let (read, write, door) =
            (Some(Group::Read), Some(Group::Write), Some(Group::Door { costly: false }));
        let mut inside: Vec<_> =
            [read, write, read, write].map(|group| crowd.enter(group).ok().unwrap()).into();
        assert!(crowd.enter(read).is_err() && crowd.enter(write).is_err());
        inside.extend([door, door].map(|group| crowd.enter(group).ok().unwrap()));
        assert!(crowd.enter(door).is_err());
        inside.extend([None, None].map(|group| crowd.enter(group).ok().unwrap()));
        assert!(crowd.enter(None).is_err());
        inside.truncate(3);
        drop(crowd.enter(read).ok().unwrap());
        assert_eq!(crowd.inside.load(Ordering::Relaxed), 3);
    }
}
