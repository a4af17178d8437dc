use super::super::index::keep;
use super::super::near::Profile;
use super::super::near::sketch::Sketch;
use super::super::outcome::{Outcome, Pair};
use super::super::rule::Rule;
use super::super::{Known, Place, Texts, Unit};
use super::*;
use crate::batch::{Batch, Keys, Record};
use crate::scratch::{Form, Next, ScratchWriter};
use crate::stats::Look;
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
        let mut writer = ScratchWriter::create(io, &blocks, &signatures, None, None, false).unwrap();
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
            batch.encode(Next::Decide, Form::Lz4, &Look::default()).unwrap();
            writer.append(&mut batch).unwrap();
        }
        let records = writer.seal().unwrap().records;
        made.push(Unit { signatures, texts: Texts::Blocks(blocks), records });
    }
    made
}

/// How much of the machine a search has: bytes and workers.
type Bounds = (u64, u64);

fn run(io: &Io, folder: &Path, known: &[Known], units: &[Unit], signing: Signing, (memory, workers): Bounds) -> (Outcomes, u64) {
    let documents = Documents::new(known.to_vec(), units.to_vec(), vec!["c".into()]).unwrap();
    let search = Search::open(io.clone(), folder, documents, signing, memory, workers).unwrap();
    for &step in search.steps().unwrap() {
        for job in (0..search.begin(step).unwrap()).rev() {
            search.run(step, job).unwrap();
        }
    }
    let (mut outcomes, losses) = search.outcomes().unwrap();
    let found = (0..units.len()).flat_map(|unit| outcomes.of_unit(unit as u32).unwrap());
    let pairs: Vec<Pair> = found.filter_map(|outcome| outcome.pair.filter(|pair| pair.rule.drops())).collect();
    assert_eq!(losses.values().map(|loss| loss.dropped).sum::<u64>(), pairs.len() as u64);
    assert!(search.steps().unwrap().is_empty());
    (outcomes, losses.values().map(|loss| loss.documents).sum())
}

fn search(corpus: &[Vec<Given>], signing: Signing, bounds: Bounds) -> Vec<Vec<Outcome>> {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::default();
    let made = units(&io, dir.path(), corpus, signing);
    let (mut outcomes, documents) = run(&io, &dir.path().join("d"), &[], &made, signing, bounds);
    assert_eq!(documents, corpus.iter().flatten().count() as u64);
    (0..corpus.len()).map(|unit| outcomes.of_unit(unit as u32).unwrap()).collect()
}

/// The outcomes of a corpus against the index of an older one, and the documents that this one keeps.
fn search_against(older: &[Vec<Given>], corpus: &[Vec<Given>], signing: Signing, bounds: Bounds) -> (Vec<Vec<Outcome>>, Vec<Place>) {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::default();
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    [&old, &new].into_iter().for_each(|folder| std::fs::create_dir(folder).unwrap());
    let made = units(&io, &old, older, signing);
    let (outcomes, _) = run(&io, &old.join("d"), &[], &made, signing, bounds);
    let (mut known, mut kept) = (Vec::new(), Vec::new());
    for (part, unit) in made.iter().enumerate() {
        let (signatures, sketches) = (old.join(format!("{part}.kept")), old.join(format!("{part}.sketches")));
        let part = part as u32;
        let documents = keep(&io, unit, outcomes.is_dropped_in(part), None, &signatures, Some(&sketches)).unwrap().documents;
        let stays = outcomes.is_dropped_in(part);
        let places = (0..unit.records).filter(|&ordinal| !stays(ordinal));
        kept.extend(places.map(|ordinal| Place { artifact: Some("older".into()), unit: part, ordinal }));
        assert_eq!(kept.iter().filter(|place| place.unit == part).count(), documents as usize);
        let unit = Unit { signatures, texts: Texts::Sketches(sketches), records: unit.records };
        known.push(Known { artifact: "older".into(), part, unit });
    }
    // Nothing of the older one is read but its index.
    for unit in &made {
        std::fs::remove_file(&unit.signatures).unwrap();
        let Texts::Blocks(blocks) = &unit.texts else { unreachable!("made so") };
        std::fs::remove_file(blocks).unwrap();
    }
    let made = units(&io, &new, corpus, signing);
    let (mut outcomes, documents) = run(&io, &new.join("d"), &known, &made, signing, bounds);
    assert_eq!(documents, corpus.iter().flatten().count() as u64);
    ((0..corpus.len()).map(|unit| outcomes.of_unit(unit as u32).unwrap()).collect(), kept)
}

struct Document<'a> {
    rank: u32,
    shortness: u32,
    place: Place,
    text: &'a str,
}

