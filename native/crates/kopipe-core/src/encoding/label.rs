//! What an encoding is called: the WHATWG's labels, and the Korean names they lack.

/// What is declared, as far as it matters: UTF-8 and UTF-16 are recognized without it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Label {
    Cp949,
    Johab,
    Other(&'static encoding_rs::Encoding),
}

/// Nothing for a label that is unknown, says nothing (`utf-8`), or names no encoding of text (`iso-2022-kr` among the
/// WHATWG's "replacement").
pub fn read(label: &str) -> Option<Label> {
    let label = label.trim_matches(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'').to_ascii_lowercase();
    match label.as_str() {
        "johab" | "x-johab" | "ms1361" | "cp1361" | "ksc5601-1992" | "ks_c_5601-1992" => return Some(Label::Johab),
        "cp949" | "ms949" | "cp-949" | "uhc" | "x-windows-949" | "euckr" | "euc_kr" | "x-euc-kr" | "ksx1001" => {
            return Some(Label::Cp949);
        }
        _ => {}
    }
    let encoding = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?;
    match encoding.name() {
        "EUC-KR" => Some(Label::Cp949),
        "UTF-8" | "UTF-16LE" | "UTF-16BE" | "x-user-defined" => None,
        _ => Some(Label::Other(encoding)),
    }
}
