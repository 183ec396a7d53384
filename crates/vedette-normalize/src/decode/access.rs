//! Access masks by kind of object. Source: Windows SDK `winnt.h`, `winsvc.h`, `iads.h`.

use super::{bits, message_parameter, number};

const STANDARD: [(u64, &str); 10] = [
    (0x0001_0000, "DELETE"),
    (0x0002_0000, "READ_CONTROL"),
    (0x0004_0000, "WRITE_DAC"),
    (0x0008_0000, "WRITE_OWNER"),
    (0x0010_0000, "SYNCHRONIZE"),
    (0x0100_0000, "ACCESS_SYSTEM_SECURITY"),
    (0x1000_0000, "GENERIC_ALL"),
    (0x2000_0000, "GENERIC_EXECUTE"),
    (0x4000_0000, "GENERIC_WRITE"),
    (0x8000_0000, "GENERIC_READ"),
];

/// 4663 writes both the number and `%%` parameters; both are understood.
fn mask(code: &str, whole: &[(u64, &str)], specific: &[(u64, &str)]) -> Option<String> {
    if code.contains("%%") {
        return message_parameter::text(code);
    }
    let mask = number(code)?;
    if let Some((_, name)) = whole.iter().find(|(m, _)| *m == mask) {
        return Some((*name).to_owned());
    }
    let parts = [bits(mask, specific), bits(mask, &STANDARD)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("|"))
}

pub fn file(code: &str) -> Option<String> {
    mask(
        code,
        &[(0x1f_01ff, "FILE_ALL_ACCESS")],
        &[
            (0x1, "FILE_READ_DATA"),
            (0x2, "FILE_WRITE_DATA"),
            (0x4, "FILE_APPEND_DATA"),
            (0x8, "FILE_READ_EA"),
            (0x10, "FILE_WRITE_EA"),
            (0x20, "FILE_EXECUTE"),
            (0x40, "FILE_DELETE_CHILD"),
            (0x80, "FILE_READ_ATTRIBUTES"),
            (0x100, "FILE_WRITE_ATTRIBUTES"),
        ],
    )
}

/// Sysmon's `GrantedAccess`.
pub fn process(code: &str) -> Option<String> {
    mask(
        code,
        &[(0x1f_ffff, "PROCESS_ALL_ACCESS"), (0x1f_0fff, "PROCESS_ALL_ACCESS (before Vista)")],
        &[
            (0x1, "PROCESS_TERMINATE"),
            (0x2, "PROCESS_CREATE_THREAD"),
            (0x4, "PROCESS_SET_SESSIONID"),
            (0x8, "PROCESS_VM_OPERATION"),
            (0x10, "PROCESS_VM_READ"),
            (0x20, "PROCESS_VM_WRITE"),
            (0x40, "PROCESS_DUP_HANDLE"),
            (0x80, "PROCESS_CREATE_PROCESS"),
            (0x100, "PROCESS_SET_QUOTA"),
            (0x200, "PROCESS_SET_INFORMATION"),
            (0x400, "PROCESS_QUERY_INFORMATION"),
            (0x800, "PROCESS_SUSPEND_RESUME"),
            (0x1000, "PROCESS_QUERY_LIMITED_INFORMATION"),
            (0x2000, "PROCESS_SET_LIMITED_INFORMATION"),
        ],
    )
}

pub fn registry(code: &str) -> Option<String> {
    mask(
        code,
        &[(0xf_003f, "KEY_ALL_ACCESS"), (0x2_0019, "KEY_READ"), (0x2_0006, "KEY_WRITE")],
        &[
            (0x1, "KEY_QUERY_VALUE"),
            (0x2, "KEY_SET_VALUE"),
            (0x4, "KEY_CREATE_SUB_KEY"),
            (0x8, "KEY_ENUMERATE_SUB_KEYS"),
            (0x10, "KEY_NOTIFY"),
            (0x20, "KEY_CREATE_LINK"),
            (0x100, "KEY_WOW64_64KEY"),
            (0x200, "KEY_WOW64_32KEY"),
        ],
    )
}

/// 4662 on objects of Active Directory.
pub fn directory_object(code: &str) -> Option<String> {
    mask(
        code,
        &[(0xf_01ff, "GENERIC_ALL on the object")],
        &[
            (0x1, "ADS_RIGHT_DS_CREATE_CHILD"),
            (0x2, "ADS_RIGHT_DS_DELETE_CHILD"),
            (0x4, "ADS_RIGHT_ACTRL_DS_LIST"),
            (0x8, "ADS_RIGHT_DS_SELF"),
            (0x10, "ADS_RIGHT_DS_READ_PROP"),
            (0x20, "ADS_RIGHT_DS_WRITE_PROP"),
            (0x40, "ADS_RIGHT_DS_DELETE_TREE"),
            (0x80, "ADS_RIGHT_DS_LIST_OBJECT"),
            (0x100, "ADS_RIGHT_DS_CONTROL_ACCESS"),
        ],
    )
}

/// 4656 on the service control manager itself.
pub fn service_manager(code: &str) -> Option<String> {
    mask(
        code,
        &[(0xf_003f, "SC_MANAGER_ALL_ACCESS")],
        &[
            (0x1, "SC_MANAGER_CONNECT"),
            (0x2, "SC_MANAGER_CREATE_SERVICE"),
            (0x4, "SC_MANAGER_ENUMERATE_SERVICE"),
            (0x8, "SC_MANAGER_LOCK"),
            (0x10, "SC_MANAGER_QUERY_LOCK_STATUS"),
            (0x20, "SC_MANAGER_MODIFY_BOOT_CONFIG"),
        ],
    )
}

/// 4656 on one service.
pub fn service(code: &str) -> Option<String> {
    mask(
        code,
        &[(0xf_01ff, "SERVICE_ALL_ACCESS")],
        &[
            (0x1, "SERVICE_QUERY_CONFIG"),
            (0x2, "SERVICE_CHANGE_CONFIG"),
            (0x4, "SERVICE_QUERY_STATUS"),
            (0x8, "SERVICE_ENUMERATE_DEPENDENTS"),
            (0x10, "SERVICE_START"),
            (0x20, "SERVICE_STOP"),
            (0x40, "SERVICE_PAUSE_CONTINUE"),
            (0x80, "SERVICE_INTERROGATE"),
            (0x100, "SERVICE_USER_DEFINED_CONTROL"),
        ],
    )
}
