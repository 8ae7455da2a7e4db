//! What a row of the table is, and the macro that makes a struct and its rows from one text.

use super::Config;
use super::raw::{Raw, Refusal};

/// A group of settings: a struct whose fields are settings and further groups.
pub trait Group {
    /// Shows every key of the group to `each`, as paths below `above`, in the order in which they are written down.
    fn visit(&mut self, above: &str, each: &mut dyn FnMut(Key<'_>));
}

/// One key, with the means to set it.
pub struct Key<'a> {
    /// `tokens.access_ttl`
    pub path: String,
    /// The doc comment of the field.
    pub about: &'static str,
    /// Is it a setting or a group of them?
    pub kind: Kind<'a>,
}

/// What a key stands for.
pub enum Kind<'a> {
    /// A group of settings, visited right after.
    Group,
    /// A setting.
    Setting {
        /// As it would stand in `config.yml`.
        default: Raw,
        /// Parses a value into the field.
        set: &'a mut dyn FnMut(&Raw) -> Result<(), Refusal>,
    },
}

/// Every key that there is, in the order of the example file.
pub struct Table(Vec<Row>);

/// A key, seen from outside.
pub struct Row {
    /// `tokens.access_ttl`
    pub path: String,
    /// The doc comment of the field.
    pub about: &'static str,
    /// As it would stand in `config.yml`; none for a group.
    pub default: Option<Raw>,
}

impl Table {
    /// Reads the rows off the structs.
    pub fn new() -> Self {
        let mut rows = Vec::new();
        Config::default().visit("", &mut |key| {
            let default = match key.kind {
                Kind::Group => None,
                Kind::Setting { default, .. } => Some(default),
            };
            rows.push(Row { path: key.path, about: key.about, default });
        });
        Self(rows)
    }

    /// All rows, groups before what is in them.
    pub fn rows(&self) -> &[Row] {
        &self.0
    }

    /// The row of a path.
    pub fn find(&self, path: &str) -> Option<&Row> {
        self.0.iter().find(|row| row.path == path)
    }

    /// The settings, without the groups.
    pub fn settings(&self) -> impl Iterator<Item = &Row> {
        self.0.iter().filter(|row| row.default.is_some())
    }
}

impl Config {
    /// Sets one key; a path that is not in the table changes nothing.
    pub(super) fn set(&mut self, path: &str, raw: &Raw) -> Result<(), Refusal> {
        let mut outcome = Ok(());
        self.visit("", &mut |key| {
            if let Kind::Setting { set, .. } = key.kind
                && key.path == path
            {
                outcome = set(raw);
            }
        });
        outcome
    }
}

/// The path of a key in a group.
pub fn join(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
}

/// A default, which the table writes like any other value, as the value it stands for.
pub fn default<T>(parse: fn(&Raw) -> Result<T, Refusal>, written: &Raw) -> T {
    match parse(written) {
        Ok(value) => value,
        Err(refusal) => unreachable!("every default is parsed by a test: {refusal:?}"),
    }
}

/// Declares a group: `name: Type = parser(default)` for each setting, then `with` the groups inside it. Out come the
/// struct, its `Default`, and its rows of the table.
macro_rules! settings {
    ($(#[doc = $about:literal])+ $group:ident {
        $($(#[doc = $doc:literal])+ $name:ident: $type:ty = $parse:ident($default:expr),)*
    } $(with {
        $($(#[doc = $inner_doc:literal])+ $inner_name:ident: $inner:ty,)*
    })?) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $group {
            $($(#[doc = $doc])+ pub $name: $type,)*
            $($($(#[doc = $inner_doc])+ pub $inner_name: $inner,)*)?
        }

        impl Default for $group {
            fn default() -> Self {
                Self {
                    $($name: default($parse, &Raw::from($default)),)*
                    $($($inner_name: <$inner>::default(),)*)?
                }
            }
        }

        impl Group for $group {
            fn visit(&mut self, above: &str, each: &mut dyn FnMut(Key<'_>)) {
                $(each(Key {
                    path: join(above, stringify!($name)),
                    about: concat!($($doc, "\n"),+),
                    kind: Kind::Setting {
                        default: Raw::from($default),
                        set: &mut |raw| $parse(raw).map(|value| self.$name = value),
                    },
                });)*
                $($(
                    let path = join(above, stringify!($inner_name));
                    each(Key { path: path.clone(), about: concat!($($inner_doc, "\n"),+), kind: Kind::Group });
                    self.$inner_name.visit(&path, each);
                )*)?
            }
        }
    };
}
pub(super) use settings;
