//! By what a pair of documents was decided.

use super::near::alike::ALIKE;

#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Not alike: the score is the Jaccard index.
    Different = 0,
    /// The same text.
    Exact = 1,
    /// The score is the Jaccard index.
    Jaccard = 2,
    /// They hang together by shared bands, and nothing was compared (the profile `datatrove`).
    Band = 3,
}

impl Rule {
    const ALL: [Rule; 4] = [Rule::Different, Rule::Exact, Rule::Jaccard, Rule::Band];

    pub fn of_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|&rule| rule as u32 == number)
    }

    pub fn name(self) -> &'static str {
        match self {
            Rule::Different => "different",
            Rule::Exact => "exact",
            Rule::Jaccard => "jaccard",
            Rule::Band => "band",
        }
    }

    /// Whether the second document goes.
    pub fn drops(self) -> bool {
        self != Rule::Different
    }

    /// As the ledger names it.
    pub fn reason(self) -> &'static str {
        if self == Rule::Exact { "exact-duplicate" } else { "near-duplicate" }
    }

    /// What the score is held against.
    pub fn threshold(self) -> Option<f32> {
        match self {
            Rule::Exact | Rule::Band => None,
            Rule::Jaccard | Rule::Different => Some(ALIKE),
        }
    }
}
