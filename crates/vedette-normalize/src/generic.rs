//! Time and host of records that no mapping knows, by the names that logs usually give them.

use vedette_model::Event;

use crate::time::{Hints, parse};

const TIMES: [&str; 17] = [
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "eventTime",
    "event_time",
    "TimeGenerated",
    "TimeCreated",
    "CreationTime",
    "created_at",
    "createdAt",
    "datetime",
    "date",
    "published",
    "start_time",
    "_time",
    "log_time",
];

const HOSTS: [&str; 12] = [
    "host",
    "hostname",
    "host.name",
    "host.hostname",
    "Computer",
    "computer_name",
    "ComputerName",
    "device.hostname",
    "DeviceName",
    "agent.hostname",
    "Hostname",
    "dvc",
];

/// Sets what can be found; a text that is no time is passed over.
pub fn fill(event: &mut Event, hints: &Hints) {
    for name in TIMES {
        let found = event.native.filled(name).and_then(|text| parse(text, hints).ok());
        if let Some((time, basis)) = found {
            event.time = Some(time);
            event.time_basis = basis;
            break;
        }
    }
    if let Some(host) = HOSTS.iter().find_map(|name| event.native.filled(name)) {
        event.host = host.to_owned();
    }
}
