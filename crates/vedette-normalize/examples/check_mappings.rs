//! Loads mapping files from folders and prints what is wrong with them, and how large the catalogue is.
//!
//! `cargo run -p vedette-normalize --example check_mappings -- content/mappings`

use std::io::Write;

fn main() -> std::io::Result<()> {
    let mut files = Vec::new();
    for dir in std::env::args().skip(1) {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "yml") {
                files.push((path.display().to_string(), std::fs::read_to_string(&path)?));
            }
        }
    }
    let begun = std::time::Instant::now();
    let (catalogue, problems) = vedette_normalize::Catalogue::load(files);
    let took = begun.elapsed();
    let mut out = std::io::stdout().lock();
    for p in &problems {
        writeln!(out, "{} [{}] {} ({})", p.place, p.code, p.fault, p.remedy)?;
    }
    let (mappings, lanes) = (catalogue.mappings().count(), catalogue.lanes().len());
    writeln!(out, "{mappings} mappings, {lanes} lanes, {} problems, loaded in {took:?}", problems.len())
}
