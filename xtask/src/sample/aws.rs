//! The AWS account: CloudTrail as it lies in the bucket, one gzip file a day.

use std::io::Write;

use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};

use super::clock::{At, DAYS, at, within};
use super::log::{Estate, Log, Mark};
use super::random::Random;
use super::world::{AWS_ACCOUNT, AWS_REGION, OFFICE};

pub struct Account {
    pub random: Random,
    pub trail: Log<Value>,
}

/// Who calls.
#[derive(Clone, Copy)]
pub enum Caller<'a> {
    /// An IAM user with a long-lived key.
    User(&'a str),
    /// An IAM user with another key than the one it always had.
    UserWith(&'a str, &'a str),
    /// A session of a role.
    Role(&'a str, &'a str),
    /// A session of a role whose key is known, and when it began.
    Session(&'a str, &'a str, &'a str, At),
    /// A service of AWS.
    Service(&'a str),
}

/// One call as its caller made it.
pub struct Call<'a> {
    pub caller: Caller<'a>,
    pub service: &'a str,
    pub name: &'a str,
    pub read_only: bool,
    pub from: &'a str,
    pub agent: &'a str,
    pub request: Value,
    pub response: Value,
    pub error: Option<(&'a str, &'a str)>,
}

pub const CLI: &str =
    "aws-cli/2.24.10 md/awscrt#0.23.8 ua/2.0 os/windows#10 md/arch#amd64 lang/python#3.12.9";
const TERRAFORM: &str =
    "APN/1.0 HashiCorp/1.0 Terraform/1.10.5 (+https://www.terraform.io) terraform-provider-aws/5.88.0";

/// Id of the key that an IAM user always had.
pub fn first_key(name: &str) -> String {
    format!("AKIA{}", Random::for_part(&format!("key of {name}")).capitals(16))
}

fn user(name: &str, key: &str) -> Value {
    json!({
        "type": "IAMUser",
        "principalId": format!("AIDA{}", Random::for_part(name).capitals(17)),
        "arn": format!("arn:aws:iam::{AWS_ACCOUNT}:user/{name}"),
        "accountId": AWS_ACCOUNT,
        "accessKeyId": key,
        "userName": name,
    })
}

/// Id of a role, with which the ids of its sessions begin.
pub fn role_id(role: &str) -> String {
    format!("AROA{}", Random::for_part(role).capitals(17))
}

fn session_of(role: &str, session: &str, key: &str, begun: At) -> Value {
    let id = role_id(role);
    json!({
        "type": "AssumedRole",
        "principalId": format!("{id}:{session}"),
        "arn": format!("arn:aws:sts::{AWS_ACCOUNT}:assumed-role/{role}/{session}"),
        "accountId": AWS_ACCOUNT,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": id,
                "arn": format!("arn:aws:iam::{AWS_ACCOUNT}:role/{role}"),
                "accountId": AWS_ACCOUNT,
                "userName": role,
            },
            "attributes": { "creationDate": begun.rfc3339_s(), "mfaAuthenticated": "false" },
        },
    })
}

impl Account {
    pub fn new() -> Self {
        Self { random: Random::for_part("aws"), trail: Log::default() }
    }

    fn identity(&mut self, t: At, caller: Caller<'_>) -> Value {
        match caller {
            Caller::User(name) => user(name, &first_key(name)),
            Caller::UserWith(name, key) => user(name, key),
            Caller::Role(role, session) => {
                let key = format!("ASIA{}", self.random.capitals(16));
                session_of(role, session, &key, t.plus_s(-600))
            }
            Caller::Session(role, session, key, begun) => session_of(role, session, key, begun),
            Caller::Service(name) => json!({ "type": "AWSService", "invokedBy": name }),
        }
    }

    pub fn call(&mut self, t: At, call: Call<'_>, mark: Option<&Mark>) {
        let mut record = json!({
            "eventVersion": "1.11",
            "userIdentity": self.identity(t, call.caller),
            "eventTime": t.rfc3339_s(),
            "eventSource": call.service,
            "eventName": call.name,
            "awsRegion": AWS_REGION,
            "sourceIPAddress": call.from,
            "userAgent": call.agent,
        });
        if let Some((code, message)) = call.error {
            record["errorCode"] = json!(code);
            record["errorMessage"] = json!(message);
        }
        record["requestParameters"] = call.request;
        record["responseElements"] = call.response;
        record["requestID"] = json!(self.random.uuid());
        record["eventID"] = json!(self.random.uuid());
        record["readOnly"] = json!(call.read_only);
        let data_event = call.service == "s3.amazonaws.com" && call.name.ends_with("Object");
        record["eventType"] =
            json!(if call.name == "ConsoleLogin" { "AwsConsoleSignIn" } else { "AwsApiCall" });
        record["managementEvent"] = json!(!data_event);
        record["recipientAccountId"] = json!(AWS_ACCOUNT);
        if call.name == "ConsoleLogin" {
            record["additionalEventData"] = json!({ "LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": "No" });
        }
        record["eventCategory"] = json!(if data_event { "Data" } else { "Management" });
        record["tlsDetails"] = json!({
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": call.service.replace(".amazonaws.com", &format!(".{AWS_REGION}.amazonaws.com")),
        });
        self.trail.put(t, record, mark);
    }

