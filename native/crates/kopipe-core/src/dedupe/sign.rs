//! The last stage on a batch before it is written: what duplicates of its documents are found by.

use super::near::Profile;
use super::signatures::Signed;
use crate::batch::Batch;
use xxhash_rust::xxh3::xxh3_128;

/// Which duplicates are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    Exact,
    Near(Profile),
}

impl Signing {
    /// `exact`, or the name of a profile.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "exact" => Some(Signing::Exact),
            "ko" => Some(Signing::Near(Profile::Ko)),
            "datatrove" => Some(Signing::Near(Profile::Datatrove)),
            _ => None,
        }
    }

    /// Whether documents that are proposed are compared before any goes.
    pub fn compares(self) -> bool {
        matches!(self, Signing::Near(profile) if profile.compares())
    }

    pub fn bands(self) -> usize {
        match self {
            Signing::Exact => 0,
            Signing::Near(profile) => profile.bands(),
        }
    }
}

impl Batch {
    /// Signs the documents that are still kept; a length over 4 GB counts as that.
    pub fn sign(&mut self, signing: Signing) {
        let mut signed = Signed { bands_of_each: signing.bands(), ..Signed::default() };
        let mut signer = match signing {
            Signing::Exact => None,
            Signing::Near(profile) => Some(profile.signer()),
        };
        self.each_kept(|batch, document| {
            let text = &batch.texts[document.text.clone()];
            signed.ordinals.push(batch.ordinal(document));
            signed.sources.push(document.source);
            signed.lengths.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            let digest = xxh3_128(text.as_bytes());
            signed.digests.push([(digest >> 64) as u64, digest as u64]);
            if let Some(signer) = &mut signer {
                signer.push_bands(text, &mut signed.bands);
            }
        });
        self.signed = signed;
    }
}
