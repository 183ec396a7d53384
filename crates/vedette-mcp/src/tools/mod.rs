//! The tools, one a file: its name, what it is for, its arguments, and how it answers.

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::fault::Fault;
use crate::limits::{ANSWER_BYTES_DEFAULT, ANSWER_BYTES_MAX, ANSWER_BYTES_MIN};

mod events;
mod explain;
mod findings;
mod hunt;
mod incidents;
mod scan;
mod shape;
mod verify;

pub struct Tool {
    pub name: &'static str,
    pub title: &'static str,
    /// For the model that chooses: when to use it, and what comes back.
    pub description: &'static str,
    schema: fn() -> schemars::Schema,
    pub run: fn(&Call<'_>) -> Result<Value, Fault>,
}

/// In the order in which they are used.
pub const ALL: [&Tool; 7] = [
    &scan::TOOL,
    &incidents::TOOL,
    &explain::TOOL,
    &findings::TOOL,
    &events::TOOL,
    &hunt::TOOL,
    &verify::TOOL,
];

impl Tool {
    /// The schema of the arguments, in the fewest words that say it.
    pub fn input_schema(&self) -> Map<String, Value> {
        let mut schema = (self.schema)().to_value();
        plain(&mut schema);
        let Value::Object(mut schema) = schema else { return Map::new() };
        schema.remove("$schema");
        schema.remove("title");
        schema.remove("description");
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.insert(
                "cursor".to_owned(),
                json!({"type": "string", "description": "To go on: from the answer before, with the same arguments."}),
            );
            properties.insert(
                "max_bytes".to_owned(),
                json!({"type": "integer", "minimum": ANSWER_BYTES_MIN, "maximum": ANSWER_BYTES_MAX,
                       "default": ANSWER_BYTES_DEFAULT}),
            );
        }
        schema
    }
}

/// An argument that may be left out is of its type, not of its type or null.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|t| t != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    map.insert("type".to_owned(), one);
                }
            }
            if map.get("default").is_some_and(|d| d.is_null() || *d == json!(false) || *d == json!([])) {
                map.remove("default");
            }
            map.remove("format");
            map.values_mut().for_each(plain);
        }
        Value::Array(list) => list.iter_mut().for_each(plain),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four bytes a token is what English and JSON come to; 6,000 tokens are what a tool list may cost.
    #[test]
    fn the_list_of_tools_is_small_and_says_whose_words_are_whose() {
        let mut bytes = 0;
        for tool in ALL {
            let schema = Value::Object(tool.input_schema());
            bytes += tool.name.len() + tool.description.len() + schema.to_string().len();
            assert_eq!(schema["type"], "object", "{}", tool.name);
            assert_eq!(schema["additionalProperties"], false, "{}", tool.name);
            for (name, argument) in schema["properties"].as_object().expect("properties") {
                assert!(
                    argument.get("description").is_some() || name == "max_bytes",
                    "{}: {name} is not described",
                    tool.name
                );
            }
            assert!(tool.description.contains("event_text") || tool.name == "verify", "{}", tool.name);
        }
        assert!(bytes < 12_000, "{bytes} bytes");
    }
}
