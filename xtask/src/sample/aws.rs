//! The AWS account: CloudTrail as it lies in the bucket, one gzip file a day.

use std::io::Write;

use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};

use super::clock::{At, at, within};
use super::log::{Estate, Log, Mark};
use super::random::Random;
use super::world::{AWS_ACCOUNT, AWS_REGION, INTRUDER, OFFICE};

pub struct Account {
    pub random: Random,
    pub trail: Log<Value>,
}

/// Who calls.
#[derive(Clone, Copy)]
pub enum Caller<'a> {
    /// An IAM user with a long-lived key.
    User(&'a str),
    /// A session of a role.
    Role(&'a str, &'a str),
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

impl Account {
    pub fn new() -> Self {
        Self { random: Random::for_part("aws"), trail: Log::default() }
    }

    fn identity(&mut self, t: At, caller: Caller<'_>) -> Value {
        match caller {
            Caller::User(name) => {
                let mut key = Random::for_part(name);
                json!({
                    "type": "IAMUser",
                    "principalId": format!("AIDA{}", key.capitals(17)),
                    "arn": format!("arn:aws:iam::{AWS_ACCOUNT}:user/{name}"),
                    "accountId": AWS_ACCOUNT,
                    "accessKeyId": format!("AKIA{}", key.capitals(16)),
                    "userName": name,
                })
            }
            Caller::Role(role, session) => {
                let mut key = Random::for_part(role);
                let id = format!("AROA{}", key.capitals(17));
                json!({
                    "type": "AssumedRole",
                    "principalId": format!("{id}:{session}"),
                    "arn": format!("arn:aws:sts::{AWS_ACCOUNT}:assumed-role/{role}/{session}"),
                    "accountId": AWS_ACCOUNT,
                    "accessKeyId": format!("ASIA{}", self.random.capitals(16)),
                    "sessionContext": {
                        "sessionIssuer": {
                            "type": "Role",
                            "principalId": id,
                            "arn": format!("arn:aws:iam::{AWS_ACCOUNT}:role/{role}"),
                            "accountId": AWS_ACCOUNT,
                            "userName": role,
                        },
                        "attributes": { "creationDate": t.plus_s(-600).rfc3339_s(), "mfaAuthenticated": "false" },
                    },
                })
            }
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

    pub fn ordinary_week(&mut self) {
        let mut random = Random::for_part("aws-life");
        for day in 0..7 {
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
            let report = at(day, 5, 30, 0);
            for i in 0..6 {
                self.reads(
                    report.plus_s(i * 20),
                    Caller::User("svc-report"),
                    ("s3.amazonaws.com", "GetObject"),
                    OFFICE,
                    "[Boto3/1.37.1 md/Botocore#1.37.1 ua/2.0 os/linux lang/python#3.11.2]",
                    json!({ "bucketName": "tarnbeck-reports", "Host": "tarnbeck-reports.s3.eu-central-1.amazonaws.com", "key": "daily/latest.csv" }),
                );
            }
            if day < 5 {
                self.working_day(&mut random, day);
            }
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
        let (name, service, request) = match day {
            0 => (
                "AuthorizeSecurityGroupIngress",
                "ec2.amazonaws.com",
                json!({ "groupId": "sg-0aa17c2be9d34f810", "ipPermissions": { "items": [{ "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "groups": {}, "ipRanges": { "items": [{ "cidrIp": "0.0.0.0/0" }] }, "ipv6Ranges": {}, "prefixListIds": {} }] } }),
            ),
            1 => (
                "AttachRolePolicy",
                "iam.amazonaws.com",
                json!({ "roleName": "report-reader", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
            ),
            3 => (
                "StartLogging",
                "cloudtrail.amazonaws.com",
                json!({ "name": format!("arn:aws:cloudtrail:{AWS_REGION}:{AWS_ACCOUNT}:trail/main") }),
            ),
            _ => (
                "TagResource",
                "lambda.amazonaws.com",
                json!({ "resource": "shop-mailer", "tags": { "owner": "web" } }),
            ),
        };
        let call = Call {
            caller: terraform,
            service,
            name,
            read_only: false,
            from: OFFICE,
            agent: TERRAFORM,
            request,
            response: json!({ "_return": true }),
            error: None,
        };
        self.call(run.plus_s(12), call, None);
        if day == 1 {
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

    /// A call with Bo's stolen key.
    pub fn stolen(
        &mut self,
        t: At,
        service: &str,
        name: &str,
        request: Value,
        error: Option<(&str, &str)>,
        mark: &Mark,
    ) {
        let read_only = ["Get", "List", "Describe"].iter().any(|p| name.starts_with(p));
        let response = if error.is_some() || read_only { Value::Null } else { json!({ "_return": true }) };
        let agent = "aws-cli/2.15.0 Python/3.11.6 Linux/6.6.9-amd64 exe/x86_64.kali.2023";
        let caller = Caller::User("bo.lindqvist");
        let call = Call { caller, service, name, read_only, from: INTRUDER, agent, request, response, error };
        self.call(t, call, Some(mark));
    }

    pub fn write(mut self, estate: &mut Estate) {
        self.trail.sort();
        let mut random = Random::for_part("aws-files");
        for day in 0..7 {
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
