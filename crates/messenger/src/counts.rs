//! How many messages there were, counted in seconds, minutes, hours and days when they are processed: a range of any
//! length is a few sums, and costs the same however many messages it has.

mod bodies;
mod classic;
mod routes;
mod service;
mod store;
mod tally;

use types::UserId;

pub use classic::routes as classic;
pub use routes::routes;
pub use service::Counts;
pub use store::SqlCounts;
pub use tally::Tally;

/// Whose count is that of the whole house.
pub const EVERYBODY: i64 = 0;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Of {
    /// Messages in the whole house, each once.
    All,
    /// Messages that came to somebody.
    Received(UserId),
    /// Messages that somebody wrote.
    Sent(UserId),
}

/// How finely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    Second,
    Minute,
    Hour,
    Day,
}

/// A run of buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Of what length.
    pub grain: Grain,
    /// Where the first begins, in seconds since 1970.
    pub first: i64,
    /// Where the last begins.
    pub last: i64,
}

impl Of {
    /// Whose buckets they are.
    pub const fn subject(self) -> i64 {
        match self {
            Self::All => EVERYBODY,
            Self::Received(user) | Self::Sent(user) => user.number(),
        }
    }

    /// The buckets of this length, as they are kept.
    pub const fn series(self, grain: Grain) -> i64 {
        let what = match self {
            Self::All => 0,
            Self::Received(_) => 1,
            Self::Sent(_) => 2,
        };
        what * Grain::MANY + grain as i64
    }
}

impl Grain {
    /// From the finest on; the coarser ones are multiples.
    pub const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::Hour, Self::Day];

    /// How many there are.
    const MANY: i64 = 4;

    /// In seconds.
    pub const fn length(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// Where the bucket begins that has this second.
    pub const fn start(self, second: i64) -> i64 {
        second.div_euclid(self.length()) * self.length()
    }
}

/// The seconds from the first to the last, both included, as the fewest runs of buckets.
pub fn pieces(since: i64, to: i64) -> Vec<Piece> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let (mut begin, mut end) = (since, to.saturating_add(1));
    for (grain, coarser) in Grain::ALL.into_iter().zip(Grain::ALL.into_iter().skip(1)) {
        let (inner_begin, inner_end) = (coarser.start(begin + coarser.length() - 1), coarser.start(end));
        if inner_begin >= inner_end {
            before.extend(piece(grain, begin, end));
            (begin, end) = (end, end);
            break;
        }
        before.extend(piece(grain, begin, inner_begin));
        after.extend(piece(grain, inner_end, end));
        (begin, end) = (inner_begin, inner_end);
    }
    before.extend(piece(Grain::Day, begin, end));
    before.extend(after);
    before
}

fn piece(grain: Grain, begin: i64, end: i64) -> Option<Piece> {
    (begin < end).then(|| Piece { grain, first: begin, last: end - grain.length() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds that the pieces have, each of which must be there once.
    fn covered(pieces: &[Piece]) -> i64 {
        let mut runs: Vec<(i64, i64)> =
            pieces.iter().map(|piece| (piece.first, piece.last + piece.grain.length())).collect();
        runs.sort_unstable();
        assert!(runs.windows(2).all(|two| two[0].1 == two[1].0), "{pieces:?}");
        for piece in pieces {
            let length = piece.grain.length();
            assert!(piece.first <= piece.last && (piece.last - piece.first) % length == 0, "{piece:?}");
            assert_eq!(piece.grain.start(piece.first), piece.first);
            assert!(piece.grain == Grain::Day || (piece.last - piece.first) / length < 60 * 2, "{piece:?}");
        }
        runs.iter().map(|(begin, end)| end - begin).sum()
    }

    #[test]
    fn a_range_is_cut_into_few_pieces_that_are_all_of_it() {
        let day = 1_795_219_200;
        for since in [0, 1, 59, 60, 3_599, 3_600, 86_399, 86_400, day - 7, day + 3_661] {
            for length in [1, 2, 59, 60, 61, 121, 3_600, 3_601, 7_322, 86_400, 90_061, 1_000_000_007] {
                let found = pieces(since, since + length - 1);
                assert!(found.len() <= 7, "{found:?}");
                assert_eq!(covered(&found), length, "{since} {found:?}");
            }
        }
    }

    #[test]
    fn a_second_and_nothing() {
        assert_eq!(pieces(61, 61), [Piece { grain: Grain::Second, first: 61, last: 61 }]);
        assert_eq!(pieces(62, 61), []);
        assert_eq!(pieces(0, 86_399), [Piece { grain: Grain::Day, first: 0, last: 0 }]);
    }

    #[test]
    fn no_two_counts_share_their_buckets() {
        let user = UserId::trusted(17);
        let mut all: Vec<i64> = [Of::All, Of::Received(user), Of::Sent(user)]
            .into_iter()
            .flat_map(|of| Grain::ALL.map(|grain| of.series(grain)))
            .collect();
        all.dedup();
        assert_eq!(all, (0..12).collect::<Vec<_>>());
    }
}
