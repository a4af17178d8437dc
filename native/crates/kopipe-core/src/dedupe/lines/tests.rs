use super::counting::{Counting, Repeated, UnitLines};
use super::cutting::{Outcome, RepeatedLines, gone, without};
use super::fold::{Folder, fold_slow};
use super::frequent::{Frequent, MOST, Told, most};
use super::hashes::{LineBlocks, Standing, block};
use super::pieces::pieces;
use super::{Lines, Rule, Unit};
use crate::batch::{Batch, Keys, Record};
use crate::clean::cuts::counts::LINE;
use crate::io::Io;
use proptest::prelude::*;
use regex::Regex;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const PATTERN: Lines = Lines { unit: Unit::Line, rule: Rule::Pattern, most: 1, green: 3, yellow: 50, min_letters: 1 };
const COUNT: Lines = Lines { rule: Rule::Count, ..PATTERN };

/// Documents of a line by its class.
fn documents(class: char) -> u32 {
    match class {
        'g' => 0,
        'y' => 4,
        _ => 51,
    }
}

/// As the paper writes it: what the expressions match stays.
fn stays_by_expression(classes: &str) -> Vec<bool> {
    let mut stays = vec![false; classes.len()];
    for run in Regex::new("g{2,}(y+g{1,})+g|g{2,}").unwrap().find_iter(classes) {
        stays[run.range()].fill(true);
    }
    stays
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn the_pattern_is_the_expression(classes in "[gyr]{1,24}|[gy]{1,24}|(gg|y|r){1,12}") {
        let given: Vec<u32> = classes.chars().map(documents).collect();
        let expected: Vec<bool> = match classes.chars().all(|class| class == 'g') {
            true => vec![false; classes.len()],
            false => stays_by_expression(&classes).iter().map(|stays| !stays).collect(),
        };
        prop_assert_eq!(gone(&given, &PATTERN), expected, "{}", classes);
    }
}

#[test]
fn the_pattern_by_examples() {
    for (classes, stays) in [
        ("rrggggrr", "  gggg  "),
        ("ggyggygg", "ggyggygg"),
        ("ggygygg", "ggygygg"),
        ("ggyg", "gg  "),
        ("rgrgyyg", "       "),
        ("yyggyrgg", "  gg  gg"),
        ("gggyyyygg", "gggyyyygg"),
        ("y", " "),
        // One line that nobody else has is a document, not a fragment.
        ("g", "g"),
    ] {
        let given: Vec<u32> = classes.chars().map(documents).collect();
        let found: String = classes.chars().zip(gone(&given, &PATTERN)).map(|(class, gone)| if gone { ' ' } else { class }).collect();
        assert_eq!(found, stays, "{classes}");
    }
}

#[test]
fn pieces_are_lines_or_paragraphs_and_together_the_text() {
    let text = "\n제목\n\n첫째 줄\n둘째 줄\n \n\n끝";
    let of = |unit| pieces(text, unit).map(|range| &text[range]).collect::<Vec<_>>();
    assert_eq!(of(Unit::Line), ["\n", "제목\n", "\n", "첫째 줄\n", "둘째 줄\n", " \n", "\n", "끝"]);
    assert_eq!(of(Unit::Paragraph), ["\n제목\n\n", "첫째 줄\n둘째 줄\n \n\n", "끝"]);
    assert_eq!(pieces("", Unit::Paragraph).count(), 0);
}

#[test]
fn blank_and_short_lines_go_with_the_line_before() {
    let how = Lines { min_letters: 2, ..COUNT };
    let cut = |text: &str, pieces: &[u32]| {
        let repeated: Vec<Repeated> = pieces.iter().map(|&piece| Repeated { number: 0, piece, documents: 2 }).collect();
        without(text, &repeated, &how, &mut Folder::new(how.min_letters), |_| {}).unwrap()
    };
    assert_eq!(cut("본문 하나\n\n메뉴\n홈\n\n본문 둘", &[2]), Some(("본문 하나\n\n본문 둘".into(), 1)));
    assert_eq!(cut("*\n메뉴\n본문", &[1]), Some(("본문".into(), 1)));
    assert_eq!(cut("본문\n\n메뉴\n}\n", &[2]), Some(("본문".into(), 1)));
    assert_eq!(cut("메뉴", &[0]), Some(("".into(), 1)));
    assert_eq!(cut("본문", &[]), None);
    assert!(without("본문", &[Repeated { number: 0, piece: 1, documents: 2 }], &how, &mut Folder::new(2), |_| {}).is_err());
}

