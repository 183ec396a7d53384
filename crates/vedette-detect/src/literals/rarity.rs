//! How often a piece of text is to be expected in ordinary events: what makes a good witness.
//!
//! The numbers are estimates, not measurements of a certain network; a wrong one costs time, never a finding.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::grams::GRAM;

/// What fields of quiet systems look like, folded. A literal that stands in here will stand in many events.
const ORDINARY: &[&str] = &[
    r"c:\windows\system32\svchost.exe -k netsvcs -p -s schedule",
    r"c:\windows\system32\cmd.exe /c echo",
    r"c:\windows\system32\windowspowershell\v1.0\powershell.exe -noprofile -noninteractive -command",
    r"c:\windows\syswow64\rundll32.exe c:\windows\system32\shell32.dll,control_rundll",
    r"c:\windows\explorer.exe",
    r"c:\windows\system32\lsass.exe",
    r"c:\windows\system32\services.exe",
    r"c:\windows\system32\wbem\wmiprvse.exe -secured -embedding",
    r"c:\windows\system32\taskhostw.exe",
    r"c:\windows\system32\conhost.exe 0xffffffff -forcev1",
    r"c:\windows\system32\msiexec.exe /v",
    r"c:\windows\system32\reg.exe add hklm\software\microsoft\windows\currentversion\run /v name /t reg_sz /d",
    r"c:\windows\microsoft.net\framework64\v4.0.30319\clr.dll",
    r"c:\windows\system32\kernel32.dll c:\windows\system32\ntdll.dll c:\windows\system32\kernelbase.dll",
    r"c:\windows\system32\advapi32.dll c:\windows\system32\user32.dll c:\windows\system32\drivers\tcpip.sys",
    r"c:\windows\temp\ c:\programdata\microsoft\windows\start menu\programs\startup\",
    r"c:\program files\windows defender\msmpeng.exe",
    r"c:\program files (x86)\microsoft\edge\application\msedge.exe",
    r"c:\program files\google\chrome\application\chrome.exe",
    r"c:\users\administrator\appdata\local\temp\setup.tmp",
    r"c:\users\public\documents\desktop.ini c:\users\default\appdata\roaming\microsoft\windows\recent\",
    r"hklm\system\currentcontrolset\services\tcpip\parameters\interfaces\start dword (0x00000001)",
    r"hku\s-1-5-21-1000000000-1000000000-1000000000-1001\software\classes\local settings\",
    r"hklm\software\microsoft\windows nt\currentversion\winlogon\shell binary data",
    r"hklm\software\policies\microsoft\windows",
    r"nt authority\system nt authority\network service workgroup\host$",
    r"microsoft corporation microsoft windows operating system microsoft® windows® operating system",
    "microsoft-windows-security-auditing microsoft-windows-sysmon/operational security system application",
    "s-1-5-18 s-1-0-0 0x3e7 0x0 0x1 0x1000 0x1400 0x1f0fff system true false null none unknown - success failure",
    "windows powershell script block set-strictmode function param return new-object get-item write-host invoke",
    "https://www.example.com/index.html http/1.1 get post 200 404 mozilla/5.0 (windows nt 10.0; win64; x64)",
    "127.0.0.1 10.0.0.1 192.168.1.1 172.16.0.1 ::1 0.0.0.0 fe80:: tcp udp",
    "/usr/bin/bash -c /bin/sh /usr/sbin/sshd /etc/passwd /var/log/syslog /usr/bin/python3 sudo root home user tmp",
    "arn:aws:iam::123456789012:user/name us-east-1 signin.amazonaws.com ec2.amazonaws.com assumerole listbuckets",
    ".exe .dll .sys .tmp .log .txt .dat .ini .lnk .ps1 .bat",
];

static GRAMS: LazyLock<FxHashMap<[u8; GRAM], u16>> = LazyLock::new(|| {
    let mut grams = FxHashMap::default();
    for text in ORDINARY {
        for window in text.as_bytes().windows(GRAM) {
            if let Ok(gram) = <[u8; GRAM]>::try_from(window) {
                *grams.entry(gram).or_insert(0) += 1;
            }
        }
    }
    grams
});

