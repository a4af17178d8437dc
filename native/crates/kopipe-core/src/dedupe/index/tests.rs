use super::sketches::block;
use super::*;
use crate::dedupe::near::sketch::Sketch;
use crate::error::Result;
use crate::io::Io;
use proptest::prelude::*;

fn sketch(hashes: u32) -> Sketch {
    Sketch { hashes: (0..hashes).map(|hash| 777 * hash).collect(), shift: hashes % 7, left_out: 12 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn sketches_come_back_as_they_were(blocks in prop::collection::vec((prop::collection::vec(0u32..300, 0..20), any::<bool>()), 0..5)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let made = |hashes: &[u32]| -> Vec<Sketch> { hashes.iter().map(|&hashes| sketch(hashes)).collect() };
        std::fs::write(&path, blocks.iter().flat_map(|(hashes, _)| block(&made(hashes))).collect::<Vec<u8>>()).unwrap();
        let mut read = Sketches::open(&Io::default(), &path).unwrap();
        for (hashes, skipped) in &blocks {
            if *skipped {
                read.skip_block().unwrap();
                continue;
            }
            let block = read.next_block().unwrap();
            for (position, expected) in made(hashes).into_iter().enumerate() {
                prop_assert_eq!(block.get(position).unwrap(), expected);
            }
            prop_assert!(block.get(hashes.len()).is_err());
        }
        prop_assert_eq!(read.skip_block().err().map(|e| e.kind()), Some("corrupt"));
    }
}

#[test]
fn damage_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let whole = block(&[sketch(3), sketch(0), sketch(9)]);
    let read_through = |bytes: &[u8]| -> Result<()> {
        std::fs::write(&path, bytes).unwrap();
        let mut sketches = Sketches::open(&Io::default(), &path)?;
        let block = sketches.next_block()?;
        (0..3).try_for_each(|position| block.get(position).map(drop))
    };
    read_through(&whole).unwrap();
    for at in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at] ^= 0x10;
        assert_eq!(read_through(&broken).err().map(|e| e.kind()), Some("corrupt"), "byte {at}");
        assert_eq!(read_through(&whole[..at]).err().map(|e| e.kind()), Some("corrupt"), "cut at {at}");
    }
}
