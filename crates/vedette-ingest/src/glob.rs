//! Path patterns with `*` and `?`.

/// Whether `pattern` names `path`: as a glob over the whole path (where `*` crosses folders), as a folder above it, or
/// as its bare file name.
pub fn names(pattern: &str, path: &str) -> bool {
    let pattern = pattern.strip_suffix('/').unwrap_or(pattern);
    if glob(pattern.as_bytes(), path.as_bytes()) {
        return true;
    }
    if let Some(rest) = path.strip_prefix(pattern)
        && (rest.starts_with('/') || rest.starts_with('!'))
    {
        return true;
    }
    let file_name = path.rsplit(['/', '!']).next().unwrap_or(path);
    !pattern.contains('/') && glob(pattern.as_bytes(), file_name.as_bytes())
}

/// Iterative, with one point of return: linear in practice, at worst pattern times text.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(b'?') => {
                p += 1;
                t += 1;
            }
            Some(&c) if c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((sp, st)) => {
                    star = Some((sp, st + 1));
                    p = sp + 1;
                    t = st + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::names;

    fn check(pattern: &str, path: &str, expect: bool) {
        assert_eq!(names(pattern, path), expect, "{pattern} on {path}");
    }

    #[test]
    fn a_pattern_is_a_glob_a_folder_or_a_file_name() {
        check("*", "a/b", true);
        check("*web*", "estate/web01/auth.log", true);
        check("estate/web01", "estate/web01/auth.log", true);
        check("estate/web01/", "estate/web01/auth.log", true);
        check("estate/web0", "estate/web01/auth.log", false);
        check("estate/web0?", "estate/web01", true);
        check("auth.log", "estate/web01/auth.log", true);
        check("*.log", "estate/web01/auth.log", true);
        check("x.zip", "x.zip!auth.log", true);
        check("a/*.log", "b/a.log", false);
        check("", "a", false);
    }
}
