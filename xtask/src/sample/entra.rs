//! The Entra tenant: sign-ins and directory changes as the Graph interface exports them, one JSON array each.

use serde_json::{Value, json};

use super::clock::{At, DAYS, at, within};
use super::log::{Estate, Log, Mark};
use super::random::Random;
use super::world::{ADM_PIET, BO, CREW, EVA, OFFICE, PIET, Person, STAFF, TENANT};

pub struct Tenant {
    pub random: Random,
    pub signins: Log<Value>,
    pub audits: Log<Value>,
}

/// How a sign-in went.
pub struct Outcome {
    pub code: u32,
    pub reason: &'static str,
    pub details: &'static str,
    pub risk: &'static str,
}

pub const GOOD: Outcome = Outcome {
    code: 0,
    reason: "Other.",
    details: "MFA requirement satisfied by claim in the token",
    risk: "none",
};
pub const DENIED: Outcome = Outcome {
    code: 500_121,
    reason: "Authentication failed during strong authentication request.",
    details: "MFA denied; user declined the authentication",
    risk: "none",
};
const WRONG_PASSWORD: Outcome = Outcome {
    code: 50_126,
    reason: "Error validating credentials due to invalid username or password.",
    details: "The user didn't enter the right credentials. It's expected to see some number of these errors in your logs due to users making mistakes.",
    risk: "none",
};

impl Tenant {
    pub fn new() -> Self {
        Self { random: Random::for_part("entra"), signins: Log::default(), audits: Log::default() }
    }

    pub fn signin(
        &mut self,
        t: At,
        person: &Person,
        from: (&str, &str, &str),
        app: (&str, &str),
        outcome: &Outcome,
        mark: Option<&Mark>,
    ) {
        let (address, city, country) = from;
        let mut of_person = Random::for_part(person.mail);
        let at_home = address == OFFICE;
        let record = json!({
            "id": self.random.uuid(),
            "createdDateTime": t.rfc3339_s(),
            "userDisplayName": person.shown,
            "userPrincipalName": person.mail,
            "userId": of_person.uuid(),
            "appId": app.1,
            "appDisplayName": app.0,
            "ipAddress": address,
            "clientAppUsed": "Browser",
            "userAgent": if at_home {
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36 Edg/145.0.0.0"
            } else {
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
            },
            "correlationId": self.random.uuid(),
            "conditionalAccessStatus": if outcome.code == 0 { "success" } else { "notApplied" },
            "isInteractive": true,
            "authenticationRequirement": if outcome.code == WRONG_PASSWORD.code { "singleFactorAuthentication" } else { "multiFactorAuthentication" },
            "riskDetail": "none",
            "riskLevelAggregated": outcome.risk,
            "riskLevelDuringSignIn": outcome.risk,
            "riskState": if outcome.risk == "none" { "none" } else { "atRisk" },
            "riskEventTypes": [],
            "riskEventTypes_v2": [],
            "resourceDisplayName": "Microsoft Graph",
            "resourceId": "00000003-0000-0000-c000-000000000000",
            "resourceTenantId": TENANT,
            "homeTenantId": TENANT,
            "status": { "errorCode": outcome.code, "failureReason": outcome.reason, "additionalDetails": outcome.details },
            "deviceDetail": {
                "deviceId": if at_home { of_person.uuid() } else { String::new() },
                "displayName": if at_home { "TB-WS" } else { "" },
                "operatingSystem": if at_home { "Windows10" } else { "Linux" },
                "browser": if at_home { "Edge 145.0.0" } else { "Chrome 120.0.0" },
                "isCompliant": at_home,
                "isManaged": at_home,
                "trustType": if at_home { "Hybrid Azure AD joined" } else { "" },
            },
            "location": { "city": city, "state": "", "countryOrRegion": country, "geoCoordinates": { "altitude": null, "latitude": null, "longitude": null } },
            "appliedConditionalAccessPolicies": [],
        });
        self.signins.put(t, record, mark);
    }

