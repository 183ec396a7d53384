//! The cluster's audit log, one JSON event a line.

use serde_json::{Value, json};

use super::clock::{At, DAYS, at, within};
use super::log::{Estate, Log, Mark};
use super::random::Random;

pub struct Cluster {
    pub random: Random,
    pub audit: Log<Value>,
}

/// One request to the API server.
pub struct Request<'a> {
    pub user: &'a str,
    pub from: &'a str,
    pub agent: &'a str,
    pub verb: &'a str,
    pub uri: &'a str,
    /// Resource, subresource, namespace, name; empty where there is none.
    pub object: (&'a str, &'a str, &'a str, &'a str),
    pub group: &'a str,
    pub code: u32,
    pub body: Value,
    /// What the cluster knows of the caller beside its name; null where nothing.
    pub extra: Value,
}

impl Cluster {
    pub fn new() -> Self {
        Self { random: Random::for_part("kubernetes"), audit: Log::default() }
    }

    pub fn request(&mut self, t: At, r: &Request<'_>, mark: Option<&Mark>) {
        let (resource, sub, namespace, name) = r.object;
        let mut object = serde_json::Map::new();
        for (key, value) in
            [("resource", resource), ("namespace", namespace), ("name", name), ("apiGroup", r.group)]
        {
            if !value.is_empty() {
                object.insert(key.into(), json!(value));
            }
        }
        object.insert("apiVersion".into(), json!("v1"));
        if !sub.is_empty() {
            object.insert("subresource".into(), json!(sub));
        }
        let mut groups = vec!["system:authenticated"];
        if r.user.starts_with("system:serviceaccount:") {
            groups.insert(0, "system:serviceaccounts");
        }
        let allowed = r.code != 403;
        let mut status = json!({ "metadata": {}, "code": r.code });
        if !allowed {
            status["status"] = json!("Failure");
            status["reason"] = json!("Forbidden");
            status["message"] = json!(format!(
                "{resource} is forbidden: User \"{}\" cannot {} resource \"{resource}\"",
                r.user, r.verb
            ));
        }
        let mut event = json!({
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": if r.body.is_null() { "Metadata" } else { "RequestResponse" },
            "auditID": self.random.uuid(),
            "stage": "ResponseComplete",
            "requestURI": r.uri,
            "verb": r.verb,
            "user": { "username": r.user, "uid": Random::for_part(r.user).uuid(), "groups": groups },
            "sourceIPs": [r.from],
            "userAgent": r.agent,
            "objectRef": object,
            "responseStatus": status,
        });
        if !r.extra.is_null() {
            event["user"]["extra"] = r.extra.clone();
        }
        if !r.body.is_null() {
            event["requestObject"] = r.body.clone();
        }
        event["requestReceivedTimestamp"] = json!(t.rfc3339_us());
        event["stageTimestamp"] = json!(t.plus_ms(4).rfc3339_us());
        event["annotations"] = json!({
            "authorization.k8s.io/decision": if allowed { "allow" } else { "forbid" },
            "authorization.k8s.io/reason": "",
        });
        self.audit.put(t, event, mark);
    }

    pub fn ordinary_days(&mut self) {
        let mut random = Random::for_part("kubernetes-life");
        for day in DAYS {
            for hour in 0..24 {
                let t = at(day, hour, random.between(0, 59), 3);
                self.request(
                    t,
                    &Request {
                        user: "system:serviceaccount:kube-system:cluster-autoscaler",
                        from: "10.60.2.11",
                        agent: "cluster-autoscaler/v1.32.1",
                        verb: "watch",
                        uri: "/api/v1/nodes?watch=true",
                        object: ("nodes", "", "", ""),
                        group: "",
                        code: 200,
                        body: Value::Null,
                        extra: Value::Null,
                    },
                    None,
                );
                self.request(
                    t.plus_s(9),
                    &Request {
                        user: "system:node:worker-1",
                        from: "10.60.2.11",
                        agent: "kubelet/v1.32.2 (linux/amd64)",
                        verb: "update",
                        uri: "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/worker-1",
                        object: ("leases", "", "kube-node-lease", "worker-1"),
                        group: "coordination.k8s.io",
                        code: 200,
                        body: Value::Null,
                        extra: Value::Null,
                    },
                    None,
                );
            }
            let t = at(day, 2, 11, 0);
            self.request(
                t,
                &Request {
                    user: "system:serviceaccount:cert-manager:cert-manager",
                    from: "10.60.2.12",
                    agent: "cert-manager-controller/v1.17.1",
                    verb: "list",
                    uri: "/api/v1/secrets?limit=500",
                    object: ("secrets", "", "", ""),
                    group: "",
                    code: 200,
                    body: Value::Null,
                    extra: Value::Null,
                },
                None,
            );
            let t = at(day, 0, 30, 1);
            self.request(
                t,
                &Request {
                    user: "system:anonymous",
                    from: "10.60.0.5",
                    agent: "ELB-HealthChecker/2.0",
                    verb: "get",
                    uri: "/readyz",
                    object: ("", "", "", ""),
                    group: "",
                    code: 200,
                    body: Value::Null,
                    extra: Value::Null,
                },
                None,
            );
            for _ in 0..5 {
                let t = within(&mut random, day, 9, 16);
                let image = format!("registry.tarnbeck.example/shop:1.{}.{day}", random.between(20, 40));
                self.request(t, &Request {
                    user: "system:serviceaccount:ci:deployer", from: "10.60.3.4", agent: "helm/v3.17.1", verb: "patch",
                    uri: "/apis/apps/v1/namespaces/shop/deployments/web", object: ("deployments", "", "shop", "web"), group: "apps", code: 200,
                    body: json!({ "spec": { "template": { "spec": { "containers": [{ "name": "web", "image": image, "securityContext": { "privileged": false, "runAsNonRoot": true } }] } } } }),
                    extra: Value::Null,
                }, None);
                self.request(
                    t.plus_s(20),
                    &Request {
                        user: "bo.lindqvist@tarnbeck.example",
                        from: "10.30.4.22",
                        agent: "kubectl/v1.32.2 (windows/amd64)",
                        verb: "get",
                        uri: "/api/v1/namespaces/shop/pods/web-7c9f/log?follow=true",
                        object: ("pods", "log", "shop", "web-7c9f"),
                        group: "",
                        code: 200,
                        body: Value::Null,
                        extra: Value::Null,
                    },
                    None,
                );
                self.request(
                    t.plus_s(40),
                    &Request {
                        user: "bo.lindqvist@tarnbeck.example",
                        from: "10.30.4.22",
                        agent: "kubectl/v1.32.2 (windows/amd64)",
                        verb: "list",
                        uri: "/api/v1/namespaces/shop/secrets",
                        object: ("secrets", "", "shop", ""),
                        group: "",
                        code: 200,
                        body: Value::Null,
                        extra: Value::Null,
                    },
                    None,
                );
            }
        }
    }

    pub fn write(self, estate: &mut Estate) {
        estate.json_lines("kubernetes/audit.log", self.audit, "/auditID");
    }
}
