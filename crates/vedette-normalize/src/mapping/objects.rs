//! The objects of a list, each as a record of its own, so that a line of a mapping can speak of one of them.
//!
//! Flattening writes a list's objects one after another under one name. Where objects carry `$id`, as Microsoft's
//! serialisers write them, every object that has one counts, nested ones too, and `$ref` stands for the object it names.

use rustc_hash::FxHashMap;
use vedette_model::{Kind, Native};

use super::limits;
use crate::formats::json;

/// The objects of `list` in their order. Their fields are called as if each stood directly in the list:
/// `Entities.ImageFile.Name` of a nested file is `Entities.Name` there, and `Entities.ImageFile.Name` in the process
/// around it. Paths are those of the record; of a list that is JSON in a text, the text's.
pub fn objects(list: &str, record: &Native) -> Vec<Native> {
    let mut walk = Walk { list, left: limits::OBJECT_FIELDS_MAX, ..Walk::default() };
    match record.iter().find(|f| f.name == list && f.value.trim_start().starts_with(['[', '{'])) {
        Some(text) => {
            let mut unfolded = Native::new();
            let whole = format!("{{\"{list}\":{}}}", text.value);
            // What was read before a fault is still good.
            let _ = json::flatten_prefix(&whole, &mut json::Scratch::default(), &mut unfolded);
            for field in unfolded.iter().filter(|f| is_below(f.name, list)) {
                walk.field(field.name, text.path, field.value, field.kind);
            }
        }
        None => {
            for field in record.iter().filter(|f| !f.derived && is_below(f.name, list)) {
                walk.field(field.name, field.path, field.value, field.kind);
            }
        }
    }
    walk.follow();
    walk.objects
}

#[derive(Default)]
struct Walk<'a> {
    list: &'a str,
    objects: Vec<Native>,
    /// Number and base name of the objects being read, from the list's own down to the innermost.
    open: Vec<(usize, String)>,
    /// The first name of the list, the name before this one, and the names directly in the list's object at hand.
    first: Option<String>,
    last: String,
    direct: Vec<String>,
    /// The object, the name in it, and the `$id` that it points at.
    references: Vec<(usize, String, String)>,
    left: usize,
}

impl Walk<'_> {
    fn field(&mut self, name: &str, path: &str, value: &str, kind: Kind) {
        if self.left == 0 {
            return;
        }
        if let Some(base) = name.strip_suffix(".$id") {
            self.open.retain(|(_, open)| is_below(base, open));
            self.begin(base);
        } else if name.strip_suffix(".$ref") == Some(self.list) {
            // The object itself stands elsewhere in the list.
            self.open.clear();
            return;
        } else {
            self.open.retain(|(_, open)| is_below(name, open));
            if self.open.is_empty() || self.is_next(name) {
                self.open.clear();
                self.begin(self.list);
            }
        }
        if !name[self.list.len() + 1..].contains('.') {
            self.direct.push(name.to_owned());
        }
        self.first.get_or_insert_with(|| name.to_owned());
        name.clone_into(&mut self.last);
        // An object around knows what is in it: the file of a process, the hashes of a file.
        for (object, base) in self.open.iter().rev().take(2) {
            let short = format!("{}{}", self.list, &name[base.len()..]);
            if let Some(property) = short.strip_suffix(".$ref") {
                self.references.push((*object, property.to_owned(), value.to_owned()));
            }
            put(&mut self.objects[*object], &short, path, value, kind);
            self.left = self.left.saturating_sub(1);
        }
    }

    /// Whether an object without `$id` begins: its first name comes again, or one that an object has only once. Equal
    /// names in a row are the values of one array.
    fn is_next(&self, name: &str) -> bool {
        name != self.last && (self.first.as_deref() == Some(name) || self.direct.iter().any(|d| d == name))
    }

    fn begin(&mut self, base: &str) {
        if self.open.is_empty() {
            self.direct.clear();
        }
        self.open.push((self.objects.len(), base.to_owned()));
        self.objects.push(Native::new());
    }

    /// Puts the fields of what is pointed at below the name that points: `Host.$ref` becomes `Host.HostName`.
    fn follow(&mut self) {
        let id = format!("{}.$id", self.list);
        let mut by_id: FxHashMap<String, usize> = FxHashMap::default();
        for (index, object) in self.objects.iter().enumerate() {
            if let Some(id) = object.get(&id) {
                by_id.entry(id.to_owned()).or_insert(index);
            }
        }
        // What is pointed at is taken as it was written, without what it points at in turn.
        let written: Vec<usize> = self.objects.iter().map(Native::len).collect();
        for (object, property, target) in std::mem::take(&mut self.references) {
            let Some(&index) = by_id.get(&target) else { continue };
            let found = self.objects[index].clone();
            for field in found.iter().take(written[index]) {
                if self.left == 0 {
                    return;
                }
                self.left -= 1;
                let name = format!("{property}{}", &field.name[self.list.len()..]);
                put(&mut self.objects[object], &name, field.path, field.value, field.kind);
            }
        }
    }
}

