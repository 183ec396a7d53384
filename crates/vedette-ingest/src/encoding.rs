//! Which encoding a text is in, judged by its first bytes, and its conversion to UTF-8 while it is read.

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Of a text's first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextEncoding {
    /// With a byte order mark of this many bytes to leave out.
    Utf8 {
        bom: usize,
    },
    Utf16Le {
        bom: usize,
    },
    Utf16Be {
        bom: usize,
    },
    /// Windows-1252, which agrees with Latin-1 in all printable characters.
    Latin1,
}

impl TextEncoding {
    pub(crate) fn detect(window: &[u8]) -> TextEncoding {
        match window {
            [0xEF, 0xBB, 0xBF, ..] => return Self::Utf8 { bom: 3 },
            [0xFF, 0xFE, ..] => return Self::Utf16Le { bom: 2 },
            [0xFE, 0xFF, ..] => return Self::Utf16Be { bom: 2 },
            _ => {}
        }
        if let Some(found) = utf16_without_mark(window) {
            return found;
        }
        let (valid, invalid) = count_multibyte(window);
        // A few broken characters do not make a UTF-8 text Latin-1: whatever has more whole than broken ones stays.
        if invalid > valid { Self::Latin1 } else { Self::Utf8 { bom: 0 } }
    }

    /// For people; `None` for UTF-8.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Utf8 { .. } => None,
            Self::Utf16Le { .. } => Some("UTF-16LE"),
            Self::Utf16Be { .. } => Some("UTF-16BE"),
            Self::Latin1 => Some("windows-1252"),
        }
    }

    fn bom(self) -> usize {
        match self {
            Self::Utf8 { bom } | Self::Utf16Le { bom } | Self::Utf16Be { bom } => bom,
            Self::Latin1 => 0,
        }
    }

    fn foreign(self) -> Option<&'static Encoding> {
        match self {
            Self::Utf8 { .. } => None,
            Self::Utf16Le { .. } => Some(UTF_16LE),
            Self::Utf16Be { .. } => Some(UTF_16BE),
            Self::Latin1 => Some(WINDOWS_1252),
        }
    }
}

/// ASCII in UTF-16 has a zero in every second byte, and hardly any in the others.
fn utf16_without_mark(window: &[u8]) -> Option<TextEncoding> {
    let head = &window[..window.len().min(4096) & !1];
    if head.len() < 8 {
        return None;
    }
    let pairs = head.len() / 2;
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    // The other half must be text, so that a table of small numbers is not taken for one.
    let text = |odd: usize| {
        head.iter().skip(odd).step_by(2).filter(|b| matches!(b, 0x20..=0x7E | b'\t' | b'\r' | b'\n')).count()
            * 10
            >= pairs * 7
    };
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 10 >= pairs * 7 && even * 10 <= pairs && text(0) {
        Some(TextEncoding::Utf16Le { bom: 0 })
    } else if even * 10 >= pairs * 7 && odd * 10 <= pairs && text(1) {
        Some(TextEncoding::Utf16Be { bom: 0 })
    } else {
        None
    }
}

/// Whole multi-byte characters, and bytes that are part of none.
fn count_multibyte(window: &[u8]) -> (usize, usize) {
    let (mut valid, mut invalid) = (0, 0);
    let mut rest = window;
    loop {
        let text = match std::str::from_utf8(rest) {
            Ok(text) => text,
            Err(e) => {
                let (good, bad) = rest.split_at(e.valid_up_to());
                valid += std::str::from_utf8(good).map_or(0, |t| t.chars().filter(|c| !c.is_ascii()).count());
                match e.error_len() {
                    Some(len) => {
                        invalid += len;
                        rest = &bad[len..];
                        continue;
                    }
                    // A character cut by the end of the window is no fault.
                    None => return (valid, invalid),
                }
            }
        };
        return (valid + text.chars().filter(|c| !c.is_ascii()).count(), invalid);
    }
}

