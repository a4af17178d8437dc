//! `kopipe_core::clean::explain` and `clean::user`: what is asked of a batch, and a user's own filter.

use crate::batch::{Batch, lock};
use crate::error::to_js;
use crate::pool;
use kopipe_core::Error;
use kopipe_core::clean::explain::numbers::Numbers;
use kopipe_core::clean::user::Row;
use napi::Env;
use napi::bindgen_prelude::{Buffer, Object};
use napi_derive::napi;

/// A row of a batch's view that a user's filter drops.
#[napi(object)]
pub struct DroppedRow {
    pub row: u32,
    pub reason: String,
    pub value: f64,
    pub threshold: f64,
}

#[napi]
impl Batch {
    /// Ordinals of the documents with this id.
    #[napi(ts_return_type = "Promise<number[]>")]
    pub fn find<'env>(&self, env: &'env Env, id: String) -> napi::Result<Object<'env>> {
        let inner = self.shared();
        pool::run(env, move || Ok(lock(&inner)?.find(&id)), |ordinals| ordinals)
    }

    /// Ordinals of the documents that have this in their text or their id.
    #[napi(ts_return_type = "Promise<number[]>")]
    pub fn containing<'env>(&self, env: &'env Env, search: String) -> napi::Result<Object<'env>> {
        let inner = self.shared();
        pool::run(env, move || Ok(lock(&inner)?.containing(&search)), |ordinals| ordinals)
    }

    /// One parsed document as a batch of its own; null where it is not here.
    #[napi]
    pub fn only(&self, ordinal: u32) -> napi::Result<Option<Batch>> {
        Ok(lock(&self.shared()).map_err(|e| to_js(&e))?.only(ordinal).map(|batch| Batch::read(batch, 0.0)))
    }

    /// Of a file of rejects: the documents with a reason, as JSON.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn rejected<'env>(&self, env: &'env Env, reason: String) -> napi::Result<Object<'env>> {
        let inner = self.shared();
        let job = move || serde_json::to_string(&lock(&inner)?.rejected(&reason)).map_err(|e| Error::Internal(e.to_string()));
        pool::run(env, job, |json| json)
    }

    /// A document as it would be written now, as JSON: a line of the result, or of the rejects; null where it is not here.
    /// `unit` is the number of its part.
    #[napi]
    pub fn line(&self, ordinal: u32, unit: u32) -> napi::Result<Option<String>> {
        let shared = self.shared();
        let line = || lock(&shared)?.line(ordinal, unit);
        Ok(line().map_err(|e| to_js(&e))?.map(|line| String::from_utf8_lossy(&line).into_owned()))
    }

    /// For each document its numbers against the thresholds of the filters (a recipe's list as JSON), as JSON.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn numbers<'env>(&self, env: &'env Env, filters: String) -> napi::Result<Object<'env>> {
        let numbers = numbers_of(&filters, None)?;
        let inner = self.shared();
        let job = move || serde_json::to_string(&lock(&inner)?.numbers(&numbers)).map_err(|e| Error::Internal(e.to_string()));
        pool::run(env, job, |json| json)
    }

    /// The kept documents, of one source or all, that came nearest to the threshold of a reason, at most `count`, as JSON.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn nearest<'env>(
        &self,
        env: &'env Env,
        filters: String,
        reason: String,
        count: u32,
        source: Option<String>,
    ) -> napi::Result<Object<'env>> {
        let numbers = numbers_of(&filters, Some(&reason))?;
        let inner = self.shared();
        let job = move || {
            serde_json::to_string(&lock(&inner)?.nearest(&numbers, source.as_deref(), count as usize))
                .map_err(|e| Error::Internal(e.to_string()))
        };
        pool::run(env, job, |json| json)
    }

    /// The kept documents as an Arrow IPC stream.
    #[napi(ts_return_type = "Promise<Buffer>")]
    pub fn view<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let inner = self.shared();
        pool::run(env, move || lock(&inner)?.view(), Buffer::from)
    }

    /// Drops rows of the view.
    #[napi]
    pub fn drop_rows(&self, rows: Vec<DroppedRow>) -> napi::Result<()> {
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|DroppedRow { row, reason, value, threshold }| Row { row: row as usize, reason, value, threshold })
            .collect();
        let shared = self.shared();
        let dropped = || lock(&shared)?.drop_rows(&rows);
        dropped().map_err(|e| to_js(&e))
    }
}

fn numbers_of(filters: &str, only: Option<&str>) -> napi::Result<Numbers> {
    let filters: Vec<serde_json::Value> = serde_json::from_str(filters).map_err(|e| to_js(&Error::invalid(format!("filters: {e}"))))?;
    Numbers::new(&filters, only).map_err(|e| to_js(&e))
}
