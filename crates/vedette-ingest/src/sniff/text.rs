//! Text or not, and the text formats that a word at the beginning gives away.

use memchr::memmem;

use super::lines;

/// Judged by the first 16 KiB: nearly no control characters. NULs are counted apart, because a log can hold a run of
/// them where the machine stopped while writing.
pub(super) fn is_text(window: &[u8]) -> bool {
    let head = &window[..window.len().min(16 * 1024)];
    let nul = head.iter().filter(|b| **b == 0).count();
    // \x1c to \x1f separate fields in auditd and others; \x1b colours; \x07, \x08 and \x0c occur in consoles.
    let odd = head.iter().filter(|b| matches!(b, 1..=6 | 0x0E..=0x1A | 0x7F)).count();
    let rest = head.len() - nul;
    if nul > 0 {
        // Scattered NULs are binary, a run of them is not; but beside it everything must be text.
        let runs = head.split(|b| *b != 0).filter(|run| !run.is_empty()).count();
        if odd > 0 || runs > 2 && runs * 64 > rest || nul * 10 > head.len() * 9 {
            return false;
        }
    }
    // Chat logs carry codes for colours: what is otherwise whole UTF-8 in lines may have more of them.
    let whole = std::str::from_utf8(head).map_or_else(|e| e.error_len().is_none(), |_| true);
    let share = if whole && head.contains(&b'\n') { 10 } else { 50 };
    rest > 0 && odd * share <= rest && !mostly_high(head)
}

/// Bytes above 0x7F that are no UTF-8 and outweigh the letters: compressed or encrypted, not Latin-1.
fn mostly_high(head: &[u8]) -> bool {
    let high = head.iter().filter(|b| **b >= 0x80).count();
    if high * 4 <= head.len() {
        return false;
    }
    match std::str::from_utf8(head) {
        Ok(_) => false,
        Err(e) => e.valid_up_to() + 4 < head.len() && e.valid_up_to() * 2 < head.len(),
    }
}

/// Directives at the top, `#Fields:` among the first lines.
pub(super) fn is_w3c(text: &[u8]) -> bool {
    text.starts_with(b"#")
        && text
            .split(|b| *b == b'\n')
            .take(32)
            .take_while(|line| line.starts_with(b"#") || line.trim_ascii().is_empty())
            .any(|line| line.starts_with(b"#Fields:"))
}

/// Most of the first lines are audit records.
pub(super) fn is_auditd(text: &[u8]) -> bool {
    let (mut all, mut audit) = (0, 0);
    for line in lines(text, true).take(32) {
        all += 1;
        let head = &line[..line.len().min(320)];
        let typed = head.starts_with(b"type=")
            || (head.starts_with(b"node=") && memmem::find(head, b" type=").is_some());
        if typed && memmem::find(head, b"msg=audit(").is_some() {
            audit += 1;
        }
    }
    audit > 0 && audit * 2 >= all
}
