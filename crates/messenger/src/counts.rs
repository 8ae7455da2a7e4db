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
    /// 1, or -1 where they are taken away from coarser ones.
    pub sign: i64,
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

    /// Where a bucket begins next to this second, before or after it.
    const fn nearest(self, second: i64) -> i64 {
        self.start(second.saturating_add(self.length() / 2))
    }
}

/// The seconds from the first to the last, both included, as few buckets: from each end to the nearest place where a coarser
/// bucket begins, whether that takes away or adds, and so on from there.
pub fn pieces(since: i64, to: i64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut begin, mut end) = (since, to.saturating_add(1).max(since));
    let mut grain = Grain::Second;
    for coarser in Grain::ALL.into_iter().skip(1) {
        let (inner_begin, inner_end) = (coarser.nearest(begin), coarser.nearest(end));
        if inner_begin == inner_end {
            break;
        }
        pieces.extend(piece(grain, begin, inner_begin));
        pieces.extend(piece(grain, inner_end, end));
        (begin, end, grain) = (inner_begin, inner_end, coarser);
    }
    pieces.extend(piece(grain, begin, end));
    pieces
}

/// What brings one moment to another.
fn piece(grain: Grain, from: i64, to: i64) -> Option<Piece> {
    let (first, last) = (from.min(to), from.max(to) - grain.length());
    (from != to).then(|| Piece { sign: (to - from).signum(), grain, first, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runs of seconds that the pieces have, each as often as it counts: none but once, and whole.
    fn covered(pieces: &[Piece]) -> Vec<(i64, i64)> {
        let mut edges = std::collections::BTreeMap::new();
        for Piece { sign, grain, first, last } in pieces {
            let length = grain.length();
            assert!(first <= last && (last - first) % length == 0, "{pieces:?}");
            assert_eq!(grain.start(*first), *first);
            assert!(*grain == Grain::Day || (last - first) / length < 60, "{pieces:?}");
            *edges.entry(*first).or_insert(0) += sign;
            *edges.entry(last + length).or_insert(0) -= sign;
        }
        edges.retain(|_, change| *change != 0);
        let edges: Vec<(i64, i64)> = edges.into_iter().collect();
        edges
            .chunks(2)
            .map(|run| if let [(begin, 1), (end, -1)] = run { (*begin, *end) } else { panic!("{pieces:?}") })
            .collect()
    }

    #[test]
    fn a_range_is_cut_into_few_pieces_that_are_all_of_it() {
        let day = 1_795_219_200;
        for since in [
            0,
            1,
            29,
            30,
            31,
            59,
            60,
            1_799,
            1_800,
            3_599,
            3_600,
            86_399,
            86_400,
            day - 7,
            day + 3_661,
            day + 43_200,
        ] {
            for length in
                [1, 2, 29, 30, 31, 59, 60, 61, 121, 3_600, 3_601, 7_322, 86_400, 90_061, 1_000_000_007]
            {
                let found = pieces(since, since + length - 1);
                assert!(found.len() <= 7, "{found:?}");
                let buckets = |piece: &Piece| (piece.last - piece.first) / piece.grain.length() + 1;
                let fine = found.iter().filter(|piece| piece.grain != Grain::Day);
                assert!(fine.map(buckets).sum::<i64>() <= 2 * (30 + 30 + 12), "{found:?}");
                assert_eq!(covered(&found), [(since, since + length)], "{found:?}");
            }
        }
    }

    #[test]
    fn a_second_and_nothing() {
        assert_eq!(pieces(61, 61), [Piece { sign: 1, grain: Grain::Second, first: 61, last: 61 }]);
        assert_eq!(pieces(62, 61), []);
        assert_eq!(pieces(62, 7), []);
        assert_eq!(pieces(0, 86_399), [Piece { sign: 1, grain: Grain::Day, first: 0, last: 0 }]);
        assert_eq!(
            pieces(0, 86_398),
            [
                Piece { sign: -1, grain: Grain::Second, first: 86_399, last: 86_399 },
                Piece { sign: 1, grain: Grain::Day, first: 0, last: 0 }
            ]
        );
        assert_eq!(covered(&pieces(0, i64::MAX >> 10)), [(0, (i64::MAX >> 10) + 1)]);
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
