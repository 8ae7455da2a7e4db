//! From the first chat to the last, in pieces that are read in a moment.

use types::Result;

use super::Seen;
use super::store::{Membership, SqlAudit};

/// Messages of a piece.
const MESSAGES: i64 = 20_000;
/// Chats of a piece.
const CHATS: i64 = 100;

/// Chats with their messages, or a range of the messages of one.
#[derive(Debug, Default)]
pub struct Piece {
    /// In order.
    pub chats: Vec<Span>,
    /// In the order of chats and places; other chats' that lie between them are among them.
    pub seen: Vec<Seen>,
    /// Who is and was in these chats.
    pub members: Vec<Membership>,
}

/// Places of a chat: after `from`, up to `upto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Which chat.
    pub id: i64,
    /// Whether it is of two people.
    pub is_direct: bool,
    /// After this place,
    pub from: i64,
    /// up to this one.
    pub upto: i64,
}

/// Shows every message, once.
pub async fn walk(store: &SqlAudit, mut show: impl FnMut(&Piece)) -> Result<()> {
    let mut last = 0;
    loop {
        let chats = store.chats_after(last, CHATS).await?;
        let Some(end) = chats.last().map(|chat| chat.id) else { return Ok(()) };
        for group in grouped(&chats) {
            let upto = group.last().map_or(end, |chat| chat.id);
            let members = store.members(last, upto).await?;
            let is_small = group.iter().map(|chat| chat.upto).sum::<i64>() <= MESSAGES;
            if is_small {
                // What was said since is not looked at: it is told from the rest by the last place that was known.
                let mut seen = store.messages_of(last, upto).await?;
                seen.retain(|message| {
                    let chat = group.iter().find(|chat| chat.id == message.chat);
                    chat.is_none_or(|chat| message.seq <= chat.upto)
                });
                show(&Piece { chats: group.to_vec(), seen, members });
            } else {
                // Alone it is large, and what lies before it belongs to no chat.
                let strange = store.messages_of(last, upto - 1).await?;
                show(&Piece { seen: strange, ..Piece::default() });
                let mut piece = Piece { members, ..Piece::default() };
                for chat in group.iter().flat_map(|chat| cut(*chat)) {
                    piece.seen = store.messages_in(chat.id, chat.from, chat.upto).await?;
                    piece.chats = vec![chat];
                    show(&piece);
                }
            }
            last = upto;
        }
    }
}

/// Chats that are read at once; one with more messages than that is alone.
fn grouped(chats: &[Span]) -> Vec<&[Span]> {
    let (mut groups, mut begin, mut messages) = (Vec::new(), 0, 0);
    for (at, chat) in chats.iter().enumerate() {
        if at > begin && messages + chat.upto > MESSAGES {
            groups.push(&chats[begin..at]);
            (begin, messages) = (at, 0);
        }
        messages += chat.upto;
    }
    groups.push(&chats[begin..]);
    groups
}

fn cut(chat: Span) -> impl Iterator<Item = Span> {
    let begins = (0..).map(|nth| nth * MESSAGES).take_while(move |from| *from < chat.upto);
    begins.map(move |from| Span { from, upto: chat.upto.min(from + MESSAGES), ..chat })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chats(sizes: &[i64]) -> Vec<Span> {
        let chat = |(id, upto): (i64, &i64)| Span { id, is_direct: true, from: 0, upto: *upto };
        (1..).zip(sizes).map(chat).collect()
    }

    #[test]
    fn small_chats_are_read_together_and_a_large_one_in_parts() {
        let all = chats(&[5, 19_000, 0, 1_000, 45_000, 3]);
        let sizes: Vec<usize> = grouped(&all).iter().map(|group| group.len()).collect();
        assert_eq!(sizes, [3, 1, 1, 1]);
        let parts: Vec<(i64, i64)> = cut(all[4]).map(|part| (part.from, part.upto)).collect();
        assert_eq!(parts, [(0, 20_000), (20_000, 40_000), (40_000, 45_000)]);
    }
}
