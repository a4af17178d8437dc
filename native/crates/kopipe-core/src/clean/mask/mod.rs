//! Personal data is cut from texts, one judgement a file, and a mask stands in its place (`style`).
//!
//! `anchors` finds by blocks the few places where something can stand; around each, the run of digits (`numbers`), the
//! address or the URL is read and judged. A number alone says little: what decides is its form, what its digits say (a
//! date, a check digit, the range an office hands out) and what is written beside it (`labels`). What is found first
//! stays, of two that overlap the longer. docs/masks.md has the rules with their sources and the precision of each.
//! Cost: 0.06 ns a byte of prose without digits; on 253 MB of real text 0.46 on average, 0.36 (encyclopedia) to 0.68 (web
//! pages); short texts cost most, 0.63.

mod account;
mod address;
mod anchors;
mod business;
mod candidates;
mod card;
mod email;
mod labels;
mod licence;
mod numbers;
mod passport;
mod phone;
pub mod replay;
mod resident;
mod style;
mod url;

pub use candidates::{Hit, hits};
pub use style::Style;

use super::cuts::counts::{Cuts, KINDS, MASKS};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A kind of personal data; its name is that of the mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Tel,
    /// Resident and foreigner registration numbers.
    Rrn,
    /// Bank accounts.
    Acc,
    /// Payment cards.
    Crd,
    Email,
    Url,
    Ip,
    /// Business registration numbers.
    Brn,
    /// Passports.
    Pspt,
    /// Driver licences.
    Dln,
}

impl Kind {
    pub const ALL: &[Kind] =
        &[Kind::Tel, Kind::Rrn, Kind::Acc, Kind::Crd, Kind::Email, Kind::Url, Kind::Ip, Kind::Brn, Kind::Pspt, Kind::Dln];

    pub fn name(self) -> &'static str {
        KINDS[MASKS][self as usize]
    }
}

/// The recipe's section, and what the texts come with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mask {
    pub style: Style,
    pub kinds: Vec<Kind>,
    /// Strings that must not stand in the text unless they are put there here: they are broken up. Masks of an earlier
    /// run are not among them.
    pub reserved: Vec<String>,
}

impl Mask {
    /// Whether every text stays as it came.
    pub fn changes_nothing(&self) -> bool {
        (self.style == Style::Off || self.kinds.is_empty()) && self.reserved.is_empty()
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct Masked {
    pub text: String,
    pub cuts: Cuts,
}

/// What stands beside a mask may read otherwise than beside what it covers; texts where that goes on are made for it.
const ROUNDS: usize = 8;

/// The masked text, or nothing where it has neither personal data nor a reserved string. Masking it again finds nothing.
pub fn mask(text: &str, how: &Mask) -> Option<Masked> {
    let mut found = hits(text, how);
    if found.is_empty() {
        return None;
    }
    let mut masked = Masked { text: written(text, &found, how.style), cuts: Cuts::default() };
    // From here on masks in the text are its own.
    let own = Mask { reserved: Vec::new(), ..how.clone() };
    for round in 1.. {
        for Hit { range, what } in &found {
            if let Some(kind) = what {
                masked.cuts.hit(*kind as usize, range.len());
            }
        }
        if round == ROUNDS {
            break;
        }
        found = hits(&masked.text, &own);
        if found.is_empty() {
            break;
        }
        masked.text = written(&masked.text, &found, how.style);
    }
    Some(masked)
}

/// The text with masks, and reserved strings broken up.
fn written(text: &str, found: &[Hit], style: Style) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for Hit { range: Range { start, end }, what } in found {
        masked.push_str(&text[copied..*start]);
        copied = *end;
        match what {
            None => {
                masked.push('<');
                masked.push_str(style::BREAK);
                copied = start + 1;
            }
            Some(kind) => masked.push_str(style.mask(*kind).unwrap_or_default()),
        }
    }
    masked.push_str(&text[copied..]);
    masked
}

#[cfg(test)]
mod judged;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod textbook;
