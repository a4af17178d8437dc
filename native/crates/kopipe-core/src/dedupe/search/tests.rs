use super::super::Unit;
use super::super::near::Profile;
use super::super::near::sketch::Sketch;
use super::super::outcome::{Outcome, Place};
use super::super::rule::Rule;
use super::*;
use crate::batch::{Batch, Keys, Record};
use crate::scratch::{Next, ScratchWriter};
use proptest::prelude::*;
use std::collections::HashMap;

#[derive(Debug)]
struct Given {
    source: usize,
    text: String,
}

const SOURCES: [&str; 3] = ["a", "b", "c"];

/// Units of two batches each, cleaned as `clean` leaves them.
fn units(io: &Io, folder: &Path, units: &[Vec<Given>], signing: Signing) -> Vec<Unit> {
    let keys = Keys { text: "text".into(), id: "id".into(), source: "source".into(), metadata: None, max_document: 1 << 20 };
    let mut made = Vec::new();
    for (number, given) in units.iter().enumerate() {
        let (blocks, signatures) = (folder.join(format!("{number}.blocks")), folder.join(format!("{number}.signatures")));
        let mut writer = ScratchWriter::create(io, &blocks, &signatures, None, None).unwrap();
        let (first, second) = given.split_at(given.len() / 2);
        for (part, first_ordinal) in [(first, 0), (second, first.len())] {
            let mut batch = Batch::new("f.jsonl".into(), "f.jsonl".into(), 0, 1 << 20);
            batch.first_ordinal = first_ordinal as u32;
            for Given { source, text } in part {
                let line = serde_json::json!({"source": SOURCES[*source], "text": text}).to_string();
                let start = batch.raw.len();
                batch.raw.extend_from_slice(line.as_bytes());
                batch.records.push(Record { start, end: batch.raw.len(), offset: 0, length: line.len() as u64, whole: true });
            }
            batch.parse(&keys);
            batch.sign(signing);
            batch.encode(Next::Decide).unwrap();
            writer.append(&batch).unwrap();
        }
        let records = writer.seal().unwrap().records;
        made.push(Unit { signatures, blocks, records });
    }
    made
}

fn search(units: &[Vec<Given>], signing: Signing, memory: u64, workers: u64) -> Vec<Vec<Outcome>> {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::default();
    let documents = Documents::new(self::units(&io, dir.path(), units, signing), vec!["c".into()]).unwrap();
    let search = Search::open(io, &dir.path().join("d"), documents, signing, memory, workers).unwrap();
    for &step in search.steps().unwrap() {
        for job in (0..search.begin(step).unwrap()).rev() {
            search.run(step, job).unwrap();
        }
    }
    let (mut outcomes, losses) = search.outcomes().unwrap();
    let found: Vec<Vec<Outcome>> = (0..units.len()).map(|unit| outcomes.of_unit(unit as u32).unwrap()).collect();
    let dropped = found.iter().flatten().filter(|outcome| outcome.pair.is_some_and(|pair| pair.rule.drops())).count();
    assert_eq!(losses.values().map(|loss| loss.dropped).sum::<u64>(), dropped as u64);
    assert_eq!(losses.values().map(|loss| loss.documents).sum::<u64>(), units.iter().flatten().count() as u64);
    assert!(search.steps().unwrap().is_empty());
    found
}

/// The obvious way: every document against every other. What goes, with what stays for it.
fn slow(units: &[Vec<Given>], profile: Profile) -> Vec<(Place, Place, Rule)> {
    let mut documents: Vec<(u32, u32, Place, &str)> = Vec::new();
    for (unit, given) in units.iter().enumerate() {
        for (ordinal, Given { source, text }) in given.iter().enumerate() {
            let rank = u32::from(SOURCES[*source] != "c");
            documents.push((rank, u32::MAX - text.len() as u32, Place { unit: unit as u32, ordinal: ordinal as u32 }, text));
        }
    }
    let order = |place: &Place| (place.unit, place.ordinal);
    documents.sort_by_key(|(rank, shortness, place, _)| (*rank, *shortness, order(place)));
    let mut dropped = Vec::new();
    if profile.compares() {
        let mut first: HashMap<&str, Place> = HashMap::new();
        documents.retain(|&(_, _, place, text)| {
            let of = *first.entry(text).or_insert(place);
            if of != place {
                dropped.push((place, of, Rule::Exact));
            }
            of == place
        });
    }
    let bands: Vec<Vec<u64>> = documents
        .iter()
        .map(|(.., text)| {
            let mut bands = Vec::new();
            profile.signer().push_bands(text, &mut bands);
            bands
        })
        .collect();
    let share = |a: &[u64], b: &[u64]| a.iter().zip(b).any(|(a, b)| a == b && *a != 0);
    let mut components: Vec<usize> = (0..documents.len()).collect();
    for i in 0..documents.len() {
        for j in 0..i {
            if share(&bands[i], &bands[j]) {
                let (from, to) = (components[i], components[j]);
                components.iter_mut().filter(|component| **component == from).for_each(|component| *component = to);
            }
        }
    }
    let mut kept: Vec<usize> = Vec::new();
    for i in 0..documents.len() {
        let alike = |&&j: &&usize| {
            let jaccard = || Sketch::of(documents[j].3).jaccard(&Sketch::of(documents[i].3));
            components[i] == components[j] && (!profile.compares() || jaccard().is_some_and(|jaccard| jaccard >= 0.8))
        };
        match kept.iter().find(alike) {
            Some(&j) => dropped.push((documents[i].2, documents[j].2, if profile.compares() { Rule::Jaccard } else { Rule::Band })),
            None => kept.push(i),
        }
    }
    dropped.sort_by_key(|(place, ..)| order(place));
    dropped
}

