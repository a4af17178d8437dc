//! Which documents are duplicates, decided over the whole input in bounded memory.

pub mod exact;
