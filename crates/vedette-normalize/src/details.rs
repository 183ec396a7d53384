//! What a finding's one line shows of its event, codes in words beside the numbers.

use vedette_model::Event;

use crate::catalogue::{Catalogue, View};
use crate::mapping::names::{Fields, NameId, is_filled};

impl Catalogue {
    /// The fields that the mapping's `details` names, in its order, codes decoded: `LogonType`, `3 (Network)`. Empty
    /// ones are left out, several values are joined by `, `.
    pub fn details(&self, event: &Event) -> Vec<(String, String)> {
        let view = View::new(self, event);
        let names = view.lane.sheet.details.as_deref().unwrap_or_default();
        names.iter().filter_map(|name| Some((name.clone(), shown(&view, name)?))).collect()
    }

    /// One field as people read it, by any name that rules use for it.
    pub fn field(&self, event: &Event, name: &str) -> Option<String> {
        shown(&View::new(self, event), name)
    }

    /// The field's code in words alone, where the mapping has a table for it.
    pub fn decoded(&self, event: &Event, name: &str) -> Option<String> {
        let view = View::new(self, event);
        let value = view.filled(self.names.get(name))?;
        decode(&view, name, value)
    }

    /// Every value of a field as a rule sees it: derived and alias names too.
    pub fn values(&self, event: &Event, name: &str) -> Vec<String> {
        let view = View::new(self, event);
        all(&view, name)
    }
}

fn all(view: &View<'_>, name: &str) -> Vec<String> {
    let id = view.names().get(name);
    if id == NameId::NONE {
        return view.native.all(name).map(str::to_owned).collect();
    }
    let mut values = Vec::new();
    view.any(id, &mut |value, _| {
        values.push(value.to_owned());
        values.len() >= 100
    });
    values
}

fn decode(view: &View<'_>, name: &str, value: &str) -> Option<String> {
    let table = view.lane.sheet.decode.get(name)?.as_ref()?;
    (table.decode)(value)
}

fn shown(view: &View<'_>, name: &str) -> Option<String> {
    let values: Vec<String> = all(view, name)
        .into_iter()
        .filter(|v| is_filled(v, vedette_model::Kind::Text))
        .map(|value| match decode(view, name, &value) {
            Some(words) if words != value => format!("{value} ({words})"),
            _ => value,
        })
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}
