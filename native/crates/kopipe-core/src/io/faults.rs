//! Failure on purpose: the n-th operation of the seam returns an error, or the machine 'dies' there and what was
//! not synced is gone. The method is SQLite's (its I/O error and crash tests) with ALICE's loss of unsynced data.

use std::collections::{HashMap, HashSet};
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The operation fails with this errno, once.
    Errno(i32),
    /// The machine dies: unsynced bytes and unsynced renames are undone, every later operation fails.
    Crash,
    /// The same, and the process ends at once with status 137.
    CrashProcess,
}

#[derive(Debug)]
pub struct Faults {
    fault: Fault,
    at: u64,
    count: u64,
    dead: bool,
    unsynced: HashSet<PathBuf>,
    /// How long files were before what was appended and not synced since.
    appended: HashMap<PathBuf, u64>,
    renames: Vec<(PathBuf, PathBuf)>,
    links: Vec<PathBuf>,
}

impl Faults {
    /// Fails the `at`-th operation, counted from 1; 0 never fails and only counts.
    pub fn new(fault: Fault, at: u64) -> Self {
        Faults {
            fault,
            at,
            count: 0,
            dead: false,
            unsynced: HashSet::new(),
            appended: HashMap::new(),
            renames: Vec::new(),
            links: Vec::new(),
        }
    }

    /// `enospc@12`, `eio@3`, `eacces@1`, `crash@40`: what the environment variable `KOPIPE_FAULT` of the tests says.
    pub fn parse(spec: &str) -> Option<Self> {
        let (name, at) = spec.split_once('@')?;
        let fault = match name {
            "enospc" => Fault::Errno(libc::ENOSPC),
            "eio" => Fault::Errno(libc::EIO),
            "eacces" => Fault::Errno(libc::EACCES),
            "crash" => Fault::CrashProcess,
            _ => return None,
        };
        Some(Faults::new(fault, at.parse().ok()?))
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn step(&mut self, _op: &'static str) -> io::Result<()> {
        if self.dead {
            return Err(io::Error::other("the machine is down"));
        }
        self.count += 1;
        if self.count != self.at {
            return Ok(());
        }
        match self.fault {
            Fault::Errno(code) => Err(io::Error::from_raw_os_error(code)),
            Fault::Crash => {
                self.die();
                Err(io::Error::other("the machine went down"))
            }
            Fault::CrashProcess => {
                self.die();
                // SAFETY: ends the process without running destructors, which is the point.
                unsafe { libc::_exit(137) }
            }
        }
    }

    pub(super) fn created(&mut self, path: &Path) {
        self.unsynced.insert(path.into());
    }

    pub(super) fn appended(&mut self, path: &Path) {
        let length = || fs::metadata(path).map_or(0, |file| file.len());
        self.appended.entry(path.into()).or_insert_with(length);
    }

    pub(super) fn synced(&mut self, path: &Path) {
        self.unsynced.remove(path);
        self.appended.remove(path);
    }

    pub(super) fn renamed(&mut self, from: &Path, to: &Path) {
        // Another file stands there from now on.
        self.appended.remove(to);
        if self.unsynced.remove(from) {
            self.unsynced.insert(to.into());
        } else {
            self.unsynced.remove(to);
        }
        self.renames.push((from.into(), to.into()));
    }

    pub(super) fn linked(&mut self, to: &Path) {
        self.links.push(to.into());
    }

    pub(super) fn folder_synced(&mut self, folder: &Path) {
        self.links.retain(|to| to.parent() != Some(folder));
        self.renames.retain(|(_, to)| to.parent() != Some(folder));
    }

    /// Takes back what no sync made lasting: second names, renames newest first, then the content of unsynced files.
    fn die(&mut self) {
        self.dead = true;
        for link in self.links.drain(..) {
            let _ = fs::remove_file(link);
        }
        for (from, to) in self.renames.drain(..).rev() {
            let _ = fs::rename(to, from);
        }
        let created = self.unsynced.iter().map(|path| (path, 0));
        for (path, length) in created.chain(self.appended.iter().map(|(path, length)| (path, *length))) {
            if let Ok(file) = OpenOptions::new().write(true).open(path) {
                let _ = file.set_len(length);
            }
        }
    }
}