/// Units of two batches each.
fn write(io: &Io, folder: &Path, units: &[Vec<String>], how: &Lines) -> Vec<UnitLines> {
    let keys = Keys { text: "text".into(), id: "id".into(), source: "source".into(), metadata: None, max_document: 1 << 20 };
    let mut made = Vec::new();
    for (number, texts) in units.iter().enumerate() {
        let path = folder.join(format!("{number}.lines"));
        let mut file = io.create(&path).unwrap();
        let (first, second) = texts.split_at(texts.len() / 2);
        for (part, first_ordinal) in [(first, 0), (second, first.len())] {
            let mut batch = Batch::new("f.jsonl".into(), "f.jsonl".into(), 0, 1 << 20);
            batch.first_ordinal = first_ordinal as u32;
            for text in part {
                let line = serde_json::json!({ "text": text }).to_string();
                let start = batch.raw.len();
                batch.raw.extend_from_slice(line.as_bytes());
                batch.records.push(Record { start, end: batch.raw.len(), offset: 0, length: line.len() as u64, whole: true });
            }
            batch.parse(&keys);
            batch.hash_lines(how);
            file.write(&block(batch.standing.as_deref().unwrap())).unwrap();
        }
        file.commit().unwrap();
        made.push(UnitLines { path, records: texts.len() as u32 });
    }
    made
}

const SHORTEST: u64 = 3;

/// The most frequent lines by their text: documents they stand in, and documents they are cut from.
type Often = BTreeMap<String, (u32, u32)>;

/// What is left of each document, nothing of those that go; and the most frequent lines, which these are too few to fill.
fn through(units: &[Vec<String>], how: Lines, dropped: &BTreeSet<u32>, memory: u64, workers: u64) -> (Vec<Option<String>>, Often) {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::default();
    let made = write(&io, dir.path(), units, &how);
    let counting =
        Counting::open(io.clone(), &dir.path().join("c"), made, |number| dropped.contains(&number), how, (memory, workers)).unwrap();
    (0..counting.jobs()).rev().for_each(|job| counting.run(job).unwrap());
    let mut found = RepeatedLines::open(&io, &counting, SHORTEST).unwrap();
    let frequent = found.frequent().to_vec();
    assert!(frequent.is_sorted());
    let mut told = vec![(None, 0); frequent.len()];
    let mut left = Vec::new();
    let mut number = 0;
    for (unit, texts) in units.iter().enumerate() {
        let mut cutting = found.of_unit(unit).unwrap();
        for (ordinal, text) in texts.iter().enumerate() {
            number += 1;
            if dropped.contains(&(number - 1)) {
                left.push(None);
                continue;
            }
            left.push(match cutting.cut(ordinal as u32, || Some(Cow::Borrowed(text))).unwrap() {
                None => Some(text.clone()),
                Some(Outcome::Cut { text: cut, cuts }) => {
                    assert_eq!(cuts.0[LINE].bytes, (text.len() - cut.len()) as u64);
                    Some(cut)
                }
                Some(Outcome::Gone { .. }) => None,
            });
        }
        cutting.finish().unwrap();
        for (line, Told { cut, text }) in cutting.told() {
            told[*line].1 += cut;
            assert!(text.is_none() || told[*line].0.is_none());
            told[*line].0 = told[*line].0.take().or(text.clone());
        }
    }
    let often = frequent.iter().zip(told).map(|(line, (text, cut))| (text.unwrap(), (line.documents, cut)));
    (left, often.collect())
}