    /// A read-only call that succeeds and answers nothing worth keeping.
    pub fn reads(
        &mut self,
        t: At,
        caller: Caller<'_>,
        call: (&str, &str),
        from: &str,
        agent: &str,
        request: Value,
    ) {
        let (service, name) = call;
        let call = Call {
            caller,
            service,
            name,
            read_only: true,
            from,
            agent,
            request,
            response: Value::Null,
            error: None,
        };
        self.call(t, call, None);
    }

    pub fn ordinary_days(&mut self) {
        let mut random = Random::for_part("aws-life");
        for day in DAYS {
            self.inventory(&mut random, day);
            for _ in 0..24 {
                let t = within(&mut random, day, 0, 24);
                let instance = format!("i-0{}", random.hex(16));
                self.call(
                    t,
                    Call {
                        caller: Caller::Service("ec2.amazonaws.com"),
                        service: "sts.amazonaws.com",
                        name: "AssumeRole",
                        read_only: true,
                        from: "ec2.amazonaws.com",
                        agent: "ec2.amazonaws.com",
                        request: json!({ "roleArn": format!("arn:aws:iam::{AWS_ACCOUNT}:role/shop-app"), "roleSessionName": instance }),
                        response: json!({ "credentials": { "accessKeyId": format!("ASIA{}", random.capitals(16)), "expiration": "Mar 3, 2026, 12:00:00 AM" } }),
                        error: None,
                    },
                    None,
                );
                self.reads(
                    t.plus_s(2),
                    Caller::Role("shop-app", &instance),
                    ("secretsmanager.amazonaws.com", "GetSecretValue"),
                    "10.60.1.14",
                    "aws-sdk-java/2.30.18",
                    json!({ "secretId": "shop/db" }),
                );
            }
            for i in 0..18 {
                // The report is made three times a day.
                self.reads(
                    at(day, 5 + i / 6 * 5, 30, 0).plus_s(i % 6 * 20),
                    Caller::User("svc-report"),
                    ("s3.amazonaws.com", "GetObject"),
                    OFFICE,
                    "[Boto3/1.37.1 md/Botocore#1.37.1 ua/2.0 os/linux lang/python#3.11.2]",
                    json!({ "bucketName": "tarnbeck-reports", "Host": "tarnbeck-reports.s3.eu-central-1.amazonaws.com", "key": "daily/latest.csv" }),
                );
            }
            self.working_day(&mut random, day);
        }
    }

    fn inventory(&mut self, random: &mut Random, day: i64) {
        let t = at(day, 4, 0, random.between(0, 59));
        let calls = [
            ("ec2.amazonaws.com", "DescribeInstances"),
            ("ec2.amazonaws.com", "DescribeSecurityGroups"),
            ("ec2.amazonaws.com", "DescribeVolumes"),
            ("rds.amazonaws.com", "DescribeDBInstances"),
            ("s3.amazonaws.com", "ListBuckets"),
            ("iam.amazonaws.com", "ListUsers"),
            ("iam.amazonaws.com", "ListRoles"),
            ("lambda.amazonaws.com", "ListFunctions20150331"),
        ];
        for (i, (service, name)) in calls.iter().enumerate() {
            let caller = Caller::Role("inventory", "nightly");
            self.reads(
                t.plus_s(i as i64),
                caller,
                (service, name),
                OFFICE,
                "aws-sdk-go-v2/1.36.1",
                Value::Null,
            );
        }
        let backup = at(day, 1, 30, 0);
        self.call(
            backup,
            Call {
                caller: Caller::Role("AWSBackupDefaultServiceRole", "AWSBackup-AWSBackupDefaultServiceRole"),
                service: "ec2.amazonaws.com",
                name: "CreateSnapshot",
                read_only: false,
                from: "backup.amazonaws.com",
                agent: "backup.amazonaws.com",
                request: json!({ "volumeId": "vol-0f3a77c1d2e4b5960", "description": "This snapshot is created by the AWS Backup service." }),
                response: json!({ "snapshotId": format!("snap-0{}", random.hex(16)), "status": "pending" }),
                error: None,
            },
            None,
        );
    }

