//! Which paths may be read: those below the roots, whatever links and `..` say.

use std::path::{Component, Path, PathBuf};

use crate::fault::Fault;

/// Folders, their links resolved.
#[derive(Debug, Clone)]
pub struct Roots(Vec<PathBuf>);

impl Roots {
    /// # Errors
    /// When a root is no folder that can be read.
    pub fn open(dirs: &[PathBuf]) -> Result<Self, Fault> {
        let mut roots = Vec::new();
        for dir in dirs {
            let fault = |why: String| Fault::new(why, dir.display().to_string(), "name a folder that exists");
            let real = dir.canonicalize().map_err(|e| fault(format!("cannot be a root: {e}")))?;
            if !real.is_dir() {
                return Err(fault("cannot be a root: it is no folder".to_owned()));
            }
            roots.push(real);
        }
        Ok(Self(roots))
    }

    /// The path without links, if it exists below a root. A relative one is looked for below each root in turn.
    ///
    /// # Errors
    /// When it lies elsewhere, which is decided before anything is looked at, or does not exist.
    pub fn resolve(&self, argument: &str, asked: &str) -> Result<PathBuf, Fault> {
        let refuse = |what: &str| {
            let roots: Vec<String> = self.0.iter().map(|r| r.display().to_string()).collect();
            let remedy = format!(
                "name a path below {}; other folders are opened to this server by whoever starts it, with --root",
                roots.join(" or ")
            );
            Fault::new(what, format!("{argument}: {asked}"), remedy)
        };
        if asked.is_empty() || asked.contains('\0') {
            return Err(refuse("this is no path"));
        }
        let mut inside = false;
        for root in &self.0 {
            let Some(path) = lexical(root, Path::new(asked)).filter(|p| p.starts_with(root)) else {
                continue;
            };
            inside = true;
            let Ok(real) = path.canonicalize() else { continue };
            if self.0.iter().any(|root| real.starts_with(root)) {
                return Ok(real);
            }
            return Err(refuse("a link on the way leads out of the roots, so this path may not be read"));
        }
        Err(refuse(if inside {
            "there is no such path that can be read"
        } else {
            "this path lies outside of the roots, so it may not be read"
        }))
    }

    /// A path as it is told: without the root it lies below.
    pub fn shown<'a>(&self, path: &'a str) -> &'a str {
        let below = |root: &PathBuf| {
            let rest = path.strip_prefix(root.to_str()?)?.strip_prefix('/')?;
            (!rest.is_empty()).then_some(rest)
        };
        self.0.iter().find_map(below).unwrap_or(path)
    }
}

/// The path with `.` and `..` taken out by their letters; `None` when it climbs above `/`.
fn lexical(root: &Path, asked: &Path) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for part in root.join(asked).components() {
        match part {
            Component::ParentDir => path.pop().then_some(())?,
            Component::CurDir => {}
            other => path.push(other),
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_roots_is_reached() {
        let dir = tempfile::tempdir().expect("a folder");
        let base = dir.path().canonicalize().expect("a path");
        for folder in ["open/logs", "open-too", "secret"] {
            std::fs::create_dir_all(base.join(folder)).expect("a folder");
        }
        std::fs::write(base.join("secret/key"), "k").expect("a file");
        std::fs::write(base.join("open/logs/a.log"), "a").expect("a file");
        let link = |to: &Path, at: &str| std::os::unix::fs::symlink(to, base.join(at)).expect("a link");
        link(&base.join("secret"), "open/out");
        link(&base.join("secret/key"), "open/key");
        link(Path::new("../../secret/key"), "open/logs/relative");
        link(&base.join("open/logs"), "open/in");
        let roots = Roots::open(&[base.join("open")]).expect("roots");
        let absolute = |p: &str| base.join(p).display().to_string();
        for inside in
            ["logs", "logs/a.log", "./logs/../logs/a.log", "in/a.log", ".", &absolute("open/logs/a.log")]
        {
            let real = roots.resolve("paths", inside).unwrap_or_else(|f| panic!("{inside}: {f:?}"));
            assert!(real.starts_with(base.join("open")), "{inside}");
        }
        for (outside, why) in [
            ("../secret/key", "outside"),
            ("logs/../../secret/key", "outside"),
            ("/etc/passwd", "outside"),
            ("/", "outside"),
            ("../../../../../../../../../../etc/passwd", "outside"),
            (&absolute("open-too"), "outside"),
            (&absolute("secret"), "outside"),
            (&absolute("open/../secret/key"), "outside"),
            ("out/key", "link"),
            ("out", "link"),
            ("key", "link"),
            ("logs/relative", "link"),
            ("in/relative", "link"),
            ("missing", "no such path"),
            ("logs/a.log/x", "no such path"),
            ("-", "no such path"),
            ("", "no path"),
            ("a\0b", "no path"),
        ] {
            let fault = roots.resolve("paths", outside).expect_err(outside);
            assert!(fault.what.contains(why), "{outside}: {fault:?}");
            assert!(fault.remedy.contains("--root"), "{fault:?}");
        }
    }

    #[test]
    fn several_roots_are_tried_in_turn_and_not_told_twice() {
        let dir = tempfile::tempdir().expect("a folder");
        let base = dir.path().canonicalize().expect("a path");
        for folder in ["one", "two/logs"] {
            std::fs::create_dir_all(base.join(folder)).expect("a folder");
        }
        std::os::unix::fs::symlink(base.join("two/logs"), base.join("one/across")).expect("a link");
        let roots = Roots::open(&[base.join("one"), base.join("two")]).expect("roots");
        assert_eq!(roots.resolve("paths", "logs"), Ok(base.join("two/logs")));
        // From one root into the other is no way out.
        assert_eq!(roots.resolve("paths", "across"), Ok(base.join("two/logs")));
        assert_eq!(roots.shown(&base.join("two/logs/x").display().to_string()), "logs/x");
        assert_eq!(roots.shown("/elsewhere/x"), "/elsewhere/x");
        assert!(Roots::open(&[base.join("three")]).is_err());
    }
}
