//! Cuts a value into runs of the letters that addresses, names and digests are made of.

/// A run of letters, digits, `.`, `-`, `_`, `:` and anything beyond ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub start: usize,
    pub end: usize,
    pub dots: u32,
    pub colons: u32,
    /// Length of the longest stretch of hexadecimal digits.
    pub hex_run: u32,
}

const OTHER: u8 = 0;
const LETTER: u8 = 1;
const HEX: u8 = 2;
const DOT: u8 = 3;
const COLON: u8 = 4;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [OTHER; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        classes[b] = match byte {
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => HEX,
            b'g'..=b'z' | b'G'..=b'Z' | b'-' | b'_' | 0x80.. => LETTER,
            b'.' => DOT,
            b':' => COLON,
            _ => OTHER,
        };
        b += 1;
    }
    classes
}

/// Calls `sink` for every run that has a dot or two colons, or is as long as a digest.
pub fn tokens(value: &str, sink: &mut dyn FnMut(Token)) {
    let bytes = value.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if CLASSES[bytes[at] as usize] == OTHER {
            at += 1;
            continue;
        }
        let mut token = Token { start: at, end: at, dots: 0, colons: 0, hex_run: 0 };
        let mut run = 0_u32;
        while at < bytes.len() {
            match CLASSES[bytes[at] as usize] {
                OTHER => break,
                HEX => run += 1,
                class => {
                    token.hex_run = token.hex_run.max(run);
                    run = 0;
                    token.dots += u32::from(class == DOT);
                    token.colons += u32::from(class == COLON);
                }
            }
            at += 1;
        }
        token.end = at;
        token.hex_run = token.hex_run.max(run);
        if token.dots > 0 || token.colons > 1 || token.hex_run >= 32 {
            sink(token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_end_where_words_do() {
        let value = "GET http://a.net:80/x y=\u{e9}.org [::1] plain";
        let mut runs = Vec::new();
        tokens(value, &mut |t| runs.push(&value[t.start..t.end]));
        assert_eq!(runs, ["a.net:80", "\u{e9}.org", "::1"]);
    }
}
