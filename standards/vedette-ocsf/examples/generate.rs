//! Writes `src/schema.table` from a checkout of the OCSF schema.
//!
//! `cargo run -p vedette-ocsf --example generate -- PATH/TO/ocsf-schema > standards/vedette-ocsf/src/schema.table`
//!
//! Only facts are written: names, ids, types, relations and the captions of enumerated ids; no descriptions.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// One class or object as its file has it.
struct Source {
    json: Map<String, Value>,
    /// Uid of the extension it came from; 0 for the core.
    extension: u64,
}

fn json_files(dir: &Path, into: &mut Vec<PathBuf>) -> Fallible<()> {
    if !dir.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            json_files(&path, into)?;
        } else if path.extension().is_some_and(|e| e == "json") {
            into.push(path);
        }
    }
    into.sort();
    Ok(())
}

fn read(path: &Path) -> Fallible<Map<String, Value>> {
    match serde_json::from_str(&fs::read_to_string(path)?)? {
        Value::Object(map) => Ok(map),
        _ => Err(format!("{} is not an object", path.display()).into()),
    }
}

struct Schema {
    classes: BTreeMap<String, Source>,
    objects: BTreeMap<String, Source>,
    /// Objects of extensions that add attributes to a core object.
    patches: Vec<Source>,
    /// Profile name, with and without its folder, to its attributes.
    profiles: BTreeMap<String, Map<String, Value>>,
    dictionary: BTreeMap<String, Value>,
    types: BTreeMap<String, String>,
    categories: BTreeMap<String, u64>,
}

impl Schema {
    fn load(root: &Path) -> Fallible<Self> {
        let mut schema = Schema {
            classes: BTreeMap::new(),
            objects: BTreeMap::new(),
            patches: Vec::new(),
            profiles: BTreeMap::new(),
            dictionary: BTreeMap::new(),
            types: BTreeMap::new(),
            categories: BTreeMap::new(),
        };
        for (name, category) in attributes(&read(&root.join("categories.json"))?) {
            schema.categories.insert(name, category.get("uid").and_then(Value::as_u64).unwrap_or(0));
        }
        schema.room(root, 0, "")?;
        for extension in ["linux", "macos", "windows"] {
            let dir = root.join("extensions").join(extension);
            let about = read(&dir.join("extension.json"))?;
            let uid = about.get("uid").and_then(Value::as_u64).unwrap_or(0);
            schema.room(&dir, uid, about.get("name").and_then(Value::as_str).unwrap_or(extension))?;
        }
        Ok(schema)
    }

    fn room(&mut self, dir: &Path, extension: u64, prefix: &str) -> Fallible<()> {
        let dictionary = dir.join("dictionary.json");
        if dictionary.exists() {
            let dictionary = read(&dictionary)?;
            for (name, attribute) in attributes(&dictionary) {
                self.dictionary.entry(name).or_insert(attribute);
            }
            if let Some(Value::Object(types)) = dictionary.get("types") {
                for (name, kind) in attributes(types) {
                    let base = kind.get("type").and_then(Value::as_str).unwrap_or(&name).to_owned();
                    self.types.insert(name, base);
                }
            }
        }
        let mut files = Vec::new();
        json_files(&dir.join("profiles"), &mut files)?;
        for file in &files {
            let json = read(file)?;
            let name = json.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let map: Map<String, Value> = attributes(&json).into_iter().collect();
            if let Some(stem) = file.file_stem().and_then(|s| s.to_str()) {
                self.profiles.insert(format!("profiles/{stem}.json"), map.clone());
            }
            if !prefix.is_empty() {
                self.profiles.insert(format!("{prefix}/{name}"), map.clone());
            }
            self.profiles.insert(name, map);
        }
        files.clear();
        json_files(&dir.join("events"), &mut files)?;
        for file in &files {
            let json = read(file)?;
            let name = json.get("name").or_else(|| json.get("extends")).and_then(Value::as_str);
            if let Some(name) = name.map(str::to_owned) {
                self.classes.insert(name, Source { json, extension });
            }
        }
        files.clear();
        json_files(&dir.join("objects"), &mut files)?;
        for file in &files {
            let json = read(file)?;
            match json.get("name").and_then(Value::as_str).map(str::to_owned) {
                Some(name) if Some(name.as_str()) != json.get("extends").and_then(Value::as_str) => {
                    self.objects.insert(name, Source { json, extension });
                }
                _ => self.patches.push(Source { json, extension }),
            }
        }
        Ok(())
    }

    /// Attributes with their enumerations, those of parents, includes and profiles joined in.
    fn collect(&self, source: &Source, from: &BTreeMap<String, Source>, depth: u8) -> BTreeMap<String, Enum> {
        let mut all = BTreeMap::new();
        if depth > 12 {
            return all;
        }
        if let Some(parent) = source.json.get("extends").and_then(Value::as_str).and_then(|p| from.get(p)) {
            all = self.collect(parent, from, depth + 1);
        }
        let own = match source.json.get("attributes") {
            Some(Value::Object(own)) => own,
            _ => return all,
        };
        let included = match own.get("$include") {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one.as_str()],
            _ => Vec::new(),
        };
        let profiles = match source.json.get("profiles") {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        for profile in included.into_iter().chain(profiles) {
            if let Some(map) = self.profiles.get(profile) {
                for (name, attribute) in map {
                    merge(&mut all, name, attribute);
                }
            }
        }
        for (name, attribute) in own {
            if !name.starts_with('$') {
                merge(&mut all, name, attribute);
            }
        }
        all
    }

