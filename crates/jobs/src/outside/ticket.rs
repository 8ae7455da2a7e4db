//! What a worker proves its claim with.

use std::fmt;
use std::str::FromStr;

use types::{FieldError, Text};

const BAD_CLAIM: Text = Text {
    code: "bad_claim",
    en: "this is not the `claim` that came with the job",
    uk: "це не той `claim`, що прийшов разом із завданням",
    ru: "это не тот `claim`, что пришёл вместе с заданием",
};

/// The number of a claim, and which attempt of the job it is: that tells an answer that is repeated from one that is late,
/// when nobody holds the job any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The claim.
    pub claim: i64,
    /// The attempt.
    pub attempt: i64,
}

impl Ticket {
    /// One that nothing is held by.
    pub const NONE: Self = Self { claim: 0, attempt: 0 };
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.claim, self.attempt)
    }
}

impl FromStr for Ticket {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        let number = |text: &str| text.parse().ok().filter(|number: &i64| *number > 0);
        let read = text.split_once(':').and_then(|(claim, attempt)| Some((number(claim)?, number(attempt)?)));
        let (claim, attempt) = read.ok_or_else(|| FieldError::new("claim", BAD_CLAIM))?;
        Ok(Self { claim, attempt })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_reads_as_it_is_written() {
        let ticket = Ticket { claim: 17, attempt: 3 };
        assert_eq!(ticket.to_string().parse(), Ok(ticket));
        for bad in ["", "17", "17:", ":3", "0:1", "17::3", "a:1", "17:-3", "99999999999999999999:1"] {
            assert_eq!(bad.parse::<Ticket>().unwrap_err().field, "claim", "{bad:?}");
        }
    }
}
