//! Bytes of a document → text. Korean comes as UTF-8, UTF-16, CP949 (which holds EUC-KR) and Johab, labelled, labelled
//! wrongly or not at all.
//!
//! What the bytes say counts more than the label: a byte order mark, then valid UTF-8, then how plausible the Korean
//! of each decoding is (`plausible`). The label decides where the bytes do not, and names what is not Korean. A slightly
//! damaged text is decoded with U+FFFD at the place; one that no encoding explains is an error, never rubbish.
//! Cost: valid UTF-8 is borrowed at the speed of simdutf8; CP949 is decoded by encoding_rs and looked at once.

mod johab;
mod label;
pub mod mojibake;
mod plausible;
pub mod replay;
mod utf16;

pub use mojibake::{Mojibake, mojibake};
pub(crate) use plausible::is_common;

use label::Label;
use plausible::Evidence;
use std::borrow::Cow;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    pub text: Cow<'a, str>,
    pub encoding: Encoding,
    /// How many times U+FFFD stands for bytes that could not be decoded.
    pub replaced: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// Unified Hangul Code, the superset of EUC-KR that the WHATWG calls EUC-KR.
    Cp949,
    /// KS X 1001 annex 3, the 5 + 5 + 5 bit code.
    Johab,
    /// Any other of the WHATWG's encodings, only where it is declared.
    Declared(&'static encoding_rs::Encoding),
}

impl Encoding {
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Cp949 => "cp949",
            Encoding::Johab => "johab",
            Encoding::Declared(other) => other.name(),
        }
    }
}

/// Share of the characters outside ASCII that may be undecodable (and one may always be): a stray byte costs at most
/// the run of Hangul it stands in, while a wrong reading fails on 6 % and more (`tests::readings_are_far_apart`).
const DAMAGE: f64 = 0.02;
/// Share of control characters over which it is not a text.
const CONTROLS: f64 = 0.01;
/// Share of everyday syllables from which a reading is Korean without a label: real texts have .90 and more, CP949 read
/// as Johab and Johab read as CP949 at most .18 (the same test).
const PLAUSIBLE: f64 = 0.6;

/// The text of a document's bytes. `declared` is what HTTP, `meta` or the user says (a WHATWG or Korean label: `euc-kr`,
/// `ks_c_5601-1987`, `uhc`, `cp949`, `johab`, `ms1361`, `iso-8859-1`…), believed only where the bytes do not contradict
/// it. The error says what was tried and why it failed.
pub fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Result<Decoded<'a>, String> {
    let mut tried = Vec::new();
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return Ok(of_utf8(text));
    }
    let unmarked = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]).or(bytes.strip_prefix(&[0xFE, 0xFF])) {
        match accept(utf16::decode(rest, bytes[0] == 0xFE)) {
            Ok(decoded) => return Ok(decoded),
            Err(why) => tried.push(why),
        }
    }
    match accept(utf8(unmarked)) {
        Ok(decoded) => return Ok(decoded),
        Err(why) => tried.push(why),
    }
    if let Some(decoded) = utf16::unmarked(bytes) {
        return Ok(decoded);
    }
    let label = declared.and_then(label::read);
    match korean(bytes, label) {
        Ok(decoded) => return Ok(decoded),
        Err(why) => tried.extend(why),
    }
    if let Some(Label::Other(encoding)) = label {
        match accept(other(bytes, encoding)) {
            Ok(decoded) => return Ok(decoded),
            Err(why) => tried.push(why),
        }
    }
    let declared = declared.map_or("no encoding declared".to_owned(), |d| format!("declared {d:?}"));
    Err(format!("not text in a known encoding ({declared}; {})", tried.join("; ")))
}

/// The same of bytes that are known to be UTF-8.
pub fn of_utf8(text: &str) -> Decoded<'_> {
    let bytes = text.as_bytes();
    // UTF-16 of ASCII is valid UTF-8, full of NUL.
    let utf16 = memchr::memchr(0, &bytes[..bytes.len().min(256)]).and_then(|_| utf16::unmarked(bytes));
    let unmarked = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    utf16.unwrap_or(Decoded { text: Cow::Borrowed(unmarked), encoding: Encoding::Utf8, replaced: 0 })
}

/// In which order the bytes are UTF-16, where no mark says so.
pub fn utf16_without_mark(bytes: &[u8]) -> Option<Encoding> {
    utf16::unmarked(bytes).map(|decoded| decoded.encoding)
}

