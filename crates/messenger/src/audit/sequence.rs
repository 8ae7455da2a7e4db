//! Whether every place of every chat is taken once.

use super::walk::Piece;

/// Sentences that are kept; further mistakes are counted.
const SAID: usize = 10;

/// What was seen of the chats' order.
#[derive(Debug, Default)]
pub struct Sequences {
    /// Chats.
    pub chats: i64,
    /// Chats whose places are not taken once each.
    pub broken: i64,
    /// What is wrong with the first of them.
    pub sentences: Vec<String>,
    /// The chat that was broken last: one that comes in several pieces is counted once.
    last: i64,
}

impl Sequences {
    /// Looks at a piece: all of some chats, or a range of one.
    pub fn see(&mut self, piece: &Piece) {
        let mut seen = piece.seen.as_slice();
        for chat in &piece.chats {
            self.chats += i64::from(chat.from == 0);
            let strange = seen.iter().take_while(|message| message.chat < chat.id).count();
            self.strangers(&seen[..strange]);
            let own = seen[strange..].iter().take_while(|message| message.chat == chat.id).count();
            let (places, rest) = seen[strange..].split_at(own);
            seen = rest;
            let mut wanted = chat.from + 1;
            for message in places {
                if message.seq != wanted {
                    self.wrong(
                        chat.id,
                        &format!("the places from {wanted} to {} are empty", message.seq - 1),
                    );
                }
                wanted = message.seq + 1;
            }
            if wanted <= chat.upto {
                self.wrong(chat.id, &format!("the places from {wanted} to {} are empty", chat.upto));
            }
        }
        self.strangers(seen);
    }

    fn strangers(&mut self, seen: &[super::Seen]) {
        for message in seen {
            self.wrong(message.chat, "there are messages, and no chat");
        }
    }

    fn wrong(&mut self, chat: i64, what: &str) {
        if self.last != chat {
            self.last = chat;
            self.broken += 1;
            if self.sentences.len() < SAID {
                self.sentences.push(format!("chat {chat}: {what}"));
            }
        }
    }
}
