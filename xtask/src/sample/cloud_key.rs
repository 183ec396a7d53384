//! The leaked cloud key: Bo's key lay in a public repository. Wednesday, from the first try before eight to the trail
//! that is stopped in the afternoon; every key and session after the first can be followed through the record.

use serde_json::{Value, json};

use super::aws::{Account, Call, Caller, role_id};
use super::clock::{At, at};
use super::kubernetes::{Cluster, Request};
use super::log::{Mark, Side};
use super::random::Random;
use super::world::*;

pub const ID: &str = "cloud-key";
const AGENT: &str = "aws-cli/2.15.0 Python/3.11.6 Linux/6.6.9-amd64 exe/x86_64.kali.2023";
const SCRIPT: &str =
    "Boto3/1.34.19 md/Botocore#1.34.19 ua/2.0 os/linux#6.6.9-amd64 md/arch#x86_64 lang/python#3.11.6";
const USER: &str = "bo.lindqvist";
/// Whose second key it is.
const REPORT: &str = "svc-report";
pub const FIRST_ROLE: &str = "data-admin";
pub const SECOND_ROLE: &str = "backup-operator";

fn mark(
    stage: &'static str,
    technique: &'static str,
    what: &'static str,
    rules: &'static [&'static str],
) -> Mark {
    Mark { side: Side::Attack(ID), stage, technique, what, rules }
}

/// The key that the finder makes for the report's user.
pub fn minted_key() -> String {
    format!("AKIA{}", Random::for_part("minted").capitals(16))
}

/// Keys of the two sessions, first and second role.
fn session_key(role: &str) -> String {
    format!("ASIA{}", Random::for_part(&format!("session of {role}")).capitals(16))
}

/// Who calls at this stage, from where, with which program.
struct Hand<'a> {
    caller: Caller<'a>,
    from: &'a str,
    agent: &'a str,
}

impl Hand<'_> {
    fn calls(
        &self,
        aws: &mut Account,
        t: At,
        (service, name): (&str, &str),
        (request, response): (Value, Value),
        mark: &Mark,
    ) {
        let read_only = ["Get", "List", "Describe"].iter().any(|p| name.starts_with(p));
        let service = &format!("{service}.amazonaws.com");
        let Hand { caller, from, agent } = *self;
        let call = Call { caller, service, name, read_only, from, agent, request, response, error: None };
        aws.call(t, call, Some(mark));
    }

    fn refused(&self, aws: &mut Account, t: At, (service, name): (&str, &str), mark: &Mark) {
        let Hand { caller, from, agent } = *self;
        let message = format!(
            "User: arn:aws:iam::{AWS_ACCOUNT}:user/{USER} is not authorized to perform: {service}:{name}"
        );
        let call = Call {
            caller,
            service: &format!("{service}.amazonaws.com"),
            name,
            read_only: true,
            from,
            agent,
            request: Value::Null,
            response: Value::Null,
            error: Some(("AccessDenied", &message)),
        };
        aws.call(t, call, Some(mark));
    }
}

/// 07:52 to 15:05 in CloudTrail.
pub fn account(aws: &mut Account) {
    first_key_tried(aws);
    let second = minted_key();
    let report = Hand { caller: Caller::UserWith(REPORT, &second), from: FINDER_WORK, agent: SCRIPT };
    designs_copied(aws, &report);
    let (first, first_begun) = (session_key(FIRST_ROLE), at(2, 10, 30, 12));
    assumes(aws, &report, first_begun, FIRST_ROLE, &first);
    let admin = Hand {
        caller: Caller::Session(FIRST_ROLE, "ops", &first, first_begun),
        from: FINDER_WORK,
        agent: SCRIPT,
    };
    let (key, begun) = (session_key(SECOND_ROLE), at(2, 10, 34, 50));
    assumes(aws, &admin, begun, SECOND_ROLE, &key);
    let backup =
        Hand { caller: Caller::Session(SECOND_ROLE, "ops", &key, begun), from: FINDER_WORK, agent: SCRIPT };
    disk_shared(aws, &backup);
    let look = mark("5-roles", "T1580", "the session looks for clusters", &[]);
    let request = (json!({ "name": "shop" }), Value::Null);
    admin.calls(aws, at(2, 11, 28, 40), ("eks", "DescribeCluster"), request, &look);
    let stop = mark("8-silence", "T1562.008", "the trail is told to stop", &["aws/cloudtrail/trail_stopped"]);
    let trail = format!("arn:aws:cloudtrail:{AWS_REGION}:{AWS_ACCOUNT}:trail/main");
    let (stopped, started) = (at(2, 15, 4, 55), at(2, 17, 30, 0));
    let request = (json!({ "name": trail }), Value::Null);
    admin.calls(aws, stopped, ("cloudtrail", "StopLogging"), request, &stop);
    // A stopped trail delivers nothing; Terraform's evening run starts it again.
    aws.trail.rows.retain(|row| row.at <= stopped || row.at >= started);
    aws.terraform(started, ("cloudtrail.amazonaws.com", "StartLogging"), json!({ "name": trail }));
}

