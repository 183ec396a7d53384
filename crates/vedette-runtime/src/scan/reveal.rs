//! Shows what an encoded PowerShell command line says.
//!
//! `powershell -EncodedCommand` takes base64 of UTF-16LE text (about_PowerShell_exe); any unambiguous prefix of the
//! parameter's name is accepted, so `-e`, `-ec`, `-enc` and so on are all seen in the wild.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// PowerShell takes the text with or without its padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Dashes and the slash that PowerShell takes before a parameter.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// The plain text behind the first encoded command of `command_line`, if there is one.
pub fn encoded_command(command_line: &str) -> Option<String> {
    if !command_line.contains(DASHES) {
        return None;
    }
    let mut words = command_line.split_whitespace();
    while let Some(word) = words.next() {
        let word = bare(word);
        // `-enc:BASE64` is one word.
        let (parameter, joined) = word.split_once(':').map_or((&*word, None), |(p, v)| (p, Some(v)));
        if !is_encoded_parameter(parameter) {
            continue;
        }
        let text = match joined.filter(|value| !value.is_empty()) {
            Some(value) => decode(value),
            None => decode(&bare(words.next()?)),
        };
        if text.is_some() {
            return text;
        }
    }
    None
}

/// Without quotes, and without the carets that the command shell drops: both are strewn in to hide a word.
fn bare(word: &str) -> Cow<'_, str> {
    const NOISE: [char; 4] = ['"', '\'', '^', '`'];
    if word.contains(NOISE) { Cow::Owned(word.replace(NOISE, "")) } else { Cow::Borrowed(word) }
}

fn is_encoded_parameter(word: &str) -> bool {
    let Some(name) = word.strip_prefix(DASHES) else { return false };
    let name = name.to_ascii_lowercase();
    name == "ec" || (!name.is_empty() && "encodedcommand".starts_with(&name))
}

fn decode(value: &str) -> Option<String> {
    if value.len() < 8 {
        return None;
    }
    let bytes = LENIENT.decode(value).ok()?;
    if bytes.len() < 4 || bytes.len() % 2 != 0 {
        return None;
    }
    let units: Vec<u16> = bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
    let text = String::from_utf16(&units).ok()?;
    let printable = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).count();
    (printable * 10 >= text.chars().count() * 9).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(text: &str) -> String {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        LENIENT.encode(bytes)
    }

    #[test]
    fn reads_every_spelling_of_the_parameter() {
        let secret = "IEX (New-Object Net.WebClient)";
        for flag in ["-enc", "-e", "-EncodedCommand", "/ec", "-eNcOd", "\u{2013}enc"] {
            let line = format!("powershell.exe -nop -w hidden {flag} {}", encode(secret));
            assert_eq!(encoded_command(&line).as_deref(), Some(secret), "{flag}");
        }
    }

    #[test]
    fn sees_through_quotes_carets_and_colons() {
        let secret = "IEX (New-Object Net.WebClient)";
        let code = encode(secret);
        for line in [
            format!("powershell -enc:{code}"),
            format!("powershell -enc: {code}"),
            format!("powershell \"-enc\" \"{code}\""),
            format!("powershell -e^n^c {code}"),
            format!("powershell -\"e\"nc '{code}'"),
            format!("cmd /c \"powershell -ec {code}\""),
        ] {
            assert_eq!(encoded_command(&line).as_deref(), Some(secret), "{line}");
        }
    }

    #[test]
    fn leaves_other_parameters_alone() {
        for line in [
            "powershell -ExecutionPolicy Bypass -File c:\\scripts\\backup.ps1",
            "powershell -enc",
            "powershell -enc !!!!notbase64",
            "cmd /e:on /c dir",
            "",
        ] {
            assert_eq!(encoded_command(line), None, "{line}");
        }
    }
}
