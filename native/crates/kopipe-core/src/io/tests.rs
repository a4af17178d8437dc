use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn a_committed_file_is_whole_and_sealed() {
    let dir = folder();
    let path = dir.path().join("a");
    let sealed = Io::default().commit(&path, "한글".as_bytes()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), "한글".as_bytes());
    assert_eq!(sealed.bytes, 6);
    assert_eq!(sealed.digest, hex(xxhash_rust::xxh3::xxh3_128("한글".as_bytes())));
}

#[test]
fn a_dropped_file_leaves_nothing() {
    let dir = folder();
    let mut file = Io::default().create(&dir.path().join("a")).unwrap();
    file.write(b"x").unwrap();
    drop(file);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

/// The n-th operation fails or the machine dies there, for every n: the file is whole or absent, never partial.
#[test]
fn every_operation_may_fail() {
    for fault in [Fault::Errno(libc::ENOSPC), Fault::Errno(libc::EIO), Fault::Crash] {
        for n in 1.. {
            let dir = folder();
            let path = dir.path().join("a");
            let io = Io::with_faults(Faults::new(fault, n));
            let done = io.commit(&path, b"content");
            if io.operations() < n {
                assert!(done.is_ok());
                break;
            }
            let error = done.expect_err("the fault was reported");
            assert!(error.path().is_some(), "{error}");
            let found = fs::read(&path);
            assert!(found.is_err() || found.unwrap() == b"content", "a partial file under its final name");
        }
    }
}

#[test]
fn a_file_is_held_against_its_seal() {
    let (dir, io) = (folder(), Io::default());
    let path = dir.path().join("a");
    for finish in [Io::commit, unsynced] {
        let sealed = finish(&io, &path, b"content").unwrap();
        assert!(io.holds(&path, &sealed).unwrap());
        for other in [&b"conten"[..], b"contend", b"contents", b""] {
            fs::write(&path, other).unwrap();
            assert!(!io.holds(&path, &sealed).unwrap(), "{other:?}");
        }
        fs::remove_file(&path).unwrap();
        assert!(!io.holds(&path, &sealed).unwrap());
    }
}

fn unsynced(io: &Io, path: &Path, content: &[u8]) -> Result<Sealed> {
    let mut file = io.create_unsynced(path)?;
    file.write(content)?;
    file.commit()
}

/// Where the power goes after a file was finished without a sync, its seal tells; whoever writes it anew has it.
#[test]
fn what_was_not_synced_is_known_to_be_gone() {
    for n in 1.. {
        let dir = folder();
        let (path, log) = (dir.path().join("a"), dir.path().join("b"));
        let io = Io::with_faults(Faults::new(Fault::Crash, n));
        let mut sealed = None;
        let done = unsynced(&io, &path, b"content").and_then(|seal| {
            sealed = Some(seal);
            // Its name may be lasting where its content is not.
            io.commit(&log, b"a is there")
        });
        let after = Io::default();
        if io.operations() < n {
            assert!(done.is_ok() && after.holds(&path, &sealed.unwrap()).unwrap());
            break;
        }
        assert!(done.is_err());
        assert!(sealed.is_none_or(|sealed| !after.holds(&path, &sealed).unwrap()), "operation {n}");
        let sealed = unsynced(&after, &path, b"content").unwrap();
        assert!(after.holds(&path, &sealed).unwrap());
    }
}

/// A log keeps what was synced, whatever happens to what was appended after it.
#[test]
fn what_is_synced_of_a_log_stays() {
    for fault in [Fault::Errno(libc::EIO), Fault::Crash] {
        for n in 1.. {
            let dir = folder();
            let path = dir.path().join("log");
            let io = Io::with_faults(Faults::new(fault, n));
            let mut lasting = 0;
            let done = (|| {
                for _ in 0..2 {
                    io.append(&path, b"one")?;
                    io.append(&path, b"two")?;
                    io.sync(&path)?;
                    lasting += 6;
                }
                io.append(&path, b"three")
            })();
            if io.operations() < n {
                assert!(done.is_ok());
                break;
            }
            let error = done.expect_err("the fault was reported");
            assert_eq!(error.path(), Some(path.as_path()));
            let found = fs::read(&path).unwrap_or_default();
            assert_eq!(found[..lasting], *"onetwo".repeat(2).as_bytes()[..lasting].as_ref());
            assert!(fault != Fault::Crash || found.len() == lasting, "{} bytes, of which {lasting} were synced", found.len());
        }
    }
}