    fn working_day(&mut self, random: &mut Random, day: i64) {
        let t = within(random, day, 8, 10);
        self.call(
            t,
            Call {
                caller: Caller::Role("AWSReservedSSO_Administrator_4f1c9a77b2e0d355", "piet.maas@tarnbeck.example"),
                service: "signin.amazonaws.com",
                name: "ConsoleLogin",
                read_only: false,
                from: OFFICE,
                agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36",
                request: Value::Null,
                response: json!({ "ConsoleLogin": "Success" }),
                error: None,
            },
            None,
        );
        // Bo's key at work: he reads what he builds.
        for _ in 0..6 {
            let t = within(random, day, 8, 17);
            let bucket = *random.pick(&["tarnbeck-firmware", "tarnbeck-designs"]);
            let key = format!("builds/{}.bin", random.between(1, 40));
            self.reads(
                t,
                Caller::User("bo.lindqvist"),
                ("s3.amazonaws.com", "GetObject"),
                OFFICE,
                CLI,
                json!({ "bucketName": bucket, "key": key }),
            );
        }
        let run = within(random, day, 10, 16);
        let terraform = Caller::Role("terraform", "run-4412");
        self.reads(
            run,
            terraform,
            ("ec2.amazonaws.com", "DescribeVpcs"),
            OFFICE,
            TERRAFORM,
            json!({ "vpcSet": {}, "filterSet": {} }),
        );
        let changes = [
            (
                "AuthorizeSecurityGroupIngress",
                "ec2.amazonaws.com",
                json!({ "groupId": "sg-0aa17c2be9d34f810", "ipPermissions": { "items": [{ "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "groups": {}, "ipRanges": { "items": [{ "cidrIp": "0.0.0.0/0" }] }, "ipv6Ranges": {}, "prefixListIds": {} }] } }),
            ),
            (
                "AttachRolePolicy",
                "iam.amazonaws.com",
                json!({ "roleName": "report-reader", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
            ),
            (
                "TagResource",
                "lambda.amazonaws.com",
                json!({ "resource": "shop-mailer", "tags": { "owner": "web" } }),
            ),
        ];
        for (i, (name, service, request)) in changes.into_iter().enumerate() {
            self.terraform(run.plus_s(12 + i as i64 * 5), (service, name), request);
        }
        if day == 2 {
            // A missing right of a new role: refused again and again, but always the same.
            for i in 0..12 {
                let t = run.plus_s(60 + i * 30);
                let call = Call {
                    caller: Caller::Role("report-reader", "job"),
                    service: "s3.amazonaws.com",
                    name: "GetBucketTagging",
                    read_only: true,
                    from: OFFICE,
                    agent: "aws-sdk-go-v2/1.36.1",
                    request: json!({ "bucketName": "tarnbeck-reports" }),
                    response: Value::Null,
                    error: Some(("AccessDenied", "Access Denied")),
                };
                self.call(t, call, None);
            }
        }
    }

    /// A change that Terraform makes for the house.
    pub fn terraform(&mut self, t: At, (service, name): (&str, &str), request: Value) {
        let call = Call {
            caller: Caller::Role("terraform", "run-4412"),
            service,
            name,
            read_only: false,
            from: OFFICE,
            agent: TERRAFORM,
            request,
            response: json!({ "_return": true }),
            error: None,
        };
        self.call(t, call, None);
    }

    pub fn write(mut self, estate: &mut Estate) {
        self.trail.sort();
        let mut random = Random::for_part("aws-files");
        for day in DAYS {
            let rows: Vec<_> = self.trail.rows.iter().filter(|row| row.at.day() == day).collect();
            let Some(last) = rows.last() else { continue };
            let path = format!(
                "aws/{AWS_ACCOUNT}/CloudTrail/{AWS_REGION}/{}/{AWS_ACCOUNT}_CloudTrail_{AWS_REGION}_{}_{}.json.gz",
                last.at.folder(),
                last.at.file_stamp(),
                random.capitals(16)
            );
            for (i, row) in rows.iter().enumerate() {
                if let Some(mark) = &row.mark {
                    let id = super::log::shown(row.body.get("eventID"));
                    estate.note(&path, i + 1, &id, row.at, mark);
                }
            }
            let records: Vec<&Value> = rows.iter().map(|row| &row.body).collect();
            estate.file(path, gzip(json!({ "Records": records }).to_string().as_bytes()));
        }
    }
}

/// Without a time in the header, so that the same bytes come out each time.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    // A vector takes every byte.
    let _ = out.write_all(bytes);
    out.finish().unwrap_or_default()
}