/// Converts block by block. UTF-8 passes untouched (whole or broken), only its mark is left out.
pub(crate) struct Transcoder {
    decoder: Option<Decoder>,
    skip: usize,
    out: Vec<u8>,
    /// Some bytes had no meaning and became U+FFFD.
    pub(crate) replaced: bool,
}

impl Transcoder {
    pub(crate) fn new(encoding: TextEncoding) -> Self {
        Transcoder {
            decoder: encoding.foreign().map(Encoding::new_decoder_without_bom_handling),
            skip: encoding.bom(),
            out: Vec::new(),
            replaced: false,
        }
    }

    /// The text of `block`; `last` ends the stream.
    pub(crate) fn decode<'b>(&'b mut self, block: &'b [u8], last: bool) -> &'b [u8] {
        let skipped = self.skip.min(block.len());
        self.skip -= skipped;
        let block = &block[skipped..];
        let Some(decoder) = &mut self.decoder else { return block };
        let room = decoder.max_utf8_buffer_length(block.len()).unwrap_or(block.len().saturating_mul(3) + 16);
        if self.out.len() < room {
            self.out.resize(room, 0);
        }
        let (_, _, written, replaced) = decoder.decode_to_utf8(block, &mut self.out, last);
        self.replaced |= replaced;
        &self.out[..written]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    fn check(bytes: &[u8], encoding: TextEncoding, text: &str) {
        assert_eq!(TextEncoding::detect(bytes), encoding, "{text}");
        // Whatever the size of the blocks, the text is the same.
        for size in [1, 2, 3, 7, bytes.len().max(1)] {
            let mut transcoder = Transcoder::new(encoding);
            let mut out = Vec::new();
            for block in bytes.chunks(size) {
                out.extend_from_slice(transcoder.decode(block, false));
            }
            out.extend_from_slice(transcoder.decode(&[], true));
            assert_eq!(String::from_utf8_lossy(&out), text);
            assert!(!transcoder.replaced);
        }
    }

    #[test]
    fn text_is_converted_whatever_its_encoding() {
        check(b"plain", TextEncoding::Utf8 { bom: 0 }, "plain");
        check(b"\xEF\xBB\xBFmarked", TextEncoding::Utf8 { bom: 3 }, "marked");
        check("größer".as_bytes(), TextEncoding::Utf8 { bom: 0 }, "größer");
        check(b"gr\xF6\xDFer", TextEncoding::Latin1, "größer");
        let line = "event größer \u{1F600}\n";
        check(&[&[0xFF, 0xFE][..], &utf16(line, false)].concat(), TextEncoding::Utf16Le { bom: 2 }, line);
        check(&[&[0xFE, 0xFF][..], &utf16(line, true)].concat(), TextEncoding::Utf16Be { bom: 2 }, line);
        check(&utf16(line, false), TextEncoding::Utf16Le { bom: 0 }, line);
        check(&utf16(line, true), TextEncoding::Utf16Be { bom: 0 }, line);
    }

    #[test]
    fn a_few_broken_characters_leave_a_text_utf8() {
        assert_eq!(TextEncoding::detect("äöü äöü \u{fffd}".as_bytes()), TextEncoding::Utf8 { bom: 0 });
        assert_eq!(TextEncoding::detect(b"\xC3\xA4\xC3\xB6\xC3\xBC \xFF"), TextEncoding::Utf8 { bom: 0 });
        assert_eq!(TextEncoding::detect(b"abc\xC3"), TextEncoding::Utf8 { bom: 0 });
    }

    #[test]
    fn an_odd_byte_at_the_end_is_replaced_and_told() {
        let mut transcoder = Transcoder::new(TextEncoding::Utf16Le { bom: 0 });
        transcoder.decode(b"a\0b", false);
        transcoder.decode(b"", true);
        assert!(transcoder.replaced);
    }
}
