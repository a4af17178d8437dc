//! The vocabulary: an endless list of eojeol by rank, drawn so that distinct eojeol grow as in real Korean.
//!
//! An eighth of the eojeol are function words; the ranks of the others follow a shifted Pareto law,
//! P(rank > r) = (1 + r/q)^(1−α): Zipf–Mandelbrot, whose vocabulary grows with Heaps exponent 1/α. With α = 1.38
//! and q = 1200 the measured exponent is 0.70 between one and four million eojeol, where 219,000 and 580,000 are
//! distinct (Korean Wikipedia, decisions and web documents mixed: 0.76, 295,000 and 847,000); ranks that share a
//! spelling take a little off. A draw is a look into a table of quantiles, spelling a common eojeol a short copy.

use super::random::Random;

/// Ranks spelled in advance.
const COMMON: usize = 1 << 16;
/// Quantiles of the law of ranks.
const QUANTILES: usize = 1 << 14;
const ALPHA: f64 = 1.38;
const SHIFT: f64 = 1200.0;

/// What Korean text is held together by; these take the first ranks.
const HEAD: &[&str] = &[
    "있다",
    "그",
    "이",
    "수",
    "있는",
    "것은",
    "것이다",
    "한다",
    "그리고",
    "대한",
    "또한",
    "하는",
    "되었다",
    "등",
    "위해",
    "했다",
    "것을",
    "함께",
    "같은",
    "다른",
    "모든",
    "가장",
    "우리",
    "그는",
    "통해",
    "때문에",
    "없다",
    "이후",
    "다시",
    "많은",
    "아니라",
    "된다",
    "하지만",
    "그러나",
    "의해",
    "따라",
    "때",
    "더",
    "두",
    "한",
    "이러한",
    "특히",
    "현재",
    "당시",
    "경우",
    "있었다",
    "없는",
    "같다",
    "매우",
    "바로",
    "오늘",
    "사람들이",
    "문제를",
    "시간이",
    "방법으로",
    "결과가",
    "처음",
    "보면",
    "정도",
];

const ENDINGS: &[&str] = &[
    "",
    "",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "에서",
    "으로",
    "로",
    "도",
    "와",
    "과",
    "까지",
    "부터",
    "하는",
    "하고",
    "했다",
    "한다",
    "하여",
    "되는",
    "되었다",
    "이다",
    "적인",
    "적으로",
    "에게",
    "보다",
    "처럼",
    "마다",
    "들이",
    "들을",
    "들의",
];

/// Syllables of stems, the common ones first; the index is drawn with a slope.
const SYLLABLES: &str = "이사기대시정지자전인도구제수부한국주원상성유동선경화고하우장공보세조연방신안비무소진치일관재생어요계실물여문학행산위명해가중발회교식법나양리용업노석통현최모미회오아체적입단분역황영건과반결작면민임심박청약점준근배권금집복북직후남토서력형질검특개투설의감출년목축종광운표온별창폐협담속파천초태환희응억울란험엄몸땅빛꿈길눈말집밤숲별꽃강돌";

pub struct Words {
    /// Spelled common ranks: bytes of rank r are `spelled[starts[r]..starts[r + 1]]`.
    spelled: String,
    starts: Vec<u32>,
    quantiles: Vec<f64>,
    syllables: Vec<char>,
}

impl Default for Words {
    fn default() -> Self {
        Self::new()
    }
}

impl Words {
    pub fn new() -> Self {
        let quantiles = (0..=QUANTILES).map(|k| quantile((k as f64 / QUANTILES as f64).max(0.5 / QUANTILES as f64))).collect();
        let mut words = Words { spelled: String::new(), starts: vec![0], quantiles, syllables: SYLLABLES.chars().collect() };
        let mut spelled = String::new();
        for rank in 0..COMMON as u64 {
            words.spell_anew(rank, &mut spelled);
            words.starts.push(spelled.len() as u32);
        }
        words.spelled = spelled;
        words
    }

    /// A rank by the law of the vocabulary; 0 is the commonest.
    #[inline]
    pub fn draw(&self, random: &mut Random) -> u64 {
        let bits = random.next();
        // Fifteen in 128 draws, by bits the rest does not look at.
        if bits & 0x7F < 15 {
            let slope = random.unit();
            return (slope * slope * HEAD.len() as f64) as u64;
        }
        let slot = (bits >> 50) as usize;
        if slot == 0 {
            // The tail has no bound: here the law itself is asked.
            let u = ((bits << 14) >> 11) as f64 / (1u64 << 53) as f64 / QUANTILES as f64;
            return HEAD.len() as u64 + quantile(u).min(1e18) as u64;
        }
        let (high, low) = (self.quantiles[slot], self.quantiles[slot + 1]);
        let share = ((bits << 14) >> 11) as f64 / (1u64 << 53) as f64;
        HEAD.len() as u64 + (low + (high - low) * share) as u64
    }

    #[inline]
    pub fn spell(&self, rank: u64, into: &mut String) {
        match usize::try_from(rank) {
            Ok(rank) if rank < COMMON => into.push_str(&self.spelled[self.starts[rank] as usize..self.starts[rank + 1] as usize]),
            _ => self.spell_anew(rank, into),
        }
    }

    /// Stem and ending of a rank: a function of the rank alone, longer for rarer ones.
    fn spell_anew(&self, rank: u64, into: &mut String) {
        if let Some(word) = usize::try_from(rank).ok().and_then(|rank| HEAD.get(rank)) {
            into.push_str(word);
            return;
        }
        let mut random = Random::new(rank.wrapping_mul(0x2545_F491_4F6C_DD1D));
        let longest = match rank {
            0..1_000 => 2,
            1_000..100_000 => 3,
            _ => 4,
        };
        let stem = random.between(if rank < 1_000 { 1 } else { 2 }, longest);
        for _ in 0..stem {
            let slope = random.unit();
            if rank >= 10_000 && slope > 0.9 {
                // Rare stems use rare syllables too: any of the 11,172.
                into.extend(char::from_u32(0xAC00 + random.below(11_172) as u32));
            } else {
                into.push(self.syllables[(slope * slope * self.syllables.len() as f64) as usize]);
            }
        }
        into.push_str(random.pick(ENDINGS));
    }
}

/// The rank that a share `u` of all draws lies above.
fn quantile(u: f64) -> f64 {
    SHIFT * (u.powf(-1.0 / (ALPHA - 1.0)) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Distinct eojeol after a million and after four million draws: the slope in between is the Heaps exponent.
    #[test]
    fn vocabulary_grows_as_real_texts_does() {
        let words = Words::new();
        let mut random = Random::new(1);
        let (mut seen, mut word, mut early) = (HashSet::new(), String::new(), 0);
        for n in 1..=4_000_000u32 {
            word.clear();
            words.spell(words.draw(&mut random), &mut word);
            if !seen.contains(word.as_str()) {
                seen.insert(word.clone());
            }
            if n == 1_000_000 {
                early = seen.len();
            }
        }
        let exponent = (seen.len() as f64 / early as f64).ln() / 4f64.ln();
        assert!((0.69..0.75).contains(&exponent), "Heaps exponent {exponent:.3}, {early} and {} distinct", seen.len());
    }
}
