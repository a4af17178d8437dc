//! The judgements on one document, a file each, in the order they judge. File stem = id = key in a recipe = prefix of
//! the reasons; schema, defaults and documentation stand in `pipeline/filters/<id>.ts`, and a test holds both sides
//! together. What they judge by is measured in `measures`.

mod file;
mod labelled;
pub mod replay;
mod unit;

use super::measures::Measures;
use serde::Deserialize;

/// Why a document goes: the reason, the number that tripped it, and the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    pub reason: &'static str,
    pub value: f64,
    pub threshold: f64,
}

impl Verdict {
    /// Where the value is under the least.
    fn under(reason: &'static str, value: f64, threshold: f64) -> Option<Verdict> {
        (value < threshold).then_some(Verdict { reason, value, threshold })
    }

    /// Where the value is over the most.
    fn over(reason: &'static str, value: f64, threshold: f64) -> Option<Verdict> {
        (value > threshold).then_some(Verdict { reason, value, threshold })
    }
}

macro_rules! filters {
    ($($file:ident $Name:ident $id:literal,)+) => {
        $(mod $file; pub use $file::$Name;)+

        #[derive(Debug, Clone, Deserialize)]
        #[serde(tag = "id", rename_all = "kebab-case")]
        pub enum Filter {
            $($Name($Name)),+
        }

        /// Every id with the reasons its filter can give, in the order it looks for them.
        pub const REASONS: &[(&str, &[&str])] = &[$(($id, $Name::REASONS)),+];

        impl Filter {
            /// The first reason to drop the document.
            pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
                match self {
                    $(Filter::$Name(filter) => filter.judge(measures)),+
                }
            }
        }
    };
}

filters! {
    url_list UrlList "url-list",
    length Length "length",
    hangul_ratio HangulRatio "hangul-ratio",
    language Language "language",
    english English "english",
    replacement Replacement "replacement",
    words Words "words",
    word_length WordLength "word-length",
    letters Letters "letters",
    symbols Symbols "symbols",
    bullets Bullets "bullets",
    ellipsis Ellipsis "ellipsis",
    stop_endings StopEndings "stop-endings",
    c4 C4 "c4",
    bad_words BadWords "bad-words",
    spam Spam "spam",
    fineweb Fineweb "fineweb",
    repetition Repetition "repetition",
    quality Quality "quality",
}

pub use url_list::replay as url_list_replay;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
