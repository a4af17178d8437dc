//! Files from strangers, compressed or not, as every container: their records come in order however they are entered.
//! What Parquet's and Arrow's libraries panic on is caught and told as damage, so the hook that ends the process goes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

fuzz_target!(|input: &[u8]| {
    static FOLDER: OnceLock<std::path::PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        std::panic::set_hook(Box::new(|_| {}));
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }.join(format!("kopipe-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for small files");
        folder
    });
    kopipe_core::read::replay::check(input, folder);
});
