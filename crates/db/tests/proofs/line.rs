//! The line to a server is cut at the worst moments: what is answered then is true, and the next write gets through.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use db::{Batch, Db, Error, Settings};
use futures_util::FutureExt;
use testkit::on_every_engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::transactions::{SCHEMA, mark, marks};

/// A line that swallows the answer to the first request with a certain text in it, and then breaks.
#[derive(Clone, Default)]
struct Line {
    text: Arc<Mutex<Option<String>>>,
    frozen: Arc<AtomicBool>,
}

impl Line {
    /// Lays a line to the server of this URL, and says by which URL it is used.
    async fn to(&self, url: &str) -> String {
        let (scheme, rest) = url.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let (line, server, frozen) = (self.clone(), server.to_owned(), self.frozen.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let cut = Arc::new(AtomicBool::new(false));
                tokio::spawn(line.clone().ask(from_client, to_server, cut.clone()));
                tokio::spawn(answer(from_server, to_client, cut, frozen.clone()));
            }
        });
        format!("{scheme}@{here}/{database}")
    }

    fn cut_after(&self, text: &str) {
        *self.text.lock().unwrap() = Some(text.to_owned());
    }

    async fn ask(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, cut: Arc<AtomicBool>) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut bytes).await {
            // A new connection asks for `read committed`, which is no commit.
            let asked = String::from_utf8_lossy(&bytes[..length]).to_lowercase().replace("committed", "");
            let found = self.text.lock().unwrap().take_if(|text| asked.contains(&**text));
            cut.fetch_or(found.is_some(), Ordering::SeqCst);
            if to.write_all(&bytes[..length]).await.is_err() {
                break;
            }
        }
    }
}

async fn answer(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    cut: Arc<AtomicBool>,
    frozen: Arc<AtomicBool>,
) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        while frozen.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if cut.load(Ordering::SeqCst) || to.write_all(&bytes[..length]).await.is_err() {
            break;
        }
    }
}

on_every_engine! { SCHEMA;

    async fn an_answer_that_was_lost_is_not_taken_for_a_refusal(test) {
        if test.db.is_sole() {
            return;
        }
        let line = Line::default();
        let far = Db::open(&Settings { connections: 2, ..Settings::new(line.to(&test.url).await) }).unwrap();
        far.write(Batch::of_one(mark(1, "both statements are known to the server"))).await.unwrap();

        line.cut_after("lost alone");
        let alone = far.write(Batch::of_one(mark(2, "lost alone"))).await;
        assert!(matches!(alone, Err(Error::Unknown(_))), "{alone:?}");

        line.cut_after("commit");
        let batch = far.write(Batch::new().one(mark(3, "a")).one(mark(4, "b"))).await;
        assert!(matches!(batch, Err(Error::Unknown(_))), "{batch:?}");

        line.cut_after("commit");
        let calls = Arc::new(AtomicU32::new(0));
        let counts = calls.clone();
        let act = far.tx::<(), Error, _>(move |tx| {
            counts.fetch_add(1, Ordering::SeqCst);
            async move { tx.run(mark(5, "c")).await.map(drop) }.boxed()
        }).await;
        assert!(matches!(act, Err(Error::Unknown(_))), "{act:?}");
        assert_eq!(calls.load(Ordering::SeqCst), 1, "what may have happened is not tried again");

        far.write(Batch::of_one(mark(6, "over a new line"))).await.unwrap();
        assert_eq!(marks(&test.db).await, [1, 2, 3, 4, 5, 6]);
        assert_eq!(marks(&far).await, [1, 2, 3, 4, 5, 6]);
    }

    async fn a_line_that_breaks_before_the_commit_leaves_nothing(test) {
        if test.db.is_sole() {
            return;
        }
        let line = Line::default();
        let far = Db::open(&Settings { connections: 2, ..Settings::new(line.to(&test.url).await) }).unwrap();
        far.write(Batch::of_one(mark(1, "first"))).await.unwrap();

        line.cut_after("broken off");
        let batch = far.write(Batch::new().one(mark(2, "a")).one(mark(3, "broken off"))).await;
        assert!(matches!(batch, Err(Error::Unavailable(_))), "{batch:?}");

        line.cut_after("broken off");
        let act = far.tx::<(), Error, _>(|tx| {
            async move {
                tx.run(mark(4, "a")).await?;
                tx.run(mark(5, "broken off")).await.map(drop)
            }
            .boxed()
        });
        let act = act.await;
        assert!(matches!(act, Err(Error::Unavailable(_))), "{act:?}");

        line.cut_after("select");
        let read = far.all::<i64>(db::sql!("select id from marks where note = ?", "select")).await;
        assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");

        far.write(Batch::new().one(mark(6, "a")).one(mark(7, "b"))).await.unwrap();
        assert_eq!(marks(&far).await, [1, 6, 7]);
    }

    async fn a_server_that_hangs_holds_nobody_for_good_and_is_as_good_as_before_when_it_wakes(test) {
        if test.db.is_sole() {
            return;
        }
        let line = Line::default();
        let patience = Duration::from_millis(300);
        let settings = Settings { connections: 2, patience, ..Settings::new(line.to(&test.url).await) };
        let far = Db::open(&settings).unwrap();
        far.write(Batch::of_one(mark(1, "awake"))).await.unwrap();

        line.frozen.store(true, Ordering::SeqCst);
        let read = far.all::<i64>(db::sql!("select id from marks")).await;
        assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
        let write = far.write(Batch::of_one(mark(2, "asleep"))).await;
        assert!(matches!(write, Err(Error::Unknown(_))), "{write:?}");

        line.frozen.store(false, Ordering::SeqCst);
        far.write(Batch::of_one(mark(3, "awake again"))).await.unwrap();
        let marks = marks(&far).await;
        assert!(marks.starts_with(&[1]) && marks.ends_with(&[3]), "{marks:?}");
    }
}
