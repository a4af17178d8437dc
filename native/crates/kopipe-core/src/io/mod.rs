//! The one seam between kopipe and the disk: every open, read, write, sync, rename and removal goes through `Io`.
//!
//! A file is born under a temporary name, synced, renamed, and its folder synced: after a power cut it is there
//! whole or not at all. The seam exists so that tests can make the n-th operation fail or the machine die there
//! (`faults`); in a normal run the cost is one branch an operation.

mod faults;
mod new_file;

use crate::error::{Error, Result};
pub use faults::{Fault, Faults};
pub use new_file::NewFile;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use xxhash_rust::xxh3::Xxh3;

/// Files under construction end in this; a resumed run removes what it finds.
pub const UNFINISHED: &str = ".unfinished";

/// A handle on the disk; cheap to clone.
#[derive(Clone, Default)]
pub struct Io {
    faults: Option<Arc<Mutex<Faults>>>,
}

/// What a finished file is known by: the record that seals a part carries these.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sealed {
    pub bytes: u64,
    /// xxh3-128 of the content, 32 hexadecimal digits.
    pub digest: String,
}

impl Sealed {
    /// What a file of this content is.
    pub fn of(content: &[u8]) -> Self {
        Sealed { bytes: content.len() as u64, digest: hex(xxhash_rust::xxh3::xxh3_128(content)) }
    }
}

impl Io {
    pub fn with_faults(faults: Faults) -> Self {
        Io { faults: Some(Arc::new(Mutex::new(faults))) }
    }

    /// How many operations went through so far; 0 without faults.
    pub fn operations(&self) -> u64 {
        self.faults.as_ref().map_or(0, |f| f.lock().unwrap_or_else(|e| e.into_inner()).count())
    }

