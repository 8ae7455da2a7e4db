//! Who brings letters, and what is set about the codes in them.

use std::path::Path;
use std::sync::Arc;

use identity::{CodeSettings, Letters, Outbox, Post, Sms, Smtp};
use types::Result;

use crate::config::{Config, When};

/// The folder of letters that nobody brings, in the data folder.
const OUTBOX: &str = "outbox";

/// The mail server and the provider of text messages; an outbox for what has neither.
pub async fn letters(config: &Config) -> Result<Letters> {
    let (mail, sms) = (&config.mail, &config.sms);
    let outbox: Arc<dyn Post> = Arc::new(outbox(config).await?);
    let mail: Arc<dyn Post> = match mail.url.as_str() {
        "" => outbox.clone(),
        url => Arc::new(Smtp::open(url, &mail.from)?),
    };
    let sms: Arc<dyn Post> = match sms.url.as_str() {
        "" => outbox,
        url => Arc::new(Sms::open(url, &sms.from)?),
    };
    Ok(Letters { mail, sms })
}

/// In the data folder. A house in memory makes no data folder, but uses one that is there.
async fn outbox(config: &Config) -> Result<Outbox> {
    let (mail, sms) = (config.mail.url.is_empty(), config.sms.url.is_empty());
    if !(mail || sms) {
        return Ok(Outbox::in_memory());
    }
    let in_memory = config.database_url.as_str() == "memory";
    if in_memory && !config.data_dir.is_dir() {
        tracing::warn!("letters that nobody is set up to bring are kept in memory, where nobody reads them");
        return Ok(Outbox::in_memory());
    }
    let folder = config.data_dir.join(OUTBOX);
    match Outbox::open(&folder).await {
        Ok(outbox) => {
            told(mail, sms, &folder);
            Ok(outbox)
        }
        Err(error) if in_memory => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "letters are kept in memory, where nobody reads them"
            );
            Ok(Outbox::in_memory())
        }
        Err(error) => Err(error),
    }
}

fn told(mail: bool, sms: bool, folder: &Path) {
    let what = match (mail, sms) {
        (true, true) => "mail and text messages",
        (true, false) => "mail",
        (false, _) => "text messages",
    };
    tracing::info!(what, folder = %folder.display(), "nobody is set up to bring these; they land as files");
}

/// What is set about codes, made with this key.
pub fn codes(config: &Config, key: [u8; 32]) -> CodeSettings {
    let codes = &config.codes;
    let can_send = !config.mail.url.is_empty() || !config.sms.url.is_empty();
    CodeSettings {
        key,
        lifetime: codes.lifetime,
        resend: codes.resend.clone(),
        tries: codes.tries.into(),
        per_target: codes.per_target.into(),
        per_address: codes.per_address.into(),
        required: match codes.required {
            When::Auto => can_send,
            When::Always => true,
            When::Never => false,
        },
        in_cache: config.cache_url.as_str() != "memory",
    }
}
