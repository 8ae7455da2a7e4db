//! What the messages themselves come to: how many there are, and how many each person wrote and received.

use std::collections::HashMap;

use types::Timestamp;

use super::Seen;
use super::store::Membership;
use super::walk::{Piece, Span};
use crate::counts::EVERYBODY;

/// Processed messages, by what is counted and whose they are.
#[derive(Debug, Default)]
pub struct Book {
    accounts: HashMap<(Kind, i64), Account>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    All,
    Received,
    Sent,
}

/// A number that others may be adding to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    /// So many for sure,
    pub sure: i64,
    /// and so many that were processed meanwhile, and may be counted or not.
    pub late: i64,
}

/// The places of processed messages in one chat, in order, and which of them are sure.
struct Places {
    all: Vec<i64>,
    sure: Vec<i64>,
}

impl Book {
    /// What is known of this.
    pub fn account(&self, kind: Kind, subject: i64) -> Account {
        self.accounts.get(&(kind, subject)).copied().unwrap_or_default()
    }

    /// Everybody of whom something is known.
    pub fn subjects(&self, kind: Kind) -> impl Iterator<Item = i64> {
        self.accounts.keys().filter(move |(of, _)| *of == kind).map(|(_, subject)| *subject)
    }

    /// Enters what of a piece is processed; what was processed after this moment is not sure.
    pub fn enter(&mut self, piece: &Piece, moment: Option<Timestamp>) {
        let mut seen = piece.seen.as_slice();
        for chat in &piece.chats {
            let before = seen.iter().take_while(|message| message.chat < chat.id).count();
            let own = seen[before..].iter().take_while(|message| message.chat == chat.id).count();
            let (messages, rest) = seen[before..].split_at(own);
            seen = rest;
            let members = piece.members.iter().filter(|member| member.chat == chat.id);
            self.chat(*chat, messages, members, moment);
        }
    }

    fn chat<'m>(
        &mut self,
        chat: Span,
        messages: &[Seen],
        members: impl Iterator<Item = &'m Membership>,
        moment: Option<Timestamp>,
    ) {
        let everybodys = Places::of(messages.iter(), moment);
        let mut by_writer: HashMap<i64, Vec<&Seen>> = HashMap::new();
        for message in messages {
            by_writer.entry(message.user).or_default().push(message);
        }
        let by_writer: HashMap<i64, Places> = by_writer
            .into_iter()
            .map(|(writer, own)| (writer, Places::of(own.into_iter(), moment)))
            .collect();
        self.add(Kind::All, EVERYBODY, everybodys.within(0, i64::MAX));
        for (writer, own) in &by_writer {
            self.add(Kind::Sent, *writer, own.within(0, i64::MAX));
        }
        for member in members {
            let own = by_writer.get(&member.user).map(|own| own.within(member.from, member.upto));
            let own = own.unwrap_or_default();
            match member.pal {
                // Each of two receives what the other wrote; alone, it is oneself.
                Some(pal) if chat.is_direct => self.add(Kind::Received, pal, own),
                _ => {
                    let all = everybodys.within(member.from, member.upto);
                    let received = Account { sure: all.sure - own.sure, late: all.late - own.late };
                    self.add(Kind::Received, member.user, received);
                }
            }
        }
    }

    fn add(&mut self, kind: Kind, subject: i64, more: Account) {
        if more != Account::default() {
            let account = self.accounts.entry((kind, subject)).or_default();
            account.sure += more.sure;
            account.late += more.late;
        }
    }
}

impl Places {
    fn of<'s>(messages: impl Iterator<Item = &'s Seen>, moment: Option<Timestamp>) -> Self {
        let (mut all, mut sure) = (Vec::new(), Vec::new());
        for message in messages {
            let Some(at) = message.processed_at else { continue };
            all.push(message.seq);
            if moment.is_none_or(|moment| at <= moment) {
                sure.push(message.seq);
            }
        }
        Self { all, sure }
    }

    /// Those after one place, up to another.
    fn within(&self, from: i64, upto: i64) -> Account {
        let count = |places: &[i64]| {
            let upto = places.partition_point(|seq| *seq <= upto);
            i64::try_from(upto - places[..upto].partition_point(|seq| *seq <= from)).unwrap_or(i64::MAX)
        };
        let sure = count(&self.sure);
        Account { sure, late: count(&self.all) - sure }
    }
}
