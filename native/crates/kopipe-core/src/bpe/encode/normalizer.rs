//! What a tokenizer does to text first: nothing, or NFC as Qwen's do.

use icu_normalizer::ComposingNormalizerBorrowed;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalizer {
    None,
    Nfc,
}

impl Normalizer {
    /// The text in another form; `None` where it stays as it is.
    pub fn normalize(self, text: &str) -> Option<String> {
        const NFC: ComposingNormalizerBorrowed<'_> = ComposingNormalizerBorrowed::new_nfc();
        match self {
            Normalizer::None => None,
            Normalizer::Nfc => (!NFC.is_normalized(text)).then(|| NFC.normalize(text).into_owned()),
        }
    }
}
