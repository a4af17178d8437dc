//! Files under construction: written under a temporary name, which goes where they are not finished.

use super::{Io, Sealed, UNFINISHED, hex};
use crate::error::{Error, Result};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::Xxh3;

/// A file under construction. Dropped without `commit`, it is removed.
pub struct NewFile {
    io: Io,
    file: Option<File>,
    temporary: PathBuf,
    path: PathBuf,
    is_synced: bool,
    digest: Box<Xxh3>,
    bytes: u64,
    /// Bytes that the disk was asked to take already.
    begun: u64,
}

/// Less than a core's second cache.
const AT_ONCE: usize = 256 << 10;

/// So much is handed to the disk at a time, so that the sync at the end has little to wait for.
const WRITE_BACK: u64 = 8 << 20;

/// Asks the system to begin writing; it would otherwise wait for the sync.
#[cfg(target_os = "linux")]
fn begin_write_back(file: &File, offset: u64, length: u64) {
    use std::os::fd::AsRawFd;
    // SAFETY: the descriptor is open. A refusal changes nothing: the sync at the end writes what is left.
    unsafe {
        libc::sync_file_range(file.as_raw_fd(), offset as i64, length as i64, libc::SYNC_FILE_RANGE_WRITE);
    }
}

#[cfg(not(target_os = "linux"))]
fn begin_write_back(_: &File, _: u64, _: u64) {}

impl NewFile {
    /// In place of nothing or of what stands there; without a sync where `Io::create_unsynced` says what that means.
    pub(super) fn begin(io: &Io, path: &Path, is_synced: bool) -> Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(UNFINISHED);
        let temporary = PathBuf::from(name);
        io.step("create", &temporary)?;
        let file = File::create(&temporary).map_err(|e| Error::io("create", &temporary, e))?;
        io.note(|f| f.created(&temporary));
        let (io, digest) = (io.clone(), Box::new(Xxh3::new()));
        Ok(NewFile { io, file: Some(file), temporary, path: path.into(), is_synced, digest, bytes: 0, begun: 0 })
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.io.step("write", &self.path)?;
        let Some(file) = &mut self.file else { return Err(Error::Internal("write after commit".into())) };
        // What was just written is digested while it is in the cache.
        for piece in bytes.chunks(AT_ONCE) {
            file.write_all(piece).map_err(|e| Error::io("write", &self.path, e))?;
            self.digest.update(piece);
        }
        self.bytes += bytes.len() as u64;
        if self.bytes - self.begun >= WRITE_BACK {
            self.hasten();
        }
        Ok(())
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Asks the disk to begin with what is left, so that the syncs of several files do not wait one after the other.
    pub fn hasten(&mut self) {
        if let (Some(file), true) = (&self.file, self.is_synced) {
            begin_write_back(file, self.begun, self.bytes - self.begun);
            self.begun = self.bytes;
        }
    }

    /// Sync, rename, sync the folder: from here on the file exists. One that is not synced is renamed alone.
    pub fn commit(mut self) -> Result<Sealed> {
        let Some(file) = self.file.take() else { return Err(Error::Internal("committed twice".into())) };
        let kept = self.finish(file);
        if kept.is_err() {
            // The error to report is the first one; a temporary file that stays is removed by the next run.
            let _ = fs::remove_file(&self.temporary);
        }
        kept
    }

    fn finish(&self, file: File) -> Result<Sealed> {
        if self.is_synced {
            self.io.step("sync", &self.temporary)?;
            file.sync_all().map_err(|e| Error::io("sync", &self.path, e))?;
            self.io.note(|f| f.synced(&self.temporary));
        }
        drop(file);
        self.io.step("rename", &self.path)?;
        fs::rename(&self.temporary, &self.path).map_err(|e| Error::io("rename", &self.path, e))?;
        self.io.note(|f| f.renamed(&self.temporary, &self.path));
        if self.is_synced {
            self.io.sync_folder_of(&self.path)?;
        }
        Ok(Sealed { bytes: self.bytes, digest: hex(self.digest.digest128()) })
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}
