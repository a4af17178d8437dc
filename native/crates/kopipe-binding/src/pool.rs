//! The threads that do the work: as many as `--workers`, apart from libuv's four. Reading, unpacking and writing are jobs
//! like all others, so one worker is one core's work and two are two; they go first, because each of a file waits for the one
//! before it and everything else waits for them. (A thread of their own made `pack` with one worker a third faster by
//! keeping 1.3 cores busy, and with two on two cores 6 % slower.)
//!
//! A job is a closure on the core's types; its promise settles on the JS thread. A panic in a job becomes an
//! `internal` error instead of ending Node.

use crate::error::to_js;
use kopipe_core::{Error, Result};
use napi::bindgen_prelude::{Object, ToNapiValue};
use napi::{Env, JsDeferred};
use napi_derive::napi;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

static POOL: OnceLock<rayon::ThreadPool> = OnceLock::new();
static WAITING: Mutex<Waiting> = Mutex::new(Waiting { first: VecDeque::new(), then: VecDeque::new() });

type Job = Box<dyn FnOnce() + Send>;

/// Jobs that no worker has begun.
struct Waiting {
    first: VecDeque<Job>,
    then: VecDeque<Job>,
}

impl Waiting {
    fn take(&mut self) -> Option<Job> {
        self.first.pop_front().or_else(|| self.then.pop_front())
    }
}

/// Starts the worker threads, before the first job; without it there are as many as cores. Once they run there are no others:
/// stages of one run agree on how many.
#[napi]
pub fn start_workers(workers: u32) -> napi::Result<()> {
    if let Some(running) = POOL.get().map(rayon::ThreadPool::current_num_threads) {
        let other = || to_js(&Error::Internal(format!("{running} workers are running already, not {workers}")));
        return if running == workers as usize { Ok(()) } else { Err(other()) };
    }
    keep_freed_memory();
    let pool = build(workers as usize, "kopipe")?;
    POOL.set(pool).map_err(|_| to_js(&Error::Internal("the workers are running already".into())))
}

/// A batch frees some 50 MB that the next one asks for: glibc would return them to the system each time, and every page
/// be cleared and faulted in again, which costs `clean` 4 % of its time. What is kept is this much an arena at the most.
fn keep_freed_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: sets two numbers of the allocator; where it refuses one, nothing changes.
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, 128 << 20);
        libc::mallopt(libc::M_MMAP_THRESHOLD, 32 << 20);
    }
}

fn build(threads: usize, name: &'static str) -> napi::Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |i| format!("{name}-{i}"))
        .build()
        .map_err(|e| to_js(&Error::Internal(format!("cannot start {threads} threads: {e}"))))
}

fn workers() -> napi::Result<&'static rayon::ThreadPool> {
    if POOL.get().is_none() {
        // A second thread may have come first: its pool is as good.
        let _ = POOL.set(build(0, "kopipe")?);
    }
    Ok(POOL.get().expect("set above"))
}

/// Runs `job` on a worker and returns the promise of what `convert` makes of its result on the JS thread.
pub fn run<'env, T, J>(
    env: &'env Env,
    job: impl FnOnce() -> Result<T> + Send + 'static,
    convert: impl FnOnce(T) -> J + Send + 'static,
) -> napi::Result<Object<'env>>
where
    T: Send + 'static,
    J: ToNapiValue + 'static,
{
    submit(env, job, convert, |waiting, job| waiting.then.push_back(job))
}

/// As `run`, before all that waits there: for what reads, unpacks or writes files.
pub fn run_first<'env, T, J>(
    env: &'env Env,
    job: impl FnOnce() -> Result<T> + Send + 'static,
    convert: impl FnOnce(T) -> J + Send + 'static,
) -> napi::Result<Object<'env>>
where
    T: Send + 'static,
    J: ToNapiValue + 'static,
{
    submit(env, job, convert, |waiting, job| waiting.first.push_back(job))
}

fn submit<'env, T, J>(
    env: &'env Env,
    job: impl FnOnce() -> Result<T> + Send + 'static,
    convert: impl FnOnce(T) -> J + Send + 'static,
    line_up: impl FnOnce(&mut Waiting, Job),
) -> napi::Result<Object<'env>>
where
    T: Send + 'static,
    J: ToNapiValue + 'static,
{
    let workers = workers()?;
    let (deferred, promise): (JsDeferred<J, _>, _) = env.create_deferred()?;
    let settled = Box::new(move || {
        let result = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|panic| Err(Error::Internal(panic_message(panic.as_ref()))));
        match result {
            Ok(value) => deferred.resolve(move |_| Ok(convert(value))),
            Err(error) => deferred.reject(to_js(&error)),
        }
    });
    line_up(&mut waiting(), settled);
    // One of them for each that was lined up: none is left behind.
    workers.spawn(|| {
        let job = waiting().take();
        if let Some(job) = job {
            job();
        }
    });
    Ok(promise)
}

fn waiting() -> MutexGuard<'static, Waiting> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a panic said.
pub fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a worker panicked").to_owned()
}