fn put(object: &mut Native, name: &str, path: &str, value: &str, kind: Kind) {
    // Renaming keeps the path, which is the evidence.
    object.push(path, value, kind);
    object.rename(object.len() - 1, name);
}

fn is_below(name: &str, base: &str) -> bool {
    name.strip_prefix(base).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each object as `name=value` of the wanted names, without the list's name.
    fn check(list: &str, record: &str, wanted: &[&str], expect: &[&str]) {
        let mut native = Native::new();
        json::flatten(record.as_bytes(), &mut native).expect("reads");
        let shown = |object: &Native| {
            let fields = object.iter().filter_map(|f| {
                let name = &f.name[list.len() + 1..];
                wanted.contains(&name).then(|| format!("{name}={}", f.value))
            });
            fields.collect::<Vec<_>>().join(" ")
        };
        let got: Vec<String> = objects(list, &native).iter().map(shown).collect();
        assert_eq!(got, expect, "{record}");
    }

    const GRAPH: &str = r#"[{"$id":"1","Name":"ana","Type":"account"},
        {"$id":"2","ProcessId":"7","ImageFile":{"$id":"3","Name":"a.exe","FileHashes":[{"$id":"4","Value":"x","Type":"filehash"},{"$id":"5","Value":"y","Type":"filehash"}],"Type":"file"},"Host":{"$ref":"6"},"Type":"process"},
        {"$ref":"3"},{"$ref":"4"},
        {"$id":"6","HostName":"ws01","Type":"host","Tags":[]}]"#;

    #[test]
    fn objects_with_ids_stand_alone_wherever_they_are_written() {
        let wanted = ["Name", "ProcessId", "HostName", "Value", "Type", "ImageFile.Name", "Host.HostName"];
        let expect = [
            "Name=ana Type=account",
            "ProcessId=7 ImageFile.Name=a.exe Type=process Host.HostName=ws01",
            "Name=a.exe Type=file",
            "Value=x Type=filehash",
            "Value=y Type=filehash",
            "HostName=ws01 Type=host",
        ];
        check("E", &format!("{{\"a\":1,\"E\":{GRAPH},\"b\":2}}"), &wanted, &expect);
        // The same as the text of one column.
        let text = serde_json::to_string(GRAPH).expect("a text");
        check("E", &format!("{{\"a\":1,\"E\":{text}}}"), &wanted, &expect);
    }

    #[test]
    fn objects_without_ids_are_told_apart_by_their_names() {
        let wanted = ["t", "a", "n.x"];
        check("E", r#"{"E":[{"t":"ip","a":"1"},{"t":"ip","a":"2"}]}"#, &wanted, &["t=ip a=1", "t=ip a=2"]);
        check("E", r#"{"E":[{"t":"u","a":["1","2"]},{"t":"v"}]}"#, &wanted, &["t=u a=1 a=2", "t=v"]);
        check("E", r#"{"E":[{"n":{"x":"1"},"t":"u"},{"n":{"x":"2"}}]}"#, &wanted, &["n.x=1 t=u", "n.x=2"]);
        check("E", r#"{"E":{"t":"alone"},"t":"outside"}"#, &wanted, &["t=alone"]);
        check("E", r#"{"E":"[{\"t\":\"cut off\"},{\"t"}"#, &wanted, &["t=cut off"]);
        check("E", r#"{"E":"no list"}"#, &wanted, &[]);
    }

    #[test]
    fn a_hostile_list_is_bounded() {
        let many = vec!["{\"$id\":\"1\",\"o\":{\"$ref\":\"1\"}}"; limits::OBJECT_FIELDS_MAX].join(",");
        let mut native = Native::new();
        // The record itself is cut at its own bound; what it holds until then is read.
        let _ = json::flatten(format!("{{\"E\":[{many}]}}").as_bytes(), &mut native);
        let fields: usize = objects("E", &native).iter().map(Native::len).sum();
        assert!(fields <= limits::OBJECT_FIELDS_MAX + 2, "{fields}");
    }

    #[test]
    fn paths_are_those_of_the_record() {
        let mut native = Native::new();
        json::flatten(format!("{{\"E\":{GRAPH}}}").as_bytes(), &mut native).expect("reads");
        let file = &objects("E", &native)[2];
        let name = file.iter().find(|f| f.name == "E.Name").expect("a name");
        assert_eq!((name.value, name.path), ("a.exe", "E.ImageFile.Name"));
    }
}