    fn category(&self, source: &Source) -> u64 {
        let mut at = source;
        for _ in 0..12 {
            if let Some(name) = at.json.get("category").and_then(Value::as_str) {
                return self.categories.get(name).copied().unwrap_or(0);
            }
            match at.json.get("extends").and_then(Value::as_str).and_then(|p| self.classes.get(p)) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        0
    }
}

type Enum = BTreeMap<String, String>;

fn attributes(json: &Map<String, Value>) -> Vec<(String, Value)> {
    match json.get("attributes") {
        Some(Value::Object(map)) => map.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        _ => Vec::new(),
    }
}

fn enumeration(attribute: &Value) -> Enum {
    let Some(Value::Object(map)) = attribute.get("enum") else { return Enum::new() };
    map.iter()
        .map(|(id, item)| (id.clone(), item.get("caption").and_then(Value::as_str).unwrap_or(id).to_owned()))
        .collect()
}

fn merge(all: &mut BTreeMap<String, Enum>, name: &str, attribute: &Value) {
    all.entry(name.to_owned()).or_default().extend(enumeration(attribute));
}

fn print_enum(out: &mut String, owner: &str, attribute: &str, ids: &Enum) {
    // Sorted by number where the ids are numbers, so that a changed schema gives a small difference.
    let mut ids: Vec<_> = ids.iter().filter(|(id, _)| id.parse::<i64>().is_ok()).collect();
    ids.sort_by_key(|(id, _)| id.parse::<i64>().unwrap_or(i64::MAX));
    if ids.is_empty() {
        return;
    }
    out.push_str(&format!("E\t{owner}\t{attribute}"));
    for (id, caption) in ids {
        out.push_str(&format!("\t{id}={caption}"));
    }
    out.push('\n');
}

fn main() -> Fallible<()> {
    let root = std::env::args().nth(1).ok_or("usage: generate PATH/TO/ocsf-schema")?;
    let root = Path::new(&root);
    let schema = Schema::load(root)?;
    let version = read(&root.join("version.json"))?;
    let mut out = format!("V\t{}\n", version.get("version").and_then(Value::as_str).unwrap_or("unknown"));
    for (name, base) in &schema.types {
        out.push_str(&format!("T\t{name}\t{base}\n"));
    }
    let mut objects: BTreeMap<String, BTreeMap<String, Enum>> = BTreeMap::new();
    for (name, source) in &schema.objects {
        if !name.starts_with('_') || name == "_entity" {
            objects.insert(name.clone(), schema.collect(source, &schema.objects, 0));
        }
    }
    for patch in &schema.patches {
        if let Some(target) =
            patch.json.get("extends").and_then(Value::as_str).and_then(|t| objects.get_mut(t))
        {
            for (name, ids) in schema.collect(
                &Source { json: patch.json.clone(), extension: patch.extension },
                &BTreeMap::new(),
                0,
            ) {
                target.entry(name).or_default().extend(ids);
            }
        }
    }
    let classes: Vec<_> = schema
        .classes
        .iter()
        .filter(|(name, s)| s.json.get("uid").is_some() || name.as_str() == "base_event")
        .map(|(name, s)| (name, s, schema.collect(s, &schema.classes, 0)))
        .collect();
    let mut used = BTreeSet::new();
    for names in objects.values().chain(classes.iter().map(|c| &c.2)) {
        used.extend(names.keys().cloned());
    }
    for name in &used {
        let Some(attribute) = schema.dictionary.get(name) else { continue };
        let kind = attribute.get("type").and_then(Value::as_str).unwrap_or("string_t");
        let array = attribute.get("is_array").and_then(Value::as_bool).unwrap_or(false);
        out.push_str(&format!("A\t{name}\t{kind}{}\n", if array { "\t[]" } else { "" }));
        print_enum(&mut out, "", name, &enumeration(attribute));
    }
    for (name, attributes) in &objects {
        out.push_str(&format!("O\t{name}"));
        for attribute in attributes.keys() {
            out.push_str(&format!("\t{attribute}"));
        }
        out.push('\n');
        for (attribute, ids) in attributes {
            print_enum(&mut out, name, attribute, ids);
        }
    }
    let base: BTreeSet<String> = classes
        .iter()
        .find(|c| c.0 == "base_event")
        .map(|c| c.2.keys().cloned().collect())
        .unwrap_or_default();
    for (name, source, attributes) in &classes {
        let category = schema.category(source);
        let uid = source.json.get("uid").and_then(Value::as_u64).unwrap_or(0);
        let uid = source.extension * 100_000 + category * 1_000 + uid;
        let caption = source.json.get("caption").and_then(Value::as_str).unwrap_or(name);
        out.push_str(&format!("C\t{uid}\t{name}\t{category}\t{caption}"));
        for attribute in attributes.keys().filter(|a| name.as_str() == "base_event" || !base.contains(*a)) {
            out.push_str(&format!("\t{attribute}"));
        }
        out.push('\n');
        for (attribute, ids) in attributes {
            if attribute.ends_with("_id")
                && (name.as_str() == "base_event" || attribute == "activity_id" || !base.contains(attribute))
            {
                print_enum(&mut out, name, attribute, ids);
            }
        }
    }
    std::io::Write::write_all(&mut std::io::stdout(), out.as_bytes())?;
    Ok(())
}