/// The obvious way: whole lines in a map. No line of these texts is blank or too short.
fn slow(units: &[Vec<String>], how: Lines, dropped: &BTreeSet<u32>) -> (Vec<Option<String>>, Often) {
    let texts: Vec<&String> = units.iter().flatten().collect();
    let mut standing: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for (number, text) in texts.iter().enumerate().filter(|(number, _)| !dropped.contains(&(*number as u32))) {
        for line in text.lines() {
            standing.entry(fold_slow(line)).or_default().insert(number as u32);
        }
    }
    let mut cut: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    let mut document = |(number, text): (usize, &&String)| {
        let number = number as u32;
        if dropped.contains(&number) {
            return None;
        }
        let stays: Vec<bool> = match how.rule {
            Rule::Count => text.lines().map(|line| standing[&fold_slow(line)].range(..number).count() < how.most as usize).collect(),
            Rule::Pattern => {
                let class = |line| match standing[&fold_slow(line)].len() as u32 {
                    documents if documents <= how.green => 'g',
                    documents if documents <= how.yellow => 'y',
                    _ => 'r',
                };
                let classes: String = text.lines().map(class).collect();
                if classes.contains(['y', 'r']) { stays_by_expression(&classes) } else { vec![true; classes.len()] }
            }
        };
        for (line, _) in text.lines().zip(&stays).filter(|(_, stays)| !**stays) {
            cut.entry(fold_slow(line)).or_default().insert(number);
        }
        let kept: Vec<&str> = text.lines().zip(stays).filter(|(_, stays)| *stays).map(|(line, _)| line).collect();
        let left = kept.join("\n");
        (left.len() == text.len() || left.chars().count() >= SHORTEST as usize).then_some(left)
    };
    let left = texts.iter().enumerate().map(&mut document).collect();
    let least = if how.rule == Rule::Count { how.most } else { how.green };
    let repeated = standing.iter().filter(|(_, documents)| documents.len() as u32 > least);
    let often = repeated.map(|(line, documents)| {
        let first = texts[*documents.first().unwrap() as usize].lines().find(|other| fold_slow(other) == *line).unwrap();
        (first.to_owned(), (documents.len() as u32, cut.get(line).map_or(0, BTreeSet::len) as u32))
    });
    (left, often.collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn equals_its_slow_twin_in_any_memory(
        numbers in prop::collection::vec(prop::collection::vec(prop::collection::vec(0u32..60, 1..12), 1..30), 1..4),
        dropped in prop::collection::btree_set(0u32..60, 0..8),
        workers in 1u64..4,
    ) {
        // The higher the number, the more documents have its line; with another sign at its end.
        let word = |number: &u32| char::from_u32(0xAC00 + 28 * number.isqrt()).unwrap().to_string().repeat(2);
        let text = |lines: &Vec<u32>| lines.iter().map(|n| format!("{}{}", word(n), ["", ".", " |"][(n % 3) as usize])).collect::<Vec<_>>().join("\n");
        let units: Vec<Vec<String>> = numbers.iter().map(|unit| unit.iter().map(text).collect()).collect();
        for how in [COUNT, Lines { most: 3, ..COUNT }, Lines { green: 2, yellow: 6, ..PATTERN }] {
            let expected = slow(&units, how, &dropped);
            prop_assert_eq!(&through(&units, how, &dropped, 1 << 30, workers), &expected);
            prop_assert_eq!(&through(&units, how, &dropped, 1 << 14, workers), &expected);
        }
    }
}

#[test]
fn what_was_counted_is_not_counted_again_unless_it_was_cut_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let (io, folder) = (Io::default(), dir.path().join("c"));
    let texts: Vec<String> = (0..200).map(|i| format!("{}째 글\n모두의 메뉴", char::from_u32(0xAC00 + i).unwrap())).collect();
    let made = write(&io, dir.path(), &[texts], &COUNT);
    let open = |memory| Counting::open(io.clone(), &folder, made.clone(), |_| false, COUNT, (memory, 1));
    let run = |counting: Counting| (0..counting.jobs()).for_each(|job| counting.run(job).unwrap());
    let first = open(1 << 20).unwrap();
    assert_eq!(first.jobs(), 1);
    run(first);
    let changed = || std::fs::metadata(folder.join("lines-00000")).unwrap().modified().unwrap();
    let written = changed();
    // All is counted: neither the memory nor the units' lines matter any more.
    std::fs::rename(&made[0].path, dir.path().join("gone")).unwrap();
    let after = open(1 << 12).unwrap();
    assert_eq!(after.jobs(), 1);
    run(after);
    assert_eq!(changed(), written);
    std::fs::rename(dir.path().join("gone"), &made[0].path).unwrap();
    std::fs::remove_file(folder.join("lines-00000")).unwrap();
    let narrow = open(1 << 12).unwrap();
    assert!(narrow.jobs() > 1);
    run(narrow);
    std::fs::remove_file(folder.join("lines-00001")).unwrap();
    assert!(open(100).err().is_some_and(|error| error.to_string().contains("--memory")));
}

#[test]
fn the_most_frequent_are_the_same_in_any_order_and_however_they_are_parted() {
    let line = |i: u32| Frequent { hash: [u64::from(i % 7), u64::from(i)], documents: i * i % 150, first: i % 40 };
    let lines: Vec<Frequent> = (0..1000).map(line).collect();
    let mut sorted = lines.clone();
    sorted.sort_unstable_by_key(|line| (std::cmp::Reverse(line.documents), line.first, line.hash));
    sorted.truncate(MOST);
    assert_eq!(most(lines.iter().copied()), sorted);
    let (even, odd): (Vec<Frequent>, Vec<Frequent>) = lines.iter().rev().partition(|line| line.hash[1] % 2 == 0);
    assert_eq!(most([most(odd), most(even)].concat()), sorted);
}

#[test]
fn damage_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("l");
    let standing: Vec<Standing> = (0..9).map(|i| Standing { hash: [u64::MAX / 9 * i, i], ordinal: i as u32, piece: 0 }).collect();
    let whole = block(&standing);
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let mut blocks = LineBlocks::open(&Io::default(), &path)?;
        let mut found = Vec::new();
        while let Some(block) = blocks.next_block()? {
            found.extend(blocks.lines(&block, 0..100)?);
            found.extend(blocks.lines(&block, 100..256)?);
        }
        Ok::<_, crate::Error>(found)
    };
    assert_eq!(read(&[&whole[..], &whole[..]].concat()).unwrap(), [&standing[..], &standing[..]].concat());
    for at in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at] ^= 0x10;
        assert_eq!(read(&broken).err().map(|e| e.kind()), Some("corrupt"), "byte {at}");
    }
    assert!(read(&whole[..whole.len() - 1]).is_err() && read(&whole[..100]).is_err());
}
