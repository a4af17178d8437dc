//! A file that a recipe names: read once a process, however many batches ask for it, and so the same for all of them.

use crate::error::Result;
use serde::{Deserialize, Deserializer, de};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

pub trait FromFile: Send + Sync + Sized + 'static {
    fn from_file(path: &Path) -> Result<Self>;
}

/// What the file of a path held when it was first asked for. In JSON it is the path.
pub struct Shared<T>(Arc<T>);

type Known = HashMap<(TypeId, PathBuf), Arc<dyn Any + Send + Sync>>;

impl<T: FromFile> Shared<T> {
    pub fn open(path: &Path) -> Result<Self> {
        static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
        // Held while the file is read: the others wait for it instead of reading it again.
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (TypeId::of::<T>(), path.to_owned());
        if let Some(found) = known.get(&key).and_then(|found| found.clone().downcast().ok()) {
            return Ok(Shared(found));
        }
        let read = Arc::new(T::from_file(path)?);
        known.insert(key, read.clone());
        Ok(Shared(read))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(self.0.clone())
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a file")
    }
}

impl<'de, T: FromFile> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        Shared::open(&PathBuf::deserialize(from)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Text(String);

    impl FromFile for Text {
        fn from_file(path: &Path) -> Result<Self> {
            std::fs::read_to_string(path).map(Text).map_err(|e| crate::Error::io("open", path, e))
        }
    }

    #[test]
    fn a_file_is_read_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list");
        std::fs::write(&path, "one").unwrap();
        let first = Shared::<Text>::open(&path).unwrap();
        std::fs::write(&path, "two").unwrap();
        let again: Shared<Text> = serde_json::from_value(serde_json::json!(path)).unwrap();
        assert_eq!((first.0.0.as_str(), again.0.0.as_str()), ("one", "one"));
        let missing = serde_json::from_value::<Shared<Text>>(serde_json::json!(dir.path().join("none")));
        assert!(missing.err().unwrap().to_string().starts_with("cannot open "));
    }
}
