//! The patterns of the field, by the names that they go by, and the regexes that files have of them.
//!
//! Sources: GPT-2, openai/gpt-2 `encoder.py` (built into HF's ByteLevel); cl100k and o200k, openai/tiktoken
//! `tiktoken_ext/openai_public.py`, o200k as openai/gpt-oss-20b's `tokenizer.json` has it; Llama 3,
//! meta-llama/Llama-3.2-1B-Instruct's `tokenizer.json`, letter for letter cl100k's; Qwen 2, Qwen/Qwen3-0.6B's.
//!
//! Not read as cl100k: tiktoken's spelling since 0.8 with `\s++$`, which keeps trailing line ends and blanks in one, and
//! whose `{1,3}+` HF's engine takes for a repetition.

/// How a text is cut into pretokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    Gpt2,
    Cl100k,
    O200k,
    Llama3,
    Qwen2,
}

const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
const CL100K: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const O200K: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Other spellings that cut alike: tiktoken's from 0.5.2 on, GPT-2's since 0.8, and one of files made from it.
const ALIKE: [(&str, Pattern); 4] = [
    (r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", Pattern::Gpt2),
    (r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s", Pattern::Gpt2),
    (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+", Pattern::Cl100k),
    // GSAI-ML/LLaDA-8B-Instruct.
    (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+", Pattern::Qwen2),
];

impl Pattern {
    pub const ALL: [Pattern; 5] = [Pattern::Gpt2, Pattern::Cl100k, Pattern::O200k, Pattern::Llama3, Pattern::Qwen2];

    pub fn name(self) -> &'static str {
        match self {
            Pattern::Gpt2 => "gpt2",
            Pattern::Cl100k => "cl100k",
            Pattern::O200k => "o200k",
            Pattern::Llama3 => "llama3",
            Pattern::Qwen2 => "qwen2",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pattern| pattern.name() == name)
    }

    /// As a `tokenizer.json` spells it.
    pub fn regex(self) -> &'static str {
        match self {
            Pattern::Gpt2 => GPT2,
            Pattern::Cl100k | Pattern::Llama3 => CL100K,
            Pattern::O200k => O200K,
            Pattern::Qwen2 => QWEN2,
        }
    }

    /// The pattern that cuts as the regex does, in any spelling that is known; `Cl100k` for Llama 3's.
    pub fn from_regex(regex: &str) -> Option<Self> {
        let spelled = Self::ALL.into_iter().find(|pattern| pattern.regex() == regex);
        spelled.or_else(|| ALIKE.iter().find(|(spelling, _)| *spelling == regex).map(|&(_, pattern)| pattern))
    }
}
