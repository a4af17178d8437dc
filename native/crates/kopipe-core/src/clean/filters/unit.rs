//! What a word is: an eojeol, as it stands between white space, or a morpheme, whose number is estimated.

use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Eojeol,
    Morpheme,
}
