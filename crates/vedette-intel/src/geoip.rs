//! Country, city and network operator of an address, from files in MaxMind's format.

use std::net::IpAddr;

use maxminddb::Reader;
use serde_json::Value as Json;
use vedette_model::{Problem, Timestamp};

use crate::context::Fact;

/// Databases in the order in which they were given; each is asked.
#[derive(Debug, Default)]
pub struct GeoIp {
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    name: String,
    /// When the database was built, as it says itself.
    date: String,
    reader: Reader<Vec<u8>>,
}

/// Paths of what is told, and what it is called. The first two are alternatives in databases of other makers.
const TOLD: &[(&str, &[&str])] = &[
    (
        "country",
        &[
            "/country/names/en",
            "/country/iso_code",
            "/registered_country/names/en",
            "/country_name",
            "/country",
        ],
    ),
    ("city", &["/city/names/en", "/city"]),
    (
        "network operator",
        &["/autonomous_system_organization", "/organization", "/isp", "/as_name", "/asname"],
    ),
    ("autonomous system", &["/autonomous_system_number", "/asn"]),
];

impl GeoIp {
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Adds the database in `bytes`.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) -> Vec<Problem> {
        match Reader::from_source(bytes) {
            Ok(reader) => {
                let built = i64::try_from(reader.metadata().build_epoch).ok().and_then(Timestamp::from_secs);
                let date = built.map(|t| t.to_string().chars().take(10).collect()).unwrap_or_default();
                self.files.push(File { name: name.to_owned(), date, reader });
                Vec::new()
            }
            Err(error) => vec![Problem {
                code: "VD-T004",
                place: name.to_owned(),
                fault: format!("not a database in MaxMind's format: {error}"),
                consequence: "nothing is known from it".to_owned(),
                remedy: "name a file that ends in .mmdb, such as a country or ASN database".to_owned(),
                count: 1,
            }],
        }
    }

    pub fn facts(&self, address: IpAddr) -> Vec<Fact> {
        let mut facts: Vec<Fact> = Vec::new();
        for file in &self.files {
            let Some(record) = file.record(address) else { continue };
            for (label, paths) in TOLD {
                let value = paths.iter().find_map(|p| record.pointer(p)).and_then(text);
                let known = facts.iter().any(|f| f.label == *label);
                if let Some(value) = value.filter(|_| !known) {
                    let (source, date) = (file.name.clone(), file.date.clone());
                    facts.push(Fact { label: (*label).to_owned(), value, source, date });
                }
            }
        }
        facts
    }
}

impl File {
    /// A record that cannot be decoded says nothing.
    fn record(&self, address: IpAddr) -> Option<Json> {
        self.reader.lookup(address).ok()?.decode::<Json>().ok().flatten()
    }
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
