//! What each element means to the outline: its kind, and how the HTML standard ends it where its end tag is missing.

macro_rules! tags {
    ($($variant:ident $name:literal $kind:ident,)*) => {
        /// Every element with a rule of its own; the others are `Unknown` and stand in a line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Tag { Unknown, $($variant,)* }

        /// How many tags there are.
        pub const COUNT: usize = [Tag::Unknown, $(Tag::$variant,)*].len();

        static KINDS: [Kind; COUNT] = [Kind::Inline, $(Kind::$kind,)*];

        fn of_lower(name: &[u8]) -> Tag {
            match name {
                $($name => Tag::$variant,)*
                _ => Tag::Unknown,
            }
        }
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Part of a line of text.
    Inline,
    /// Begins and ends a block.
    Block,
    /// A block with no content.
    Break,
    /// No content, part of a line.
    Void,
    /// Never read: code, controls, pictures, fallback for what cannot be shown.
    Unread,
    /// Its text holds no tags. Never read either, but for the title.
    Raw,
}

tags! {
    A b"a" Inline, Abbr b"abbr" Inline, B b"b" Inline, Bdi b"bdi" Inline, Bdo b"bdo" Inline, Big b"big" Inline,
    Cite b"cite" Inline, Code b"code" Inline, Data b"data" Inline, Del b"del" Inline, Dfn b"dfn" Inline, Em b"em" Inline,
    Font b"font" Inline, I b"i" Inline, Ins b"ins" Inline, Kbd b"kbd" Inline, Label b"label" Inline, Mark b"mark" Inline,
    Q b"q" Inline, Rb b"rb" Inline, Rp b"rp" Inline, Rt b"rt" Inline, Ruby b"ruby" Inline, S b"s" Inline, Samp b"samp" Inline,
    Small b"small" Inline, Span b"span" Inline, Strike b"strike" Inline, Strong b"strong" Inline, Sub b"sub" Inline,
    Sup b"sup" Inline, Time b"time" Inline, Tt b"tt" Inline, U b"u" Inline, Var b"var" Inline,

    Address b"address" Block, Article b"article" Block, Aside b"aside" Block, Blockquote b"blockquote" Block,
    Caption b"caption" Block, Center b"center" Block, Dd b"dd" Block, Details b"details" Block, Dialog b"dialog" Block,
    Dir b"dir" Block, Div b"div" Block, Dl b"dl" Block, Dt b"dt" Block, Fieldset b"fieldset" Block,
    Figcaption b"figcaption" Block, Figure b"figure" Block, Footer b"footer" Block, Form b"form" Block, H1 b"h1" Block,
    H2 b"h2" Block, H3 b"h3" Block, H4 b"h4" Block, H5 b"h5" Block, H6 b"h6" Block, Header b"header" Block,
    Hgroup b"hgroup" Block, Legend b"legend" Block, Li b"li" Block, Listing b"listing" Block, Main b"main" Block,
    Menu b"menu" Block, Nav b"nav" Block, Ol b"ol" Block, P b"p" Block, Pre b"pre" Block, Search b"search" Block,
    Section b"section" Block, Summary b"summary" Block, Table b"table" Block, Tbody b"tbody" Block, Td b"td" Block,
    Tfoot b"tfoot" Block, Th b"th" Block, Thead b"thead" Block, Tr b"tr" Block, Ul b"ul" Block,

    // Their tags are passed over; what is in them is read as if they were not there.
    Body b"body" Break, Frameset b"frameset" Break, Head b"head" Break, Html b"html" Break,

    Br b"br" Break, Hr b"hr" Break,
    Area b"area" Void, Base b"base" Void, Basefont b"basefont" Void, Bgsound b"bgsound" Void, Col b"col" Void,
    Embed b"embed" Void, Frame b"frame" Void, Img b"img" Void, Input b"input" Void, Link b"link" Void, Meta b"meta" Void,
    Param b"param" Void, Source b"source" Void, Track b"track" Void, Wbr b"wbr" Void,

    Audio b"audio" Unread, Button b"button" Unread, Canvas b"canvas" Unread, Datalist b"datalist" Unread, Math b"math" Unread,
    Noscript b"noscript" Unread, Object b"object" Unread, Select b"select" Unread, Svg b"svg" Unread,
    Template b"template" Unread, Video b"video" Unread,

    Iframe b"iframe" Raw, Noembed b"noembed" Raw, Noframes b"noframes" Raw, Script b"script" Raw, Style b"style" Raw,
    Textarea b"textarea" Raw, Title b"title" Raw, Xmp b"xmp" Raw,
}

/// No element's name is longer.
const LONGEST: usize = 10;

impl Tag {
    /// The tag of a name as written, in any case.
    pub fn of(name: &[u8]) -> Tag {
        let mut lower = [0u8; LONGEST];
        let Some(lower) = lower.get_mut(..name.len()) else { return Tag::Unknown };
        for (to, from) in lower.iter_mut().zip(name) {
            *to = from.to_ascii_lowercase();
        }
        of_lower(lower)
    }

    /// The tag of the name that `rest` starts with, and the name's length.
    #[inline]
    pub fn read(rest: &[u8]) -> (Tag, usize) {
        let mut lower = [0u8; LONGEST];
        let mut length = 0;
        while let Some(&byte) = rest.get(length)
            && !matches!(byte, b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\r' | b'\x0c')
        {
            if let Some(to) = lower.get_mut(length) {
                *to = byte.to_ascii_lowercase();
            }
            length += 1;
        }
        (lower.get(..length).map_or(Tag::Unknown, of_lower), length)
    }

    #[inline]
    pub fn kind(self) -> Kind {
        KINDS[self as usize]
    }

    /// 1 to 6 for a heading, else 0.
    pub fn heading(self) -> u8 {
        match self {
            Tag::H1 => 1,
            Tag::H2 => 2,
            Tag::H3 => 3,
            Tag::H4 => 4,
            Tag::H5 => 5,
            Tag::H6 => 6,
            _ => 0,
        }
    }

    /// Blocks that stand apart from what comes before and after.
    pub fn is_paragraph(self) -> bool {
        use Tag::*;
        matches!(self, P | Pre | Listing | Blockquote | Ul | Ol | Dl | Table | Figure | Hr) || self.heading() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case() {
        assert_eq!(Tag::of(b"DiV"), Tag::Div);
        assert_eq!(Tag::of(b"figcaption"), Tag::Figcaption);
        assert_eq!(Tag::of(b"figcaptions"), Tag::Unknown);
        assert_eq!(Tag::of(b""), Tag::Unknown);
        assert_eq!((Tag::H3.heading(), Tag::P.heading(), Tag::Hr.kind()), (3, 0, Kind::Break));
    }
}