fn first_key_tried(aws: &mut Account) {
    let key = Hand { caller: Caller::User(USER), from: FINDER, agent: AGENT };
    let stage = "1-leaked-key";
    let none = || (Value::Null, Value::Null);
    let who = mark(stage, "T1078.004", "the key is tried from a new address", &[]);
    key.calls(aws, at(2, 7, 52, 4), ("sts", "GetCallerIdentity"), none(), &who);
    let feel = mark(
        "2-enumeration",
        "T1580",
        "many calls that the key does not allow",
        &["aws/cloudtrail/denied_calls_burst"],
    );
    let refused = [
        ("organizations", "ListAccounts"),
        ("kms", "ListKeys"),
        ("lambda", "ListFunctions20150331"),
        ("rds", "DescribeDBSnapshots"),
        ("secretsmanager", "ListSecrets"),
        ("ssm", "DescribeParameters"),
        ("dynamodb", "ListTables"),
        ("eks", "ListClusters"),
        ("ecr", "DescribeRepositories"),
        ("guardduty", "ListDetectors"),
    ];
    for (i, call) in refused.into_iter().enumerate() {
        key.refused(aws, at(2, 7, 53, 0).plus_s(i as i64 * 7), call, &feel);
    }
    let lists = mark("2-enumeration", "T1087.004", "users, roles and buckets are listed", &[]);
    for (i, call) in [
        ("iam", "ListUsers"),
        ("iam", "ListRoles"),
        ("s3", "ListBuckets"),
        ("iam", "ListAttachedUserPolicies"),
    ]
    .into_iter()
    .enumerate()
    {
        key.calls(aws, at(2, 8, 20, 11).plus_s(i as i64 * 19), call, none(), &lists);
    }
    let stage = "3-second-key";
    let t = at(2, 8, 44, 30);
    let makes = mark(
        stage,
        "T1098.001",
        "a second key for the report user is made",
        &["aws/cloudtrail/access_key_made_for_another_user"],
    );
    let response = json!({ "accessKey": { "userName": REPORT, "accessKeyId": minted_key(), "status": "Active", "createDate": "Mar 4, 2026, 8:44:30 AM" } });
    let request = json!({ "userName": REPORT });
    key.calls(aws, t, ("iam", "CreateAccessKey"), (request, response), &makes);
    let policy = mark(
        stage,
        "T1098.003",
        "that user becomes administrator",
        &["aws/cloudtrail/administrator_policy_attached"],
    );
    let request = json!({ "userName": REPORT, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess" });
    key.calls(aws, t.plus_s(40), ("iam", "AttachUserPolicy"), (request, Value::Null), &policy);
}

fn designs_copied(aws: &mut Account, report: &Hand<'_>) {
    let stage = "4-collection";
    let who = mark(stage, "T1078.004", "the second key is tried from another exit", &[]);
    let none = (Value::Null, Value::Null);
    report.calls(aws, at(2, 9, 5, 2), ("sts", "GetCallerIdentity"), none, &who);
    let copy = mark(
        stage,
        "T1530",
        "designs are copied out of the bucket",
        &["aws/cloudtrail/objects_read_in_bulk"],
    );
    for i in 0..60 {
        let request = json!({ "bucketName": "tarnbeck-designs", "Host": "tarnbeck-designs.s3.eu-central-1.amazonaws.com", "key": format!("gauge-7/sheet-{i:03}.dwg") });
        let t = at(2, 9, 20, 0).plus_s(i * 4);
        report.calls(aws, t, ("s3", "GetObject"), (request, Value::Null), &copy);
    }
}

/// `AssumeRole`, with the key of the new session in the answer.
fn assumes(aws: &mut Account, who: &Hand<'_>, t: At, role: &str, key: &str) {
    let chain = mark("5-roles", "T1078.004", "a role is assumed, and from its session the next", &[]);
    let request = json!({ "roleArn": format!("arn:aws:iam::{AWS_ACCOUNT}:role/{role}"), "roleSessionName": "ops", "durationSeconds": 3600 });
    let response = json!({
        "credentials": { "accessKeyId": key, "sessionToken": "HIDDEN", "expiration": "Mar 4, 2026, 5:30:12 PM" },
        "assumedRoleUser": { "assumedRoleId": format!("{}:ops", role_id(role)), "arn": format!("arn:aws:sts::{AWS_ACCOUNT}:assumed-role/{role}/ops") },
    });
    who.calls(aws, t, ("sts", "AssumeRole"), (request, response), &chain);
}

fn disk_shared(aws: &mut Account, backup: &Hand<'_>) {
    let stage = "6-exfiltration";
    let made = mark(stage, "T1578.001", "a snapshot of the shop's disk", &[]);
    let request = json!({ "volumeId": "vol-0f3a77c1d2e4b5960" });
    let response = json!({ "snapshotId": "snap-0b7a1fd22c9e4c310", "status": "pending" });
    backup.calls(aws, at(2, 10, 40, 9), ("ec2", "CreateSnapshot"), (request, response), &made);
    let share = mark(
        stage,
        "T1537",
        "it is shared with a strange account",
        &["aws/cloudtrail/snapshot_shared_outside"],
    );
    let request = json!({ "snapshotId": "snap-0b7a1fd22c9e4c310", "createVolumePermission": { "add": { "items": [{ "userId": FINDER_ACCOUNT }] } }, "attributeType": "CREATE_VOLUME_PERMISSION" });
    let response = json!({ "_return": true });
    backup.calls(aws, at(2, 10, 52, 12), ("ec2", "ModifySnapshotAttribute"), (request, response), &share);
}

/// 11:30 to 11:49: the cluster, in the session of the first role, then with a token found there.
pub fn cluster(cluster: &mut Cluster) {
    let stage = "7-cluster";
    let arn = format!("arn:aws:sts::{AWS_ACCOUNT}:assumed-role/{FIRST_ROLE}/ops");
    let extra = json!({
        "accessKeyId": [session_key(FIRST_ROLE)],
        "arn": [arn.clone()],
        "canonicalArn": [format!("arn:aws:iam::{AWS_ACCOUNT}:role/{FIRST_ROLE}")],
        "principalId": [role_id(FIRST_ROLE)],
        "sessionName": ["ops"],
    });
    let request = |verb: &'static str,
                   uri: &'static str,
                   object: (&'static str, &'static str, &'static str, &'static str),
                   code: u32,
                   body: Value| Request {
        user: &arn,
        from: FINDER_WORK,
        agent: "kubectl/v1.29.0 (linux/amd64)",
        verb,
        uri,
        object,
        group: if uri.contains("rbac") { "rbac.authorization.k8s.io" } else { "" },
        code,
        body,
        extra: extra.clone(),
    };
    let secrets = mark(
        stage,
        "T1552.007",
        "all secrets of the cluster are read",
        &["kubernetes/audit/secrets_listed_cluster_wide"],
    );
    cluster.request(
        at(2, 11, 30, 31),
        &request("list", "/api/v1/secrets?limit=500", ("secrets", "", "", ""), 200, Value::Null),
        Some(&secrets),
    );
    let pod = mark(
        stage,
        "T1611",
        "a pod with the rights of its node",
        &["kubernetes/audit/privileged_pod_created"],
    );
    let body = json!({ "kind": "Pod", "metadata": { "name": "node-debug" }, "spec": { "hostPID": true, "containers": [{ "name": "d", "image": "alpine", "command": ["nsenter", "-t", "1", "-m", "sh"], "securityContext": { "privileged": true } }], "volumes": [{ "name": "root", "hostPath": { "path": "/" } }] } });
    cluster.request(
        at(2, 11, 36, 2),
        &request("create", "/api/v1/namespaces/shop/pods", ("pods", "", "shop", "node-debug"), 201, body),
        Some(&pod),
    );
    let exec = mark(stage, "T1609", "a command in it", &["kubernetes/audit/exec_into_pod"]);
    let uri = "/api/v1/namespaces/shop/pods/node-debug/exec?command=sh&stdin=true&tty=true";
    cluster.request(
        at(2, 11, 37, 44),
        &request("create", uri, ("pods", "exec", "shop", "node-debug"), 101, Value::Null),
        Some(&exec),
    );
    let bind = mark(
        stage,
        "T1098.006",
        "the role of the cluster's administrator for an account of a service",
        &["kubernetes/audit/cluster_admin_granted"],
    );
    let body = json!({ "kind": "ClusterRoleBinding", "metadata": { "name": "web-metrics" }, "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin" }, "subjects": [{ "kind": "ServiceAccount", "name": "metrics", "namespace": "shop" }] });
    let uri = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    cluster.request(
        at(2, 11, 42, 20),
        &request("create", uri, ("clusterrolebindings", "", "", "web-metrics"), 201, body),
        Some(&bind),
    );
    let feels = mark(
        stage,
        "T1613",
        "a token from those secrets is tried on everything",
        &["kubernetes/audit/service_account_feels_around"],
    );
    let kinds = [
        "nodes",
        "namespaces",
        "configmaps",
        "daemonsets",
        "clusterroles",
        "persistentvolumes",
        "networkpolicies",
    ];
    for (i, kind) in kinds.into_iter().enumerate() {
        let request = Request {
            user: "system:serviceaccount:shop:web",
            extra: Value::Null,
            ..request("list", "/api/v1/", (kind, "", "", ""), 403, Value::Null)
        };
        cluster.request(at(2, 11, 47, 5).plus_s(i as i64 * 6), &request, Some(&feels));
    }
}
