//! Everything that can go wrong in the core, as data.
//!
//! The binding turns an `Error` into `{kind, message, path?, offset?}`; the TypeScript side has one class for it
//! and one place where it becomes an exit code. A bad record is never an `Error`: it goes to the ledger.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused: disk full, permission, a file that is gone.
    #[error("cannot {op} {}: {source}", path.display())]
    Io { op: &'static str, path: PathBuf, source: io::Error },

    /// Bytes that are not what their format promises; what came before `offset` was good.
    #[error("{} is damaged at byte {offset}: {what}", path.display())]
    Corrupt { path: PathBuf, offset: u64, what: String },

    /// A file or a value that is readable but not acceptable; says what was expected and what came.
    #[error("{what}")]
    Invalid { what: String, path: Option<PathBuf> },

    /// The caller asked to stop.
    #[error("interrupted")]
    Cancelled,

    /// A defect of kopipe itself (a caught panic).
    #[error("internal error: {0}")]
    Internal(String),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn io(op: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Error::Io { op, path: path.into(), source }
    }

    pub fn corrupt(path: impl Into<PathBuf>, offset: u64, what: impl Into<String>) -> Self {
        Error::Corrupt { path: path.into(), offset, what: what.into() }
    }

    pub fn invalid(what: impl Into<String>) -> Self {
        Error::Invalid { what: what.into(), path: None }
    }

    /// The stable name scripts and tests match on.
    pub fn kind(&self) -> &'static str {
        match self {
            Error::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => "disk-full",
            Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => "not-found",
            Error::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => "permission",
            Error::Io { .. } => "io",
            Error::Corrupt { .. } => "corrupt",
            Error::Invalid { .. } => "invalid",
            Error::Cancelled => "cancelled",
            Error::Internal(_) => "internal",
        }
    }

    pub fn path(&self) -> Option<&Path> {
        match self {
            Error::Io { path, .. } | Error::Corrupt { path, .. } => Some(path),
            Error::Invalid { path, .. } => path.as_deref(),
            _ => None,
        }
    }

    pub fn offset(&self) -> Option<u64> {
        match self {
            Error::Corrupt { offset, .. } => Some(*offset),
            _ => None,
        }
    }
}
