//! The table of embedded files.

/// A file of the pages.
pub struct Asset {
    /// Its name in `assets/`.
    pub name: &'static str,
    /// Its content.
    pub body: &'static [u8],
}

macro_rules! embed {
    ($($name:literal)*) => {
        &[$(Asset { name: $name, body: include_bytes!(concat!("../assets/", $name)) }),*]
    };
}

/// Every file in `assets/`; a test compares it with the folder.
pub const FILES: &[Asset] = embed! {
    "index.html"
    "manifest.webmanifest"
    "icon.svg"
    "theme.css"
    "page.css"
    "api.js"
    "form.js"
    "language.js"
    "session.js"
    "shapes.js"
    "texts.js"
    "account-form.css"
    "account-form.js"
    "connection-note.css"
    "connection-note.js"
    "day-app.css"
    "day-app.js"
    "language-choice.css"
    "language-choice.js"
    "login-providers.css"
    "login-providers.js"
    "notice-bar.css"
    "notice-bar.js"
    "task-form.css"
    "task-form.js"
    "task-item.css"
    "task-item.js"
    "task-list.css"
    "task-list.js"
    "task-views.css"
    "task-views.js"
};

impl Asset {
    /// Where it is served; the page also where browsers come back to from elsewhere.
    pub fn paths(&self) -> Vec<String> {
        if self.name == "index.html" {
            ["/", "/app", "/app/"].map(str::to_owned).to_vec()
        } else {
            vec![format!("/app/assets/{}", self.name)]
        }
    }

    /// Its media type, by the ending of its name.
    pub fn content_type(&self) -> &'static str {
        match self.name.rsplit_once('.').map_or("", |(_, ending)| ending) {
            "html" => "text/html; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            "webmanifest" => "application/manifest+json",
            _ => "application/octet-stream",
        }
    }

    /// What its content comes to: FNV-1a, because it must be the same in every process and every build.
    pub fn digest(&self) -> String {
        let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        format!("{:016x}", self.body.iter().fold(0xcbf2_9ce4_8422_2325, fnv))
    }
}