    /// `what` is the activity, the service that logged it and the category.
    pub fn audit(
        &mut self,
        t: At,
        what: (&str, &str, &str),
        by: (&Person, &str),
        target: Value,
        mark: Option<&Mark>,
    ) {
        let (activity, service, category) = what;
        let correlation = self.random.uuid();
        let mut of_person = Random::for_part(by.0.mail);
        let record = json!({
            "id": format!("Directory_{correlation}_{}", self.random.capitals(5)),
            "category": category,
            "correlationId": correlation,
            "result": "success",
            "resultReason": "",
            "activityDisplayName": activity,
            "activityDateTime": t.rfc3339_us(),
            "loggedByService": service,
            "operationType": if activity.starts_with("Add") { "Add" } else { "Update" },
            "initiatedBy": { "app": null, "user": { "id": of_person.uuid(), "displayName": null, "userPrincipalName": by.0.mail, "ipAddress": by.1, "userType": null, "homeTenantId": null, "homeTenantName": null } },
            "targetResources": [target],
            "additionalDetails": [{ "key": "User-Agent", "value": "EvoSTS" }],
        });
        self.audits.put(t, record, mark);
    }

    pub fn ordinary_days(&mut self) {
        let mut random = Random::for_part("entra-life");
        let office = (OFFICE, "Utrecht", "NL");
        let apps = [
            ("Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000"),
            ("Microsoft Teams", "1fec8e78-bce4-4aaf-ab1b-5451cc387264"),
            ("Azure Portal", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"),
            ("Office 365 SharePoint Online", "00000003-0000-0ff1-ce00-000000000000"),
        ];
        for day in DAYS {
            for person in &STAFF {
                for _ in 0..9 {
                    let t = within(&mut random, day, 7, 18);
                    if random.chance(8) {
                        self.signin(t.plus_s(-25), person, office, apps[0], &WRONG_PASSWORD, None);
                    }
                    if random.chance(5) {
                        let missed = Outcome {
                            details: "MFA denied; user did not respond to mobile app notification",
                            ..DENIED
                        };
                        self.signin(t.plus_s(-50), person, office, apps[0], &missed, None);
                    }
                    let app = *random.pick(&apps);
                    self.signin(t, person, office, app, &GOOD, None);
                }
            }
            {
                let t = within(&mut random, day, 9, 16);
                self.signin(t, &ADM_PIET, office, apps[2], &GOOD, None);
                let role = json!({ "id": "62e90394-69f5-4237-9190-012177145e10", "displayName": "Exchange Administrator", "type": "Role", "userPrincipalName": null, "groupType": null, "modifiedProperties": [] });
                self.audit(
                    t.plus_s(60),
                    ("Add member to role completed (PIM activation)", "PIM", "RoleManagement"),
                    (&ADM_PIET, OFFICE),
                    role,
                    None,
                );
                let user = json!({ "id": self.random.uuid(), "displayName": null, "type": "User", "userPrincipalName": EVA.mail, "groupType": null, "modifiedProperties": [{ "displayName": "TelephoneNumber", "oldValue": "[]", "newValue": "[\"+31 30 555 0142\"]" }] });
                self.audit(
                    t.plus_s(300),
                    ("Update user", "Core Directory", "UserManagement"),
                    (&ADM_PIET, OFFICE),
                    user,
                    None,
                );
            }
        }
        let device = json!({ "id": self.random.uuid(), "displayName": "TB-WS-031", "type": "Device", "userPrincipalName": null, "groupType": null, "modifiedProperties": [] });
        self.audit(at(2, 13, 22, 4), ("Add device", "Core Directory", "Device"), (&BO, OFFICE), device, None);
        let info = json!({ "id": self.random.uuid(), "displayName": PIET.shown, "type": "User", "userPrincipalName": PIET.mail, "groupType": null, "modifiedProperties": [] });
        self.audit(
            at(2, 9, 41, 30),
            ("User registered security info", "Authentication Methods", "UserManagement"),
            (&PIET, OFFICE),
            info,
            None,
        );
    }

    /// A sign-in from the crew's address.
    pub fn strange(&mut self, t: At, person: &Person, outcome: &Outcome, mark: &Mark) {
        let app = ("Azure Portal", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c");
        self.signin(t, person, (CREW, "", "ZZ"), app, outcome, Some(mark));
    }

    pub fn write(self, estate: &mut Estate) {
        array(estate, "entra/SignInLogs.json", self.signins);
        array(estate, "entra/AuditLogs.json", self.audits);
    }
}

/// Newest first, as the export has it.
fn array(estate: &mut Estate, path: &str, mut log: Log<Value>) {
    log.sort();
    log.rows.reverse();
    for (i, row) in log.rows.iter().enumerate() {
        if let Some(mark) = &row.mark {
            estate.note(path, i + 1, &super::log::shown(row.body.get("id")), row.at, mark);
        }
    }
    let records: Vec<Value> = log.rows.into_iter().map(|row| row.body).collect();
    estate.file(path, format!("{:#}\n", Value::Array(records)));
}
