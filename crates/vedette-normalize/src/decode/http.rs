//! Classes of HTTP status codes. Source: RFC 9110 section 15.

pub fn status(code: &str) -> Option<String> {
    let class = match code.trim().parse::<u16>().ok()? / 100 {
        1 => "informational",
        2 => "successful",
        3 => "redirection",
        4 => "client error",
        5 => "server error",
        _ => return None,
    };
    Some(class.to_owned())
}
