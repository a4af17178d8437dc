use super::*;
use std::collections::HashMap;

fn sample(seed: u64, size: u64) -> (Vec<serde_json::Value>, Vec<serde_json::Value>, usize) {
    let dir = tempfile::tempdir().unwrap();
    let (path, truth) = (dir.path().join("00000.jsonl"), dir.path().join("truth"));
    Sampler::new(seed).write_file(&Io::default(), 0, size, Format::Jsonl, &path, &truth).unwrap();
    let read = |path| -> String { std::fs::read_to_string(path).unwrap() };
    let lines = read(&path);
    let documents = lines.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok().filter(|v| v["text"].is_string()));
    (documents.collect(), read(&truth).lines().map(|l| serde_json::from_str(l).unwrap()).collect(), lines.lines().count())
}

#[test]
fn the_truth_is_true() {
    let (documents, truth, lines) = sample(1, 12_000_000);
    let texts: HashMap<&str, &str> = documents.iter().map(|d| (d["id"].as_str().unwrap(), d["text"].as_str().unwrap())).collect();
    let mut kinds: HashMap<&str, u32> = HashMap::new();
    for said in &truth {
        *kinds.entry(said["kind"].as_str().unwrap()).or_default() += 1;
        let text = texts.get(said["id"].as_str().unwrap());
        let original = said["of"].as_str().map(|of| texts[of]);
        match said["kind"].as_str().unwrap() {
            "exact-duplicate" => assert_eq!(text.copied(), original),
            "near-duplicate" => {
                let jaccard = text::jaccard(text.unwrap(), original.unwrap());
                assert!((jaccard - said["jaccard"].as_f64().unwrap()).abs() < 1e-3);
            }
            "pii" | "look-alike" => {
                let (value, at) = (said["value"].as_str().unwrap(), said["at"].as_u64().unwrap() as usize);
                assert_eq!(&text.unwrap()[at..at + value.len()], value);
            }
            "broken" => assert!(text.is_none()),
            _ => assert!(text.is_some()),
        }
    }
    for kind in ["exact-duplicate", "near-duplicate", "nfd", "zero-width", "pii", "look-alike", "spam", "junk", "broken"] {
        assert!(kinds.get(kind).is_some_and(|&n| n > 3), "{kind}: {kinds:?}");
    }
    assert_eq!(lines, documents.len() + kinds["broken"] as usize);
}

#[test]
fn the_seed_decides_everything() {
    assert_eq!(sample(7, 300_000), sample(7, 300_000));
    assert_ne!(sample(7, 300_000), sample(8, 300_000));
}

#[test]
fn euc_kr_files_decode_to_their_truth() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("0.txt");
    let truth: serde_json::Value = serde_json::from_slice(&Sampler::new(1).write_euc_kr(&Io::default(), 0, &path).unwrap()).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(encoding_rs::EUC_KR.decode(&bytes).0, truth["text"].as_str().unwrap());
    assert!(std::str::from_utf8(&bytes).is_err());
}