/// The obvious way: every document against every other; those of `kept`, of an older corpus, stay. What goes, with what
/// stays for it.
fn slow(older: &[Vec<Given>], kept: &[Place], units: &[Vec<Given>], profile: Profile) -> Vec<(Place, Place, Rule)> {
    let own = units.iter().enumerate().flat_map(|(unit, given)| {
        (0..given.len()).map(move |ordinal| Place { artifact: None, unit: unit as u32, ordinal: ordinal as u32 })
    });
    let document = |place: Place| {
        let corpus = if place.artifact.is_some() { older } else { units };
        let Given { source, text } = &corpus[place.unit as usize][place.ordinal as usize];
        let rank = if place.artifact.is_some() { 0 } else { 1 + u32::from(SOURCES[*source] != "c") };
        Document { rank, shortness: u32::MAX - text.len() as u32, place, text }
    };
    let mut documents: Vec<Document> = kept.iter().cloned().chain(own).map(document).collect();
    let order = |place: &Place| (place.unit, place.ordinal);
    documents.sort_by_key(|document| (document.rank, document.shortness, order(&document.place)));
    let mut dropped = Vec::new();
    if profile.compares() {
        let mut first: HashMap<&str, Place> = HashMap::new();
        documents.retain(|Document { place, text, .. }| {
            let of = first.entry(text).or_insert_with(|| place.clone());
            if of != place {
                dropped.push((place.clone(), of.clone(), Rule::Exact));
            }
            of == place
        });
    }
    let bands = |document: &Document| {
        let mut bands = Vec::new();
        profile.signer().push_bands(document.text, &mut bands);
        bands
    };
    let bands: Vec<Vec<u64>> = documents.iter().map(bands).collect();
    let sketch = |Document { rank, text, .. }: &Document| if *rank == 0 { Sketch::of(text).coarse() } else { Sketch::of(text) };
    let sketches: Vec<Sketch> = documents.iter().map(sketch).collect();
    let share = |a: &[u64], b: &[u64]| a.iter().zip(b).any(|(a, b)| a == b && *a != 0);
    let mut components: Vec<usize> = (0..documents.len()).collect();
    for i in 0..documents.len() {
        for j in (0..i).filter(|_| documents[i].rank > 0) {
            if share(&bands[i], &bands[j]) {
                let (from, to) = (components[i], components[j]);
                components.iter_mut().filter(|component| **component == from).for_each(|component| *component = to);
            }
        }
    }
    let mut stay: Vec<usize> = Vec::new();
    for (i, document) in documents.iter().enumerate() {
        let alike = |&&j: &&usize| {
            let jaccard = || sketches[j].jaccard(&sketches[i]).is_some_and(|jaccard| jaccard >= 0.8);
            document.rank > 0 && components[i] == components[j] && (!profile.compares() || jaccard())
        };
        let rule = if profile.compares() { Rule::Jaccard } else { Rule::Band };
        match stay.iter().find(alike) {
            Some(&j) => dropped.push((document.place.clone(), documents[j].place.clone(), rule)),
            None => stay.push(i),
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

/// What goes by these outcomes, with what stays for it.
fn dropped(found: &[Vec<Outcome>]) -> Vec<(Place, Place, Rule)> {
    let of_unit = |(unit, outcomes): (usize, &Vec<Outcome>)| -> Vec<(Place, Place, Rule)> {
        let goes = |outcome: &Outcome| {
            let place = Place { artifact: None, unit: unit as u32, ordinal: outcome.ordinal };
            outcome.pair.as_ref().filter(|pair| pair.rule.drops()).map(|pair| (place, pair.of.clone(), pair.rule))
        };
        outcomes.iter().filter_map(goes).collect()
    };
    found.iter().enumerate().flat_map(of_unit).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn equals_its_slow_twin_in_any_memory(corpus in corpus(), workers in 1u64..4) {
        for profile in [Profile::Ko, Profile::Datatrove] {
            let signing = Signing::Near(profile);
            let records = corpus.iter().flatten().count() as u64;
            let roomy = search(&corpus, signing, (1 << 30, workers));
            let narrow = search(&corpus, signing, (9 * records + 20, workers));
            prop_assert_eq!(&narrow, &roomy);
            let mut sizes: HashMap<(u32, u32), u32> = HashMap::new();
            for (unit, outcome) in roomy.iter().enumerate().flat_map(|(unit, found)| found.iter().map(move |outcome| (unit as u32, outcome))) {
                *sizes.entry((outcome.cluster.unit, outcome.cluster.ordinal)).or_default() += 1;
                if outcome.pair.as_ref().is_none_or(|pair| !pair.rule.drops()) {
                    prop_assert_eq!(&outcome.cluster, &Place { artifact: None, unit, ordinal: outcome.ordinal });
                }
            }
            for outcome in roomy.iter().flatten() {
                prop_assert_eq!(outcome.size, sizes[&(outcome.cluster.unit, outcome.cluster.ordinal)]);
            }
            prop_assert_eq!(dropped(&roomy), slow(&[], &[], &corpus, profile));
        }
    }

    #[test]
    fn against_an_older_one_equals_its_slow_twin_in_any_memory(corpus in corpus(), workers in 1u64..4) {
        let (older, newer) = corpus.split_at(corpus.len() / 2);
        let records = corpus.iter().flatten().count() as u64;
        for profile in [Profile::Ko, Profile::Datatrove] {
            let signing = Signing::Near(profile);
            let (roomy, kept) = search_against(older, newer, signing, (1 << 30, workers));
            let (narrow, _) = search_against(older, newer, signing, (9 * records + 20, workers));
            prop_assert_eq!(&narrow, &roomy);
            prop_assert_eq!(dropped(&roomy), slow(older, &kept, newer, profile));
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
        let documents = Documents::new(Vec::new(), made.clone(), Vec::new()).unwrap();
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