/// Relative frequency of a byte in folded event text; rough classes are enough.
fn byte_weight(byte: u8) -> f64 {
    match byte {
        b'e' | b's' | b'i' | b'o' | b'n' | b't' | b'r' | b'a' => 0.07,
        b'\\' | b'c' | b'd' | b'l' | b'm' | b'p' | b'w' | b' ' | b'.' | b'0' => 0.04,
        b'u' | b'f' | b'g' | b'h' | b'b' | b'v' | b'y' | b'1' | b'2' | b'3' | b'-' | b'x' => 0.02,
        b'4'..=b'9' | b'k' | b'_' | b':' | b'/' => 0.012,
        b'j' | b'q' | b'z' | b'"' | b'(' | b')' | b'=' | b',' | b';' | b'{' | b'}' => 0.005,
        128.. => 0.002,
        _ => 0.003,
    }
}

fn gram_weight(gram: [u8; GRAM]) -> f64 {
    let seen = GRAMS.get(&gram).copied().unwrap_or(0);
    let independent: f64 = gram.iter().map(|b| byte_weight(*b)).product();
    // Letters of a word are not independent: a seen gram is far more frequent than its letters say.
    independent + f64::from(seen) * 1e-3
}

/// The rarest four bytes of `literal`, with their offset. `taken` says how many literals have a gram already: where
/// many literals share a piece, they are told apart by another, so that text made of that piece stays cheap to search.
pub(super) fn rarest_gram(literal: &[u8], taken: impl Fn(u32) -> usize) -> Option<(usize, [u8; GRAM])> {
    let mut best: Option<(f64, usize, [u8; GRAM])> = None;
    for (offset, window) in literal.windows(GRAM).enumerate() {
        let Ok(gram) = <[u8; GRAM]>::try_from(window) else { continue };
        let weight = (gram_weight(gram) + 1e-5) * (1 + taken(u32::from_le_bytes(gram))) as f64;
        if best.is_none_or(|(least, _, _)| weight < least) {
            best = Some((weight, offset, gram));
        }
    }
    best.map(|(_, offset, gram)| (offset, gram))
}

/// Estimated share of values of about a hundred characters that contain the folded `literal`.
pub fn frequency(literal: &str) -> f64 {
    if literal.is_empty() {
        return 1.0;
    }
    let gram = rarest_gram(literal.as_bytes(), |_| 0).map(|(_, gram)| gram);
    // A literal with a gram that stands nowhere in the ordinary text does not stand there either.
    let ordinary = if gram.is_some_and(|gram| !GRAMS.contains_key(&gram)) {
        0.0
    } else {
        ORDINARY.iter().filter(|text| text.contains(literal)).count() as f64 / ORDINARY.len() as f64
    };
    let chance = match gram {
        Some(gram) => 100.0 * gram_weight(gram) * 0.9_f64.powi(literal.len() as i32 - GRAM as i32),
        None => 100.0 * literal.bytes().map(byte_weight).product::<f64>(),
    };
    (ordinary * 2.0 + chance * 0.1).clamp(1e-6, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_word_is_rarer_than_an_ordinary_one() {
        for (rare, ordinary) in [
            ("mimikatz", "\\powershell.exe"),
            ("sekurlsa::", "\\system32\\"),
            ("procdump", ".exe"),
            ("\\psexesvc", "c:\\"),
        ] {
            assert!(frequency(rare) < frequency(ordinary), "{rare} {ordinary}");
        }
    }

    #[test]
    fn the_rarest_gram_avoids_the_ordinary_part() {
        let (offset, _) = rarest_gram(b"\\windows\\system32\\zqxj", |_| 0).unwrap();
        assert!(offset >= 14, "{offset}");
        assert_eq!(rarest_gram(b"abc", |_| 0), None);
    }
}
