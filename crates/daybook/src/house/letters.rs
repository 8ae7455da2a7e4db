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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use crate::config::Sources;

    use super::*;

    fn config(data_dir: &Path, more: &[(&str, &str)]) -> Config {
        let usual = [("DAYBOOK_DATA_DIR", data_dir.to_str().unwrap())];
        let env = usual.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(Sources { file: None, dir: data_dir.to_owned(), env: env.collect() }).unwrap()
    }

    #[test]
    fn people_prove_their_address_when_somebody_can_write_to_them_or_it_is_said_so() {
        let data = tempfile::tempdir().unwrap();
        let mail = [("DAYBOOK_MAIL_URL", "smtp://localhost"), ("DAYBOOK_MAIL_FROM", "us@example.org")];
        let sms = [("DAYBOOK_SMS_URL", "smsc://us:secret@smsc.ua")];
        for (letters, required, is_required) in [
            (&[][..], "auto", false),
            (&mail[..], "auto", true),
            (&sms[..], "auto", true),
            (&[][..], "always", true),
            (&mail[..], "never", false),
        ] {
            let more = [letters, &[("DAYBOOK_CODES_REQUIRED", required)]].concat();
            let codes = codes(&config(data.path(), &more), [0; 32]);
            assert_eq!(codes.required, is_required, "{more:?}");
        }
    }

    #[test]
    fn letters_lie_in_the_data_folder_where_nobody_but_its_owner_looks() {
        testkit::run(async {
            let data = tempfile::tempdir().unwrap();
            letters(&config(data.path(), &[])).await.unwrap();
            let mode = data.path().join(OUTBOX).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        });
    }

    #[test]
    fn a_house_in_memory_makes_no_data_folder_but_uses_one_that_is_there() {
        testkit::run(async {
            let place = tempfile::tempdir().unwrap();
            let memory = [("DAYBOOK_DATABASE_URL", "memory")];
            let config =
                |folder: &Path| Config { data_dir: folder.to_owned(), ..config(place.path(), &memory) };
            letters(&config(&place.path().join("none"))).await.unwrap();
            assert!(!place.path().join("none").exists());
            letters(&config(place.path())).await.unwrap();
            assert!(place.path().join(OUTBOX).is_dir());
        });
    }

    #[test]
    fn no_outbox_is_made_where_nothing_would_land_in_it() {
        testkit::run(async {
            let data = tempfile::tempdir().unwrap();
            let both = [
                ("DAYBOOK_MAIL_URL", "smtps://us:secret@mail.example.org"),
                ("DAYBOOK_MAIL_FROM", "Daybook <us@example.org>"),
                ("DAYBOOK_SMS_URL", "twilio://AC1:secret@api.twilio.com"),
                ("DAYBOOK_SMS_FROM", "+15005550006"),
            ];
            letters(&config(data.path(), &both)).await.unwrap();
            assert!(!data.path().join(OUTBOX).exists());
        });
    }

    #[test]
    fn a_sender_that_is_none_is_said_at_start_without_the_password() {
        testkit::run(async {
            let data = tempfile::tempdir().unwrap();
            for wrong in [
                [("DAYBOOK_MAIL_URL", "smtp://us:secret@mail.example.org"), ("DAYBOOK_MAIL_FROM", "nobody")],
                [("DAYBOOK_SMS_URL", "twilio://us:secret@api.twilio.com"), ("DAYBOOK_SMS_FROM", "")],
            ] {
                let Err(error) = letters(&config(data.path(), &wrong)).await else {
                    panic!("{wrong:?} was taken")
                };
                let said = types::with_causes(&error);
                assert!(said.contains(".from") && !said.contains("secret"), "{said}");
            }
        });
    }
}
