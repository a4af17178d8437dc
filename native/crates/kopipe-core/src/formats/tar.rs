//! tar of text files (POSIX ustar and pax, GNU long names): an entry a record, its name is the document's id.
//!
//! A record is the header blocks of an entry with their extensions, its data, and the padding. Folders, links and the
//! zero blocks at the end are blank. Where a header's checksum is wrong the rest of the stream is one record.

const BLOCK: usize = 512;

#[derive(Debug, Clone, Default)]
pub struct Entries {
    header: Vec<u8>,
    state: State,
}

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Header,
    /// Data and padding; another header follows where this was an extension.
    Data {
        left: u64,
        extends: bool,
    },
    Broken,
}

impl Entries {
    pub fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                State::Header => {
                    let here = (BLOCK - self.header.len()).min(bytes.len() - at);
                    self.header.extend_from_slice(&bytes[at..at + here]);
                    at += here;
                    if self.header.len() < BLOCK {
                        return None;
                    }
                    let header = std::mem::take(&mut self.header);
                    match head(&header) {
                        _ if header.iter().all(|&byte| byte == 0) => return Some(at),
                        Some(Head { size, kind }) => {
                            let left = size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64);
                            let extends = is_extension(kind);
                            if left == 0 && !extends {
                                return Some(at);
                            }
                            self.state = State::Data { left, extends };
                        }
                        None => self.state = State::Broken,
                    }
                }
                State::Data { left, extends } => {
                    let here = left.min((bytes.len() - at) as u64);
                    at += here as usize;
                    self.state = State::Data { left: left - here, extends };
                    if left == here {
                        self.state = State::Header;
                        if !extends {
                            return Some(at);
                        }
                    }
                }
                State::Broken => return None,
            }
        }
        None
    }
}

struct Head {
    size: u64,
    kind: u8,
}

fn head(block: &[u8]) -> Option<Head> {
    let block = block.first_chunk::<BLOCK>()?;
    let stated = number(&block[148..156])?;
    let sum: u64 = block.iter().enumerate().map(|(at, &byte)| if (148..156).contains(&at) { 32 } else { u64::from(byte) }).sum();
    (sum == stated).then_some(())?;
    Some(Head { size: number(&block[124..136])?, kind: block[156] })
}

/// Octal digits, or a big-endian number behind a set bit (GNU).
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        return field[1..].iter().try_fold(u64::from(field[0] & 0x7F), |sum, &byte| sum.checked_mul(256)?.checked_add(u64::from(byte)));
    }
    let digits = field.split(|&byte| byte == 0).next().unwrap_or_default().trim_ascii();
    if digits.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

/// pax headers and GNU long names, which say something of the entry behind them.
fn is_extension(kind: u8) -> bool {
    matches!(kind, b'x' | b'g' | b'L' | b'K')
}

fn is_file(kind: u8) -> bool {
    matches!(kind, b'0' | 0 | b'7')
}

#[derive(Debug)]
pub struct Entry<'a> {
    /// As its bytes stand there; tar says nothing of their encoding.
    pub name: Vec<u8>,
    pub data: &'a [u8],
}

/// The entry of a record, or what is wrong with it.
pub fn entry(record: &[u8]) -> Result<Entry<'_>, String> {
    let (mut rest, mut name) = (record, None);
    loop {
        let Some((block, behind)) = rest.split_at_checked(BLOCK) else { return Err("the tar ends inside a header".into()) };
        let Some(Head { size, kind }) = head(block) else { return Err("expected a tar header: its checksum is wrong".into()) };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let Some(data) = behind.get(..size) else { return Err(format!("the tar entry ends after {} of {size} bytes", behind.len())) };
        if !is_extension(kind) {
            return Ok(Entry { name: name.unwrap_or_else(|| own_name(block)), data });
        }
        match kind {
            b'L' => name = Some(data.split(|&byte| byte == 0).next().unwrap_or_default().to_vec()),
            b'x' => name = pax_path(data).or(name),
            _ => {}
        }
        rest = behind.get(size.div_ceil(BLOCK).saturating_mul(BLOCK)..).unwrap_or_default();
    }
}

fn own_name(block: &[u8]) -> Vec<u8> {
    let text = |field: &[u8]| field.split(|&byte| byte == 0).next().unwrap_or_default().to_vec();
    let (name, prefix) = (text(&block[..100]), text(&block[345..500]));
    let ustar = &block[257..262] == b"ustar" && block[262] == 0;
    if ustar && !prefix.is_empty() { [&prefix[..], b"/", &name].concat() } else { name }
}

/// `LENGTH path=NAME\n` among the records of a pax header.
fn pax_path(data: &[u8]) -> Option<Vec<u8>> {
    let mut rest = data;
    while let Some(space) = memchr::memchr(b' ', rest) {
        let length: usize = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
        let record = rest.get(space + 1..length)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return Some(path.strip_suffix(b"\n").unwrap_or(path).to_vec());
        }
        rest = &rest[length..];
    }
    None
}

/// Zero blocks, folders and links.
pub fn is_blank(record: &[u8]) -> bool {
    let mut rest = record;
    loop {
        match rest.get(..BLOCK).map(|block| (head(block), block)) {
            Some((Some(Head { size, kind }), _)) if is_extension(kind) => {
                let passed = BLOCK as u64 + size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64);
                rest = usize::try_from(passed).ok().and_then(|passed| rest.get(passed..)).unwrap_or_default();
                if rest.is_empty() {
                    return false;
                }
            }
            Some((Some(Head { kind, .. }), _)) => return !is_file(kind),
            _ => return rest.iter().all(|&byte| byte == 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Framing;
    use super::super::replay::split;
    use super::*;

    fn block(name: &str, data: &[u8], kind: u8) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{:011o}", data.len()).as_bytes());
        block[156] = kind;
        block[257..263].copy_from_slice(b"ustar\0");
        let sum: u32 = block.iter().map(|&b| u32::from(b)).sum::<u32>() + 8 * 32;
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        block[155] = b' ';
        block.extend_from_slice(data);
        block.resize(block.len().next_multiple_of(BLOCK), 0);
        block
    }

    #[test]
    fn entries_with_their_extensions() {
        let long = format!("{}.txt", "가".repeat(60));
        let pax = format!("{} path={long}\n", long.len() + 10);
        let parts = [
            block("folder/", b"", b'5'),
            block("a.txt", "첫 글".as_bytes(), b'0'),
            [block("x", pax.as_bytes(), b'x'), block("cut", &[b'y'; 600], b'0')].concat(),
            vec![0; BLOCK],
            vec![0; BLOCK],
        ];
        let all = parts.concat();
        for piece in [1, 500, 5000] {
            assert_eq!(split(Framing::Tar(Entries::default()), &all, piece), parts);
        }
        assert_eq!(parts.each_ref().map(|p| is_blank(p)), [true, false, false, true, true]);
        assert_eq!((entry(&parts[1]).unwrap().name, entry(&parts[1]).unwrap().data), (b"a.txt".to_vec(), "첫 글".as_bytes()));
        assert_eq!((entry(&parts[2]).unwrap().name, entry(&parts[2]).unwrap().data.len()), (long.into_bytes(), 600));
    }

    #[test]
    fn damage_is_told() {
        let mut broken = block("a", b"text", b'0');
        broken[0] ^= 1;
        assert!(entry(&broken).unwrap_err().contains("checksum"));
        assert!(!is_blank(&broken));
        let whole = block("a", &[1; 700], b'0');
        assert!(entry(&whole[..900]).unwrap_err().contains("ends after"));
    }
}
