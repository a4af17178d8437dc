//! JSON lines of one file of the result, cut into frames by their bytes alone: behind the line that fills one.

use super::part::{FRAME, Format, Frame, Output};

pub struct Cutter {
    output: Output,
    frame: usize,
    open: Vec<u8>,
}

impl Cutter {
    /// `format` is that of the documents; rejects and pairs have small frames in any.
    pub fn new(output: Output, format: Format) -> Self {
        let frame = if output == Output::Documents { format.frame() } else { FRAME };
        Cutter { output, frame, open: Vec::new() }
    }

    /// Takes one line, and gives the frame it fills and the line's bytes.
    pub fn line(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> (usize, Option<Frame>) {
        let start = self.open.len();
        write(&mut self.open);
        (self.open.len() - start, if self.open.len() >= self.frame { Some(self.rest()) } else { None })
    }

    /// Takes whole lines, and gives the frames they fill.
    pub fn lines(&mut self, mut lines: &[u8]) -> Vec<Frame> {
        let mut full = Vec::new();
        while self.open.len() + lines.len() >= self.frame {
            let filled = (self.frame - self.open.len()).max(1) - 1;
            let end = memchr::memchr(b'\n', &lines[filled..]).map_or(lines.len(), |at| filled + at + 1);
            self.open.extend_from_slice(&lines[..end]);
            lines = &lines[end..];
            full.push(self.rest());
        }
        self.open.extend_from_slice(lines);
        full
    }

    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// What no frame has taken yet.
    pub fn rest(&mut self) -> Frame {
        // Where one frame was filled the next one will be: it need not grow into its place.
        let next = Vec::with_capacity(if self.open.len() >= self.frame { self.open.len() } else { 0 });
        Frame::new(self.output, std::mem::replace(&mut self.open, next))
    }
}
