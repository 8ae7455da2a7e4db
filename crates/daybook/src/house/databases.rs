//! The databases of the whole house, for commands that look after them.

use db::{Db, Folder};

use super::stores::{connect, databases, lives_in_folder};
use crate::config::Config;
use crate::domains::{ALL, Domain};
use crate::socket::sentence;

/// Every database that is set, whichever roles run where.
pub struct Databases {
    all: Vec<(String, Vec<&'static Domain>, Db)>,
    // Held, so that no house starts on a database that is being changed.
    _folder: Option<Folder>,
}

impl Databases {
    /// Opens them; the data folder must be free when one of them is in it.
    pub fn open(config: &Config) -> Result<Self, String> {
        let urls = databases(config, ALL);
        let folder = lives_in_folder(config, &urls).then(|| Folder::take(&config.data_dir)).transpose();
        let folder = folder.map_err(|error| error.to_string())?;
        let open = |(url, domains): (String, _)| {
            let db = connect(config, &url).map_err(|error| sentence(&error))?;
            Ok((url, domains, db))
        };
        Ok(Self { all: urls.into_iter().map(open).collect::<Result<_, String>>()?, _folder: folder })
    }

    /// Each with its URL and the domains in it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[&'static Domain], &Db)> {
        self.all.iter().map(|(url, domains, db)| (url.as_str(), domains.as_slice(), db))
    }

    /// Closes them.
    pub async fn close(self) {
        for (_, _, db) in self.all {
            db.close().await;
        }
    }
}
