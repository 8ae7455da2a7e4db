//! For stories: people who talk on an engine, and time that is moved by hand.

use std::sync::Arc;
use std::time::Duration;

use db::{Along, Batch, Db, Migration, sql};
use stream::{Consumer, Fact, Stream, Teller};
use testkit::{StillClock, joined};
use types::facts::messages::{MessageSent, TOPIC};
use types::{ChatId, Clock, Ids, MessageId, Timestamp, UserId};

use crate::chats::{ChatStore, Rank, SqlChats};
use crate::counts::{Counts, Of, SqlCounts};
use crate::messages::{MessageStore, NewMessage, SqlMessages};
use crate::processing::{GROUP, Processing};

/// The tables of a story.
pub const SCHEMA: &[Migration] = &ALL;
const ALL: [Migration; stream::MIGRATIONS.len() + crate::MIGRATIONS.len()] =
    joined(stream::MIGRATIONS, crate::MIGRATIONS);

pub const ANNA: UserId = UserId::trusted(1);
pub const BEN: UserId = UserId::trusted(2);
pub const CARL: UserId = UserId::trusted(3);

/// Where stories happen.
pub struct Stage {
    pub db: Db,
    pub clock: StillClock,
    pub counts: Counts,
    pub processing: Arc<Processing>,
    stream: Stream,
    teller: Teller,
    ids: Ids,
    chats: SqlChats,
    messages: SqlMessages,
}

impl Stage {
    pub fn new(db: &Db) -> Self {
        let clock = StillClock::default();
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let ids = Ids::new(shared.clone(), 0, Timestamp::from_millis(i64::MAX / 1_000_000));
        let stream = Stream::new(db.clone(), shared.clone());
        Self {
            db: db.clone(),
            counts: Counts::new(Arc::new(SqlCounts::new(db.clone())), shared.clone()),
            processing: Processing::new(db.clone(), shared),
            teller: stream.teller(ids.clone()),
            stream,
            ids,
            chats: SqlChats::new(db.clone()),
            messages: SqlMessages::new(db.clone()),
            clock,
        }
    }

    /// The chat of these two, which is there from then on.
    pub async fn direct(&self, one: UserId, other: UserId) -> ChatId {
        let id = self.ids.next().unwrap();
        self.chats.open(id, one, other, self.clock.now(), Along::none()).await.unwrap();
        self.chats.direct(one, other).await.unwrap().unwrap().id
    }

    /// A group of nobody.
    pub async fn group(&self) -> ChatId {
        let id: ChatId = self.ids.next().unwrap();
        let insert = sql!(
            "insert into chats (id, kind, title, last_seq, last_id, version, created_at, updated_at) \
             values (?, 1, 'Friends', 0, 0, 1, 0, 0)",
            id
        );
        self.db.write(Batch::of_one(insert)).await.unwrap();
        id
    }

    /// Lets somebody in.
    pub async fn joins(&self, group: ChatId, user: UserId) {
        let insert = sql!(
            "insert into members (user_id, chat_id, standing, joined_seq, seen_from, read_seq, sent, own_read, joined_at) \
             select ?, id, ?, last_seq, 0, last_seq, 0, 0, 0 from chats where id = ?",
            user,
            Rank::Member.number(),
            group
        );
        self.db.write(Batch::of_one(insert)).await.unwrap();
    }

    /// Lets somebody out.
    pub async fn leaves(&self, group: ChatId, user: UserId) {
        let stay = sql!(
            "insert into stays (chat_id, user_id, from_seq, to_seq) select m.chat_id, m.user_id, m.joined_seq, c.last_seq \
             from members m join chats c on c.id = m.chat_id where m.user_id = ? and m.chat_id = ?",
            user,
            group
        );
        let member = sql!("delete from members where user_id = ? and chat_id = ?", user, group);
        self.db.write(Batch::of_one(stay).one(member)).await.unwrap();
    }

    /// Somebody says something; what is told of it.
    pub async fn says(&self, chat: ChatId, from: UserId, to: Option<UserId>) -> MessageSent {
        let (id, at) = (self.ids.next().unwrap(), self.clock.now());
        let message =
            NewMessage { id, chat, user: from, text: "Hi".into(), client_key: None, created_at: at };
        let sent = MessageSent { chat, id, from, to, at };
        let along = Along::none().with(self.teller.tell(&sent).unwrap());
        assert!(self.messages.insert(&message, along).await.unwrap());
        sent
    }

    /// Anna, Ben and Carl talk for a while in all the ways there are; how many messages there are then.
    pub async fn talk(&self) -> i64 {
        let (pair, own, group) =
            (self.direct(ANNA, BEN).await, self.direct(CARL, CARL).await, self.group().await);
        self.joins(group, ANNA).await;
        self.joins(group, BEN).await;
        for round in 0..40 {
            self.clock.advance(Duration::from_millis(round * 31_337));
            self.says(pair, ANNA, Some(BEN)).await;
            self.says(pair, BEN, Some(ANNA)).await;
            self.says(own, CARL, Some(CARL)).await;
            self.says(group, BEN, None).await;
            match round {
                10 => self.joins(group, CARL).await,
                20 => self.leaves(group, ANNA).await,
                30 => self.joins(group, ANNA).await,
                35 => self.leaves(group, CARL).await,
                _ => {}
            }
        }
        4 * 40
    }

    /// Runs what follows from facts until nothing more does.
    pub async fn processed(&self) {
        let done = async {
            while !self.numbered().await || self.stream.behind(GROUP, TOPIC).await.unwrap() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let running = self.stream.run(vec![self.processing.clone()]);
        let done = async {
            tokio::select! { () = running => {}, () = done => {} }
        };
        tokio::time::timeout(Duration::from_secs(30), done).await.expect("messages are processed in time");
    }

    async fn numbered(&self) -> bool {
        let unnumbered = sql!("select count(*) from facts where number is null");
        self.db.first::<i64>(unnumbered).await.unwrap() == Some(0)
    }

    /// A fact as consumers hear it.
    pub fn fact(&self, sent: &MessageSent) -> Fact {
        Fact::saying(sent, 0, self.clock.now()).unwrap()
    }

    /// Has these processed, whatever was processed before.
    pub async fn process(&self, sent: &[MessageSent]) {
        let facts: Vec<Fact> = sent.iter().map(|sent| self.fact(sent)).collect();
        self.processing.handle(&facts, Along::none()).await.unwrap();
    }

    /// How many messages were ever counted.
    pub async fn counted(&self, of: Of) -> i64 {
        self.counts.count(of, 0, self.counts.now()).await.unwrap()
    }

    /// Those of these that are marked.
    pub async fn marked(&self, sent: &[MessageSent]) -> Vec<MessageId> {
        let ids = sent.iter().map(|sent| sent.id);
        let marked = sql!("select id from messages where processed_at is not null and id in ").within(ids);
        let mut marked: Vec<MessageId> = self.db.all(marked).await.unwrap();
        marked.sort_unstable();
        marked
    }
}
