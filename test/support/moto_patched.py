"""A moto server on a port of its own that ends with the process that started it.

    python3 moto_patched.py [stock]

Prints the port on the first line of stdout. Without "stock" it has what these tests need and moto 5.2 lacks. The stubs
check nothing: they let Terraform go on, they do not show that AWS would accept what they are sent.
"""

import json
import os
import re
import sys
import threading
import time
import uuid
from urllib.parse import unquote

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402


def patch_s3():
    from moto.s3 import models

    # moto looks at no Condition: every "deny without TLS" would deny everything.
    allowed = models.FakeBucket.get_permission

    def get_permission(bucket, action, resource):
        policy = bucket.policy
        if policy is None:
            return allowed(bucket, action, resource)
        document = json.loads(policy)
        kept = [s for s in document["Statement"] if not (s["Effect"] == "Deny" and "Condition" in s)]
        bucket.policy = json.dumps({**document, "Statement": kept}).encode()
        try:
            return allowed(bucket, action, resource)
        finally:
            bucket.policy = policy

    models.FakeBucket.get_permission = get_permission
    models.FakeDeleteMarker.dispose = lambda self, garbage=False: None


def patch_sqs():
    from moto.sqs.models import Queue

    def keep(queue, text):
        queue.kept_redrive_allow_policy = text or None

    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
    Queue.kept_redrive_allow_policy = None
    Queue.redrive_allow_policy = property(lambda queue: queue.kept_redrive_allow_policy, keep)


class EksExtras:
    """Add-ons, access entries with their policies, and pod identity associations: what was sent is what is read."""

    paths = re.compile(r"/clusters/(?P<cluster>[^/]+)/(?P<kind>addons|access-entries|pod-identity-associations)(?P<rest>/.*)?$")

    def __init__(self):
        self.installed, self.entries, self.policies, self.associations = {}, {}, {}, {}

    def answer(self, request, full_url, headers):
        path = unquote(request.path)
        match = self.paths.match(path)
        cluster, kind, rest = match["cluster"], match["kind"], (match["rest"] or "").strip("/")
        body = json.loads(request.get_data() or b"{}")
        answer = getattr(self, kind.replace("-", "_"))(request.method, cluster, rest, body)
        if answer is None:
            error = {"__type": "ResourceNotFoundException", "message": f"{path} not found"}
            return 404, {"x-amzn-ErrorType": "ResourceNotFoundException"}, json.dumps(error)
        return 200, {}, json.dumps(answer)

    @staticmethod
    def record(kind, cluster, name, body):
        now = time.time()
        arn = f"arn:aws:eks:us-east-1:123456789012:{kind}/{cluster}/{name}/{uuid.uuid4()}"
        times = {"createdAt": now, "modifiedAt": now}
        return {**body, **times, "clusterName": cluster, "tags": body.get("tags") or {}}, arn

    def associate(self, cluster, body, owner=None):
        identity = f"a-{uuid.uuid4().hex[:17]}"
        found, _ = self.record("podidentityassociation", cluster, identity, body)
        arn = f"arn:aws:eks:us-east-1:123456789012:podidentityassociation/{cluster}/{identity}"
        self.associations[identity] = {**found, "associationArn": arn, "associationId": identity, "ownerArn": owner}
        return self.associations[identity]

    def pod_identity_associations(self, method, cluster, rest, body):
        if method == "POST" and not rest:
            return {"association": self.associate(cluster, body)}
        if not rest:
            return {"associations": [a for a in self.associations.values() if a["clusterName"] == cluster]}
        if method == "DELETE":
            found = self.associations.pop(rest, None)
        else:
            found = self.associations.get(rest)
            if found and method == "POST":
                found.update(body)
        return found and {"association": found}

    def addons(self, method, cluster, rest, body):
        name = rest.split("/")[0] or body.get("addonName")
        if method == "POST" and not rest:
            found, arn = self.record("addon", cluster, name, body)
            identities = [self.associate(cluster, one, arn)["associationArn"] for one in body.get("podIdentityAssociations") or []]
            version = body.get("addonVersion") or "v1.0.0-eksbuild.1"
            found.update(addonName=name, addonArn=arn, addonVersion=version, status="ACTIVE", health={"issues": []})
            self.installed[cluster, name] = {**found, "podIdentityAssociations": identities}
        elif not rest:
            return {"addons": [addon for owner, addon in self.installed if owner == cluster]}
        found = self.installed.pop((cluster, name), None) if method == "DELETE" else self.installed.get((cluster, name))
        return found and {"addon": found}

    def access_entries(self, method, cluster, rest, body):
        principal, _, policy = rest.partition("/access-policies")
        principal = principal or body.get("principalArn")
        key, policy = (cluster, principal), policy.strip("/")
        if "/access-policies" in rest:
            known = self.policies.setdefault(key, {})
            if method == "POST":
                known[body["policyArn"]] = {**body, "associatedAt": time.time(), "modifiedAt": time.time()}
                return {"clusterName": cluster, "principalArn": principal, "associatedAccessPolicy": known[body["policyArn"]]}
            if method == "DELETE":
                return {} if known.pop(policy, None) else None
            return {"clusterName": cluster, "principalArn": principal, "associatedAccessPolicies": list(known.values())}
        if method == "POST" and not rest:
            found, arn = self.record("access-entry", cluster, principal, body)
            groups, kind = body.get("kubernetesGroups") or [], body.get("type") or "STANDARD"
            name = body.get("username") or principal
            self.entries[key] = {**found, "accessEntryArn": arn, "kubernetesGroups": groups, "type": kind, "username": name}
        elif not rest:
            return {"accessEntries": [owner for known, owner in self.entries if known == cluster]}
        found = self.entries.pop(key, None) if method == "DELETE" else self.entries.get(key)
        return found and {"accessEntry": found}