/// Documents of 12 words of a few, some of them copies of an earlier one with a word or two changed.
fn corpus() -> impl Strategy<Value = Vec<Vec<Given>>> {
    let document = (0usize..3, prop::collection::vec(0u32..4000, 1..40), any::<prop::sample::Index>(), 0usize..4);
    prop::collection::vec(prop::collection::vec(document, 1..40), 1..4).prop_map(|units| {
        let mut texts: Vec<String> = Vec::new();
        let mut corpus = Vec::new();
        for unit in units {
            let mut given = Vec::new();
            for (source, numbers, index, changes) in unit {
                let mut words: Vec<String> = numbers.iter().map(|number| format!("낱말{number}번")).collect();
                if changes < 3 && !texts.is_empty() {
                    words = texts[index.index(texts.len())].split(' ').map(str::to_owned).collect();
                    let length = words.len();
                    (0..changes).for_each(|change| words[(numbers[0] as usize + change) % length] = "바뀐".into());
                }
                texts.push(words.join(" "));
                given.push(Given { source, text: words.join(" ") });
            }
            corpus.push(given);
        }
        corpus
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn equals_its_slow_twin_in_any_memory(corpus in corpus(), workers in 1u64..4) {
        for profile in [Profile::Ko, Profile::Datatrove] {
            let signing = Signing::Near(profile);
            let records = corpus.iter().flatten().count() as u64;
            let roomy = search(&corpus, signing, 1 << 30, workers);
            let narrow = search(&corpus, signing, 9 * records + 20, workers);
            prop_assert_eq!(&narrow, &roomy);
            let mut dropped = Vec::new();
            let mut sizes: HashMap<(u32, u32), u32> = HashMap::new();
            for (unit, outcome) in roomy.iter().enumerate().flat_map(|(unit, found)| found.iter().map(move |outcome| (unit as u32, outcome))) {
                let place = Place { unit, ordinal: outcome.ordinal };
                *sizes.entry((outcome.cluster.unit, outcome.cluster.ordinal)).or_default() += 1;
                match outcome.pair {
                    Some(pair) if pair.rule.drops() => dropped.push((place, pair.of, pair.rule)),
                    _ => prop_assert_eq!(outcome.cluster, place),
                }
            }
            for outcome in roomy.iter().flatten() {
                prop_assert_eq!(outcome.size, sizes[&(outcome.cluster.unit, outcome.cluster.ordinal)]);
            }
            prop_assert_eq!(dropped, slow(&corpus, profile));
        }
    }
}

#[test]
fn what_was_done_is_not_done_again_unless_it_was_cut_otherwise() {
    let corpus =
        vec![(0..60).map(|i| Given { source: 0, text: format!("{}번째 문서의 글 {}", i % 20, "가나다라 ".repeat(i % 20)) }).collect()];
    let dir = tempfile::tempdir().unwrap();
    let (io, folder) = (Io::default(), dir.path().join("d"));
    let made = units(&io, dir.path(), &corpus, Signing::Near(Profile::Ko));
    let open = |memory, workers| {
        let documents = Documents::new(made.clone(), Vec::new()).unwrap();
        Search::open(io.clone(), &folder, documents, Signing::Near(Profile::Ko), memory, workers)
    };
    let run_all = |search: &Search| {
        for &step in search.steps().unwrap() {
            (0..search.begin(step).unwrap()).for_each(|job| search.run(step, job).unwrap());
        }
    };
    let first = open(1 << 30, 1).unwrap();
    run_all(&first);
    let copies = folder.join("copies-00000");
    let written = std::fs::metadata(&copies).unwrap().modified().unwrap();
    run_all(&open(1 << 30, 1).unwrap());
    assert_eq!(std::fs::metadata(&copies).unwrap().modified().unwrap(), written);
    let other = open(700, 2).unwrap();
    assert!(!copies.exists(), "another cut into jobs");
    run_all(&other);
    let expected = other.outcomes().unwrap().0.of_unit(0).unwrap();
    // Once all is done the signatures may go, and neither memory nor workers matter.
    made.iter().for_each(|unit| std::fs::remove_file(&unit.signatures).unwrap());
    let after = open(1 << 30, 1).unwrap();
    assert_eq!(after.outcomes().unwrap().0.of_unit(0).unwrap(), expected);
    assert!(open(100, 1).err().is_some_and(|error| error.to_string().contains("--memory")));
}