    pub fn open(&self, path: &Path) -> Result<ReadFile> {
        self.step("open", path)?;
        let file = File::open(path).map_err(|e| Error::io("open", path, e))?;
        if file.metadata().map_err(|e| Error::io("open", path, e))?.is_dir() {
            return Err(Error::io("open", path, io::Error::new(io::ErrorKind::IsADirectory, "is a folder")));
        }
        Ok(ReadFile { io: self.clone(), file, path: path.into(), bytes: Arc::default() })
    }

    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.read_to_end(&mut bytes).map_err(|e| Error::io("read", path, e))?;
        Ok(bytes)
    }

    /// Maps a whole file for reading. The caller must not let it be truncated while mapped: kopipe never
    /// changes a file after its rename.
    pub fn map(&self, path: &Path) -> Result<memmap2::Mmap> {
        let file = self.open(path)?;
        // SAFETY: sealed files are never written again (the contract of an artifact); a foreign truncation
        // would raise SIGBUS, as it does in every reader that maps.
        unsafe { memmap2::Mmap::map(&file.file) }.map_err(|e| Error::io("map", path, e))
    }

    pub fn create(&self, path: &Path) -> Result<NewFile> {
        NewFile::begin(self, path, true)
    }

    /// A file that nobody waits for the disk to have: the system's cache holds it, and where it is removed soon the disk never
    /// sees it. After a power cut it may be gone, empty or torn under its name: who goes on asks `holds` first.
    pub fn create_unsynced(&self, path: &Path) -> Result<NewFile> {
        NewFile::begin(self, path, false)
    }

    /// Whether a file is what it was when it was finished; it may be gone.
    pub fn holds(&self, path: &Path, sealed: &Sealed) -> Result<bool> {
        if !path.exists() {
            return Ok(false);
        }
        let mut file = self.open(path)?;
        let (mut digest, mut buffer) = (Box::new(Xxh3::new()), vec![0; 256 << 10]);
        if file.len()? != sealed.bytes {
            return Ok(false);
        }
        loop {
            match file.read(&mut buffer).map_err(|e| Error::io("read", path, e))? {
                0 => return Ok(hex(digest.digest128()) == sealed.digest),
                n => digest.update(&buffer[..n]),
            }
        }
    }

    /// Writes a small file whole, with the same promise as `create` … `commit`.
    pub fn commit(&self, path: &Path, bytes: &[u8]) -> Result<Sealed> {
        let mut file = self.create(path)?;
        file.write(bytes)?;
        file.commit()
    }

    /// Joins files into one, in order, holding a megabyte at a time.
    pub fn join(&self, pieces: &[PathBuf], path: &Path) -> Result<Sealed> {
        let mut joined = self.create(path)?;
        let mut buffer = vec![0; 1 << 20];
        for piece in pieces {
            let mut file = self.open(piece)?;
            loop {
                match file.read(&mut buffer).map_err(|e| Error::io("read", piece, e))? {
                    0 => break,
                    n => joined.write(&buffer[..n])?,
                }
            }
        }
        joined.commit()
    }

    /// Appends to a file, or begins it. For logs: until `sync`, what was appended may be lost in a power cut, or torn.
    pub fn append(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.step("append to", path)?;
        self.note(|f| f.appended(path));
        let file = File::options().append(true).create(true).open(path);
        file.and_then(|mut f| f.write_all(bytes)).map_err(|e| Error::io("append to", path, e))
    }

    /// Makes what was appended to a file last.
    pub fn sync(&self, path: &Path) -> Result<()> {
        self.step("sync", path)?;
        let file = File::options().append(true).open(path);
        file.and_then(|f| f.sync_data()).map_err(|e| Error::io("sync", path, e))?;
        self.note(|f| f.synced(path));
        Ok(())
    }

    /// Gives a finished file another name, in place of nothing; it is there after a power cut.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.step("rename", to)?;
        fs::rename(from, to).map_err(|e| Error::io("rename", to, e))?;
        self.note(|f| f.renamed(from, to));
        self.sync_folder_of(to)
    }

    /// Gives a finished file a second name, in place of nothing, or where the file system has none, a copy. What stands there
    /// already is what an earlier call left.
    pub fn link(&self, from: &Path, to: &Path) -> Result<()> {
        self.step("link", to)?;
        match fs::hard_link(from, to) {
            Ok(()) => {
                self.note(|f| f.linked(to));
                self.sync_folder_of(to)
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(Error::io("link", from, e)),
            Err(_) => self.join(&[from.into()], to).map(|_| ()),
        }
    }

    pub fn remove(&self, path: &Path) -> Result<()> {
        self.step("remove", path)?;
        match fs::remove_file(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done.map_err(|e| Error::io("remove", path, e)),
        }
    }

    pub fn remove_folder(&self, path: &Path) -> Result<()> {
        self.step("remove", path)?;
        match fs::remove_dir_all(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done.map_err(|e| Error::io("remove", path, e)),
        }
    }

    pub fn create_folder(&self, path: &Path) -> Result<()> {
        self.step("create", path)?;
        fs::create_dir_all(path).map_err(|e| Error::io("create", path, e))
    }

    /// Names of the entries of a folder, sorted by bytes; empty where there is no such folder.
    pub fn list(&self, path: &Path) -> Result<Vec<String>> {
        self.step("list", path)?;
        let entries = match fs::read_dir(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|e| Error::io("list", path, e))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| Error::io("list", path, e))?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    fn sync_folder_of(&self, path: &Path) -> Result<()> {
        self.sync_folder(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    }

    fn sync_folder(&self, path: &Path) -> Result<()> {
        self.step("sync", path)?;
        File::open(path).and_then(|f| f.sync_all()).map_err(|e| Error::io("sync", path, e))?;
        self.note(|f| f.folder_synced(path));
        Ok(())
    }

    fn step(&self, op: &'static str, path: &Path) -> Result<()> {
        match &self.faults {
            None => Ok(()),
            Some(faults) => faults.lock().unwrap_or_else(|e| e.into_inner()).step(op).map_err(|e| Error::io(op, path, e)),
        }
    }

    fn note(&self, tell: impl FnOnce(&mut Faults)) {
        if let Some(faults) = &self.faults {
            tell(&mut faults.lock().unwrap_or_else(|e| e.into_inner()));
        }
    }
}

/// A file open for reading; implements `Read` and `Seek`, each read an operation of the seam.
pub struct ReadFile {
    io: Io,
    file: File,
    path: PathBuf,
    bytes: Arc<AtomicU64>,
}

impl ReadFile {
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn len(&self) -> Result<u64> {
        self.file.metadata().map(|m| m.len()).map_err(|e| Error::io("read", &self.path, e))
    }

    /// A counter of the bytes read, which lives on when the file is inside a decoder.
    pub fn bytes_read(&self) -> Arc<AtomicU64> {
        self.bytes.clone()
    }

    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Tells the system that nobody reads these bytes again: their pages take what is written next.
    pub fn forget(&self, bytes: Range<u64>) {
        #[cfg(target_os = "linux")]
        self.advise(bytes, libc::POSIX_FADV_DONTNEED);
        #[cfg(not(target_os = "linux"))]
        let _ = bytes;
    }

    /// Tells the system that these bytes are read next: it fetches them meanwhile, further ahead than it would by itself.
    pub fn expect(&self, bytes: Range<u64>) {
        #[cfg(target_os = "linux")]
        self.advise(bytes, libc::POSIX_FADV_WILLNEED);
        #[cfg(not(target_os = "linux"))]
        let _ = bytes;
    }

    #[cfg(target_os = "linux")]
    fn advise(&self, bytes: Range<u64>, advice: libc::c_int) {
        use std::os::fd::AsRawFd;
        let (start, length) = (bytes.start as i64, (bytes.end - bytes.start) as i64);
        // SAFETY: the descriptor is open. A refusal changes nothing.
        unsafe {
            libc::posix_fadvise(self.file.as_raw_fd(), start, length, advice);
        }
    }

    /// Reads the bytes from a place on; `corrupt` where the file ends before.
    pub fn read_exact_at(&mut self, at: u64, into: &mut [u8]) -> Result<()> {
        let read = self.seek(SeekFrom::Start(at)).and_then(|_| self.read_exact(into));
        read.map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof => Error::corrupt(&self.path, at, "ends too early"),
            _ => Error::io("read", &self.path, e),
        })
    }
}

impl Read for ReadFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.io.faults.is_some() {
            self.io.step("read", &self.path).map_err(|e| match e {
                Error::Io { source, .. } => source,
                other => io::Error::other(other.to_string()),
            })?;
        }
        let read = self.file.read(into)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Seek for ReadFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// 32 lower-case hexadecimal digits of a 128-bit digest.
pub fn hex(digest: u128) -> String {
    format!("{digest:032x}")
}

#[cfg(test)]
mod tests;