/// A decoding, and the number of its characters outside ASCII.
struct Attempt<'a> {
    decoded: Decoded<'a>,
    foreign: u64,
    controls: u64,
    chars: u64,
}

impl<'a> Attempt<'a> {
    fn new(decoded: Decoded<'a>) -> Self {
        let (mut foreign, mut controls, mut chars) = (0, 0, 0);
        for c in decoded.text.chars() {
            chars += 1;
            foreign += u64::from(!c.is_ascii());
            controls += u64::from(is_control(c));
        }
        Attempt { decoded, foreign, controls, chars }
    }
}

/// Control characters that no text has; ESC stands in some.
fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\u{08}' | '\u{0E}'..='\u{1A}' | '\u{1C}'..='\u{1F}' | '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}')
}

fn accept(attempt: Attempt) -> Result<Decoded, String> {
    let (name, replaced) = (attempt.decoded.encoding.name(), attempt.decoded.replaced);
    if f64::from(replaced) > allowed(attempt.foreign) || u64::from(replaced) == attempt.foreign && replaced > 0 {
        return Err(format!("{name} fails at {replaced} of {} characters", attempt.foreign));
    }
    if attempt.controls as f64 > CONTROLS * attempt.chars as f64 {
        return Err(format!("{name} gives {} control characters of {}", attempt.controls, attempt.chars));
    }
    Ok(attempt.decoded)
}

fn allowed(foreign: u64) -> f64 {
    (DAMAGE * foreign as f64).max(1.0)
}

fn utf8(bytes: &[u8]) -> Attempt<'_> {
    let replaced = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count() as u32;
    Attempt::new(Decoded { text: String::from_utf8_lossy(bytes), encoding: Encoding::Utf8, replaced })
}

fn cp949(bytes: &[u8]) -> Decoded<'static> {
    let (text, _) = encoding_rs::EUC_KR.decode_without_bom_handling(bytes);
    let replaced = replacements(&text);
    Decoded { text: Cow::Owned(text.into_owned()), encoding: Encoding::Cp949, replaced }
}

fn other(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> Attempt<'static> {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let replaced = replacements(&text);
    Attempt::new(Decoded { text: Cow::Owned(text.into_owned()), encoding: Encoding::Declared(encoding), replaced })
}

/// None of the encodings decoded here has U+FFFD itself.
fn replacements(text: &str) -> u32 {
    memchr::memmem::find_iter(text.as_bytes(), "\u{FFFD}".as_bytes()).count() as u32
}

/// CP949 or Johab, whichever gives plausible Korean; the label decides where neither or both do.
fn korean(bytes: &[u8], label: Option<Label>) -> Result<Decoded<'static>, Vec<String>> {
    let cp949 = cp949(bytes);
    let evidence = Evidence::of(&cp949.text);
    if evidence.share() >= 0.85 && label != Some(Label::Johab) && sound(&cp949, &evidence).is_ok() {
        return Ok(cp949);
    }
    let johab = johab::decode(bytes);
    let johab_evidence = Evidence::of(&johab.text);
    let mut readings = [(cp949, evidence, Label::Cp949), (johab, johab_evidence, Label::Johab)];
    readings.sort_by(|a, b| b.1.share().total_cmp(&a.1.share()));
    let margin = readings[0].1.share() - readings[1].1.share();
    let mut why = Vec::new();
    for (place, (decoded, evidence, reading)) in readings.into_iter().enumerate() {
        let told = evidence.share() >= PLAUSIBLE && place == 0 && margin >= 0.2;
        // Of a declared encoding it is enough that the bytes are valid and do not look like the other.
        let believed = label == Some(reading) && (place == 0 || margin < 0.4);
        match sound(&decoded, &evidence) {
            Ok(()) if told || believed => return Ok(decoded),
            Ok(()) => why.push(format!("{} gives {:.0} % everyday syllables", decoded.encoding.name(), 100.0 * evidence.share())),
            Err(reason) => why.push(reason),
        }
    }
    Err(why)
}

fn sound(decoded: &Decoded, evidence: &Evidence) -> Result<(), String> {
    let name = decoded.encoding.name();
    if f64::from(decoded.replaced) > allowed(evidence.foreign) || u64::from(decoded.replaced) == evidence.foreign {
        return Err(format!("{name} fails at {} of {} characters", decoded.replaced, evidence.foreign));
    }
    if evidence.controls as f64 > CONTROLS * evidence.chars as f64 {
        return Err(format!("{name} gives {} control characters of {}", evidence.controls, evidence.chars));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
