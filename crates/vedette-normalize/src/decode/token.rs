//! Integrity levels and token elevation of 4688 and of Sysmon. Source: [MS-DTYP] 2.4.2.4, `TOKEN_ELEVATION_TYPE`.

use super::message_parameter;

/// The label's SID as Sysmon's word.
pub fn integrity_level(code: &str) -> Option<String> {
    let level = match code.trim() {
        "S-1-16-0" => "Untrusted",
        "S-1-16-4096" => "Low",
        "S-1-16-8192" => "Medium",
        "S-1-16-8448" => "MediumPlus",
        "S-1-16-12288" => "High",
        "S-1-16-16384" => "System",
        "S-1-16-20480" => "Protected",
        "S-1-16-28672" => "Secure",
        _ => return None,
    };
    Some(level.to_owned())
}

pub fn elevation(code: &str) -> Option<String> {
    match code.trim() {
        "1" | "TokenElevationTypeDefault" => Some("Default".to_owned()),
        "2" | "TokenElevationTypeFull" => Some("Full".to_owned()),
        "3" | "TokenElevationTypeLimited" => Some("Limited".to_owned()),
        other => message_parameter::text(other),
    }
}