def patch_eks():
    from moto.eks import urls
    from moto.eks.responses import EKSResponse

    extras = EksExtras()
    for kind in ("addons", "access-entries", "pod-identity-associations"):
        urls.url_paths["{0}/clusters/(?P<name>[^/]+)/" + kind + "$"] = extras.answer
        urls.url_paths["{0}/clusters/(?P<name>[^/]+)/" + kind + "/(?P<rest>.+)$"] = extras.answer
    remember(EKSResponse, "create_cluster", "cluster", {"access_config": "accessConfig", "upgrade_policy": "upgradePolicy"})
    remember(EKSResponse, "create_nodegroup", "nodegroup", {"update_config": "updateConfig", "remote_access": "remoteAccess"})


def patch_eks_security_group():
    """EKS makes a security group with each cluster, and takes it away again."""
    from moto.ec2.models import ec2_backends
    from moto.eks.models import EKSBackend

    create, delete = EKSBackend.create_cluster, EKSBackend.delete_cluster

    def create_cluster(self, name, role_arn, resources_vpc_config, **rest):
        ec2 = ec2_backends[self.account_id][self.region_name]
        vpc = ec2.get_subnet(resources_vpc_config["subnetIds"][0]).vpc_id
        tags = {"aws:eks:cluster-name": name, f"kubernetes.io/cluster/{name}": "owned"}
        group = ec2.create_security_group(f"eks-cluster-sg-{name}", "EKS created security group", tags=tags, vpc_id=vpc)
        config = {**resources_vpc_config, "vpcId": vpc, "clusterSecurityGroupId": group.id}
        return create(self, name=name, role_arn=role_arn, resources_vpc_config=config, **rest)

    def delete_cluster(self, name):
        cluster = delete(self, name)
        ec2 = ec2_backends[self.account_id][self.region_name]
        ec2.delete_security_group(group_id=cluster.resources_vpc_config["clusterSecurityGroupId"])
        return cluster

    EKSBackend.create_cluster, EKSBackend.delete_cluster = create_cluster, delete_cluster


def remember(owner, method, member, fields):
    """Keeps what the request says of these fields, instead of forgetting or inventing it."""
    original = getattr(owner, method)

    def call(self):
        answer = original(self)
        for attribute, parameter in fields.items():
            setattr(answer.result[member], attribute, self._get_param(parameter))
        return answer

    setattr(owner, method, call)


# service, place, attribute: what the templates make, in moto's own memory. The tagging API knows only part of it.
HOLDINGS = (
    ("iam", "aws", "roles"),
    ("iam", "aws", "instance_profiles"),
    ("iam", "aws", "open_id_providers"),
    ("s3", "aws", "buckets"),
    ("logs", None, "groups"),
    ("eks", None, "clusters"),
    ("lambda", None, "_event_source_mappings"),
    ("sqs", None, "queues"),
    ("sns", None, "topics"),
    ("ecr", None, "repositories"),
    ("scheduler", None, "schedule_groups"),
    ("ec2", None, "vpcs"),
    ("ec2", None, "subnets"),
    ("ec2", None, "route_tables"),
    ("ec2", None, "internet_gateways"),
    ("ec2", None, "groups"),
    ("ec2", None, "addresses"),
    ("ec2", None, "launch_templates"),
    ("ec2", None, "flow_logs"),
    ("ec2", None, "vpc_end_points"),
    ("ec2", None, "volumes"),
    ("elb", None, "load_balancers"),
    ("elbv2", None, "load_balancers"),
    ("elbv2", None, "target_groups"),
)


def is_there(held, name):
    # moto goes on listing endpoints that are deleted.
    return not isinstance(held, dict) or getattr(held[name], "state", None) != "deleted"


def holdings(region="us-east-1"):
    """Names of everything that the account holds, by kind."""
    from moto.backends import get_backend

    found = {}
    for service, place, attribute in HOLDINGS:
        held = getattr(get_backend(service)["123456789012"][place or region], attribute)
        # EC2 keeps subnets by zone and groups by VPC.
        nested = attribute in ("subnets", "groups") and service == "ec2"
        names = [name for inner in held.values() for name in inner] if nested else [name for name in held if is_there(held, name)]
        found[f"{service} {attribute.strip('_')}"] = sorted(getattr(name, "allocation_id", None) or str(name) for name in names)
    found["lambda functions"] = sorted(one.function_name for one in get_backend("lambda")["123456789012"][region].list_functions())
    return found


def with_holdings(application):
    def answer(environ, start_response):
        if environ["PATH_INFO"] != "/holdings":
            return application(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(holdings()).encode()]

    return answer


class OneRequestAConnection(WSGIRequestHandler):
    """A connection that is never used again cannot be closed under the next request."""

    protocol_version = "HTTP/1.0"


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    if "stock" not in sys.argv:
        for patch in (patch_s3, patch_sqs, patch_eks, patch_eks_security_group):
            patch()
    application = with_holdings(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=OneRequestAConnection)
    print(server.port, flush=True)
    threading.Thread(target=end_with_parent, daemon=True).start()
    server.serve_forever()
