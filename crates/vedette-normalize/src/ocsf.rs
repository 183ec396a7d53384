//! The OCSF form of an event, built where it is wanted, and where each of its values came from.

use serde_json::{Map, Value, json};
use vedette_model::{Event, LaneId};
use vedette_ocsf::{AttributeType, Base};

use crate::alert;
use crate::catalogue::{Catalogue, View};
use crate::mapping::derive::{Derivation, Scratch};
use crate::mapping::limits;
use crate::mapping::names::{Fields, NameId};

/// Where the value at an OCSF path came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// For example `actor.user.name`.
    pub ocsf: String,
    /// The record's own path, for example `Event.EventData.SubjectUserName`; several joined by `+`.
    pub native: String,
    /// As the record wrote it.
    pub value: String,
}

impl Catalogue {
    /// The event as a nested OCSF object. Values that do not fit the schema's type stay out of their place and under
    /// `unmapped`, with every native field that no attribute took.
    pub fn ocsf(&self, event: &Event) -> Value {
        let view = View::new(self, event);
        let sheet = &view.lane.sheet;
        let class_uid = self.class_uid(event.lane);
        let mut root = Map::new();
        let mut taken: Vec<NameId> = Vec::new();
        let mut scratch = Scratch::default();
        for (path, entry) in &sheet.ocsf {
            let Some(derivation) = &entry.value else { continue };
            let Ok(kind) = vedette_ocsf::attribute_type(class_uid, path) else { continue };
            let values = values(derivation, &view, kind, &mut scratch);
            if values.is_empty() {
                continue;
            }
            derivation.names(&mut |n| taken.push(n));
            if kind.is_array {
                put(&mut root, class_uid, path, Value::Array(values));
            } else if let Some(first) = values.into_iter().next() {
                put(&mut root, class_uid, path, first);
            }
        }
        if class_uid == alert::CLASS_UID
            && let Some(attacks) = alert::attacks(&alert::alert(&view))
            && let Some(Value::Object(info)) = root.get_mut("finding_info")
        {
            info.insert("attacks".into(), attacks);
        }
        self.classify(event, class_uid, &mut root);
        metadata(&view, event, &mut root);
        if !event.host.is_empty() && vedette_ocsf::attribute_type(class_uid, "device.hostname").is_ok() {
            let device = root.entry("device").or_insert_with(|| json!({}));
            if let Value::Object(device) = device {
                device.entry("hostname").or_insert_with(|| json!(event.host));
            }
        }
        let unmapped = unmapped(&view, &taken);
        if !unmapped.is_empty() {
            match root.get_mut("unmapped") {
                Some(Value::Object(there)) => {
                    for (name, value) in unmapped {
                        there.entry(name).or_insert(value);
                    }
                }
                _ => {
                    root.insert("unmapped".into(), Value::Object(unmapped));
                }
            }
        }
        Value::Object(root)
    }

    fn classify(&self, event: &Event, class_uid: u32, root: &mut Map<String, Value>) {
        let class = vedette_ocsf::class(class_uid);
        let id =
            |root: &Map<String, Value>, name: &str| root.get(name).and_then(Value::as_u64).map(|n| n as u32);
        let activity = id(root, "activity_id").unwrap_or(if class_uid == 0 { 0 } else { 99 });
        let severity = id(root, "severity_id").unwrap_or(0);
        root.insert("activity_id".into(), json!(activity));
        root.insert("category_uid".into(), json!(class.map_or(0, |c| c.category_uid)));
        root.insert("class_uid".into(), json!(class_uid));
        root.insert("severity_id".into(), json!(severity));
        root.insert("type_uid".into(), json!(u64::from(class_uid) * 100 + u64::from(activity)));
        if let Some(class) = class {
            root.insert("class_name".into(), json!(class.caption));
            if let Some(name) = class.activity(activity) {
                root.insert("activity_name".into(), json!(name));
            } else if activity == 99 && !event.code.is_empty() {
                root.insert("activity_name".into(), json!(event.code));
            }
        }
        for (number, word) in [("severity_id", "severity"), ("status_id", "status")] {
            let caption = id(root, number).and_then(|n| vedette_ocsf::caption(class_uid, number, n));
            if let Some(caption) = caption {
                root.entry(word).or_insert_with(|| json!(caption));
            }
        }
        if let Some(time) = event.time {
            root.insert("time".into(), json!(time.millis()));
        }
    }

    /// For each OCSF path of the event the native field behind it. Constants have none and are left out.
    pub fn provenance(&self, event: &Event) -> Vec<Provenance> {
        let view = View::new(self, event);
        let class_uid = self.class_uid(event.lane);
        let mut all = Vec::new();
        for (path, entry) in &view.lane.sheet.ocsf {
            let Some(derivation) = &entry.value else { continue };
            if vedette_ocsf::attribute_type(class_uid, path).is_err() || derivation.first(&view).is_none() {
                continue;
            }
            let (mut natives, mut shown) = (Vec::new(), Vec::new());
            derivation.names(&mut |name| {
                if let (Some(native), Some(value)) = (view.path(name), view.filled(name)) {
                    natives.push(native.to_owned());
                    shown.push(value.to_owned());
                }
            });
            if derivation.plain().is_some() {
                natives.truncate(1);
                shown.truncate(1);
            }
            if !natives.is_empty() {
                let (native, value) = (natives.join("+"), shown.join("+"));
                all.push(Provenance { ocsf: path.clone(), native, value });
            }
        }
        all
    }
}

