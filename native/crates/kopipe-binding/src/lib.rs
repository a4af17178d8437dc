//! kopipe-core as a Node.js addon: converts, decides nothing. One file a room of the core.

mod error;
mod files;
mod pool;
