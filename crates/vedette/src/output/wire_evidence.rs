//! Kept events into the shape that reports carry, with the hash that `vedette verify` makes again.

use serde_json::{Map, Value, json};
use vedette_investigate::verify::digest;
use vedette_model::evidence::Field;
use vedette_model::{Evidence, Kind};

use super::wire_incident as wire;

/// `path` is the file's, as shown.
pub fn evidence(kept: &Evidence, path: &str) -> wire::Evidence {
    let mut told = wire::Evidence {
        uid: kept.event.uid.to_string(),
        file: path.to_owned(),
        record: kept.event.record,
        joined: kept.joined.clone(),
        time: kept.event.time.map(|t| t.to_string()),
        time_basis: kept.time_basis.name().to_owned(),
        host: kept.host.clone(),
        channel: kept.channel.clone(),
        code: kept.code.clone(),
        mapping: kept.mapping.clone(),
        case: kept.case.clone(),
        cut: kept.cut,
        fields: kept.fields.iter().map(field).collect(),
        sha256: String::new(),
    };
    told.sha256 = digest(&serde_json::to_value(&told).unwrap_or_default());
    told
}

fn field(field: &Field) -> Value {
    let mut more = Map::new();
    if !field.path.is_empty() {
        more.insert("path".into(), json!(field.path));
    }
    let kind = match field.kind {
        Kind::Text => None,
        Kind::Number => Some("number"),
        Kind::Bool => Some("bool"),
        Kind::Null => Some("null"),
    };
    if let Some(kind) = kind {
        more.insert("kind".into(), json!(kind));
    }
    if field.derived {
        more.insert("derived".into(), json!(true));
    }
    if more.is_empty() { json!([field.name, field.value]) } else { json!([field.name, field.value, more]) }
}