fn metadata(view: &View<'_>, event: &Event, root: &mut Map<String, Value>) {
    let sheet = &view.lane.sheet;
    let said = |d: &Option<Derivation>| d.as_ref().and_then(|d| d.first(view)).unwrap_or_default();
    let (vendor, product) = (said(&sheet.vendor), said(&sheet.product));
    let metadata = root.entry("metadata").or_insert_with(|| json!({}));
    let Value::Object(metadata) = metadata else { return };
    metadata.insert("version".into(), json!(vedette_ocsf::version()));
    metadata.insert("uid".into(), json!(event.uid.to_string()));
    if event.lane != LaneId::UNKNOWN {
        let there = metadata.entry("product").or_insert_with(|| json!({}));
        if let Value::Object(there) = there {
            there.entry("vendor_name").or_insert_with(|| json!(vendor));
            there.entry("name").or_insert_with(|| json!(product));
        }
    }
    if !event.channel.is_empty() {
        metadata.entry("log_name").or_insert_with(|| json!(event.channel));
    }
    if !event.code.is_empty() {
        metadata.entry("event_code").or_insert_with(|| json!(event.code));
    }
}

fn values(
    derivation: &Derivation,
    view: &View<'_>,
    kind: AttributeType,
    scratch: &mut Scratch,
) -> Vec<Value> {
    let mut values = Vec::new();
    let mut keep = |text: &str| {
        if let Some(value) = typed(text, kind.base) {
            values.push(value);
        }
    };
    match derivation.plain().filter(|_| kind.is_array) {
        Some(natives) => {
            if let Some(name) = natives.iter().find(|n| view.filled(**n).is_some()) {
                let mut left = limits::VALUES_PER_FIELD_MAX;
                view.any(*name, &mut |value, kind| {
                    if crate::mapping::names::is_filled(value, kind) {
                        keep(value);
                    }
                    left -= 1;
                    left == 0
                });
            }
        }
        None => {
            derivation.compute(view, scratch, &mut keep);
        }
    }
    values
}

/// The text as the schema's type; `None` when it does not fit.
fn typed(text: &str, base: Base) -> Option<Value> {
    match base {
        Base::Text | Base::Json => Some(json!(text)),
        Base::Integer => {
            let text = text.trim();
            let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
            match hex {
                Some(hex) => i64::from_str_radix(hex, 16).ok(),
                None => text.parse().ok(),
            }
            .map(|n: i64| json!(n))
        }
        Base::Timestamp => match text.trim().parse::<i64>() {
            // A number is taken as it is, if it can be milliseconds; everything else is read as a time.
            Ok(ms) if (100_000_000_000..100_000_000_000_000).contains(&ms) => Some(json!(ms)),
            _ => {
                crate::time::parse(text, &crate::time::Hints::default()).ok().map(|(t, _)| json!(t.millis()))
            }
        },
        Base::Float => text.trim().parse::<f64>().ok().filter(|f| f.is_finite()).map(|f| json!(f)),
        Base::Bool => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(json!(true)),
            "false" | "0" | "no" => Some(json!(false)),
            _ => None,
        },
        Base::Object => None,
    }
}

/// Sets the value at a path. A list of objects on the way (`resources.name`) has one element.
fn put(root: &mut Map<String, Value>, class_uid: u32, path: &str, value: Value) {
    let mut at = root;
    let mut walked = 0;
    let mut segments = path.split('.').peekable();
    while let Some(segment) = segments.next() {
        walked += segment.len();
        if segments.peek().is_none() {
            at.entry(segment).or_insert(value);
            return;
        }
        let is_array = vedette_ocsf::attribute_type(class_uid, &path[..walked]).is_ok_and(|t| t.is_array);
        walked += 1;
        let next = at.entry(segment).or_insert_with(|| if is_array { json!([{}]) } else { json!({}) });
        let next = match next {
            Value::Array(list) => list.first_mut(),
            one => Some(one),
        };
        match next {
            Some(Value::Object(map)) => at = map,
            _ => return,
        }
    }
}

/// Native fields that stand in no attribute, as the record has them.
fn unmapped(view: &View<'_>, taken: &[NameId]) -> Map<String, Value> {
    let mut unmapped = Map::new();
    let natives: Vec<NameId> = taken
        .iter()
        .flat_map(|n| view.lane.aliases.get(n).cloned().unwrap_or_else(|| vec![*n]))
        .chain(view.lane.derive.iter().filter(|d| taken.contains(&d.0)).flat_map(|d| {
            let mut names = Vec::new();
            d.2.names(&mut |n| names.push(n));
            names
        }))
        .collect();
    for (slot, id) in view.lookup.ids.iter().enumerate() {
        let field = view.native.field(slot);
        if field.derived || natives.contains(id) || field.value.is_empty() {
            continue;
        }
        match unmapped.get_mut(field.name) {
            None => {
                unmapped.insert(field.name.to_owned(), json!(field.value));
            }
            Some(Value::Array(list)) if list.len() < limits::VALUES_PER_FIELD_MAX => {
                list.push(json!(field.value))
            }
            Some(Value::Array(_)) => {}
            Some(one) => *one = json!([one.take(), field.value]),
        }
    }
    unmapped
}
