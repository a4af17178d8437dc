//! `kopipe_core::io` for the TypeScript side: small whole files (records, manifests, reports) under the same promise
//! as the big ones.

use crate::pool;
use kopipe_core::Io;
use kopipe_core::io::{Faults, Sealed};
use napi::Env;
use napi::bindgen_prelude::{Buffer, Object};
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The process's disk. `KOPIPE_FAULT` (see `io::Faults`) makes its n-th operation fail: the tests' door.
pub fn disk() -> &'static Io {
    static DISK: OnceLock<Io> = OnceLock::new();
    DISK.get_or_init(|| match std::env::var("KOPIPE_FAULT").ok().as_deref().and_then(Faults::parse) {
        Some(faults) => Io::with_faults(faults),
        None => Io::default(),
    })
}

/// Length and xxh3-128 of a finished file.
#[napi(object)]
pub struct SealedFile {
    pub bytes: i64,
    pub digest: String,
}

impl From<Sealed> for SealedFile {
    fn from(sealed: Sealed) -> Self {
        SealedFile { bytes: sealed.bytes as i64, digest: sealed.digest }
    }
}

/// Writes a small file whole: temporary name, sync, rename, sync of the folder.
#[napi(ts_return_type = "Promise<SealedFile>")]
pub fn commit_file<'env>(env: &'env Env, path: String, content: Buffer) -> napi::Result<Object<'env>> {
    let content = content.to_vec();
    pool::run(env, move || disk().commit(&PathBuf::from(path), &content), SealedFile::from)
}

/// Appends to a file, or begins it. For logs: until `syncFile`, what was appended may be lost in a power cut, or torn.
#[napi(ts_return_type = "Promise<void>")]
pub fn append_file<'env>(env: &'env Env, path: String, content: Buffer) -> napi::Result<Object<'env>> {
    let content = content.to_vec();
    pool::run(env, move || disk().append(&PathBuf::from(path), &content), |()| ())
}

/// Makes what was appended to a file last.
#[napi(ts_return_type = "Promise<void>")]
pub fn sync_file<'env>(env: &'env Env, path: String) -> napi::Result<Object<'env>> {
    pool::run(env, move || disk().sync(&PathBuf::from(path)), |()| ())
}

#[napi(ts_return_type = "Promise<Buffer>")]
pub fn read_file<'env>(env: &'env Env, path: String) -> napi::Result<Object<'env>> {
    pool::run(env, move || disk().read(&PathBuf::from(path)), Buffer::from)
}

/// Whether a file has the length and the digest that it was finished with; it may be gone.
#[napi(ts_return_type = "Promise<boolean>")]
pub fn is_whole<'env>(env: &'env Env, path: String, sealed: SealedFile) -> napi::Result<Object<'env>> {
    let sealed = Sealed { bytes: sealed.bytes as u64, digest: sealed.digest };
    pool::run(env, move || disk().holds(&PathBuf::from(path), &sealed), |whole| whole)
}

/// Names of the entries of a folder, sorted by bytes; empty where there is no such folder.
#[napi(ts_return_type = "Promise<string[]>")]
pub fn list_folder<'env>(env: &'env Env, path: String) -> napi::Result<Object<'env>> {
    pool::run(env, move || disk().list(&PathBuf::from(path)), |names| names)
}

#[napi(ts_return_type = "Promise<void>")]
pub fn create_folder<'env>(env: &'env Env, path: String) -> napi::Result<Object<'env>> {
    pool::run(env, move || disk().create_folder(&PathBuf::from(path)), |()| ())
}

/// Gives a finished file another name.
#[napi(ts_return_type = "Promise<void>")]
pub fn rename_file<'env>(env: &'env Env, from: String, to: String) -> napi::Result<Object<'env>> {
    pool::run(env, move || disk().rename(&PathBuf::from(from), &PathBuf::from(to)), |()| ())
}

/// Gives a finished file a second name, or a copy where the file system has none.
#[napi(ts_return_type = "Promise<void>")]
pub fn link_file<'env>(env: &'env Env, from: String, to: String) -> napi::Result<Object<'env>> {
    pool::run(env, move || disk().link(&PathBuf::from(from), &PathBuf::from(to)), |()| ())
}

/// Removes a file or nothing.
#[napi(ts_return_type = "Promise<void>")]
pub fn remove_file<'env>(env: &'env Env, path: String) -> napi::Result<Object<'env>> {
    pool::run(env, move || disk().remove(&PathBuf::from(path)), |()| ())
}

/// Removes a folder with all it holds, or nothing.
#[napi(ts_return_type = "Promise<void>")]
pub fn remove_folder<'env>(env: &'env Env, path: String) -> napi::Result<Object<'env>> {
    pool::run(env, move || disk().remove_folder(&PathBuf::from(path)), |()| ())
}
