//! kopipe-core as a Node.js addon: converts, decides nothing. One file a room of the core.

mod arrange;
mod batch;
mod bpe;
mod decontaminate;
mod dedupe;
mod error;
mod explain;
mod files;
mod inspect_shards;
mod linear;
mod lines;
mod morphemes;
mod pack;
mod pool;
mod read;
mod rejects;
mod sample;
mod samples;
mod scratch;
mod shards;
mod stats;
mod token_counts;
mod usage;
