//! `kopipe_core::dedupe`: which documents are duplicates.

use crate::error::to_js;
use crate::files::disk;
use crate::pool;
use kopipe_core::dedupe::exact::{self, Duplicates};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::{Path, PathBuf};

/// Finds the exact duplicates among the signatures of all units; `folder` gets the result.
#[napi(ts_return_type = "Promise<void>")]
pub fn find_exact_duplicates<'env>(env: &'env Env, signatures: Vec<String>, folder: String, memory: i64) -> napi::Result<Object<'env>> {
    let signatures: Vec<PathBuf> = signatures.into_iter().map(PathBuf::from).collect();
    let job = move || exact::find_duplicates(disk(), &signatures, Path::new(&folder), memory as u64).map(|_| ());
    pool::run(env, job, |()| ())
}

/// What `findExactDuplicates` found, by unit.
#[napi]
pub struct DuplicateIndex {
    duplicates: Duplicates,
}

#[napi]
impl DuplicateIndex {
    #[napi(factory)]
    pub fn open(folder: String) -> napi::Result<Self> {
        Ok(DuplicateIndex { duplicates: Duplicates::open(disk(), Path::new(&folder)).map_err(|e| to_js(&e))? })
    }

    pub fn of_unit(&self, file: u32, unit: u32) -> Vec<exact::Drop> {
        self.duplicates.of_unit(file, unit)
    }
}
