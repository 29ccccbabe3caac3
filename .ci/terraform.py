"""Parses the files of a release's Terraform modules, in the zip that is named, and holds their blocks and arguments against what Terraform and its AWS provider document.

Source: registry.terraform.io, hashicorp/aws 6: aws_cloudformation_stack, aws_s3_object, aws_s3_bucket,
aws_s3_bucket_policy, aws_s3_bucket_public_access_block; developer.hashicorp.com/terraform/language, "variable", "output".
"""

import sys
import zipfile

import hcl2

ARGUMENTS = {
    "aws_cloudformation_stack": {
        "name", "template_body", "template_url", "capabilities", "disable_rollback", "notification_arns", "on_failure",
        "parameters", "policy_body", "policy_url", "tags", "iam_role_arn", "timeout_in_minutes", "timeouts", "region",
    },
    "aws_s3_object": {
        "bucket", "key", "acl", "content", "content_type", "etag", "kms_key_id", "metadata", "server_side_encryption",
        "source", "source_hash", "storage_class", "tags", "region",
    },
    "aws_s3_bucket": {"bucket", "bucket_prefix", "force_destroy", "object_lock_enabled", "tags", "region"},
    "aws_s3_bucket_policy": {"bucket", "policy", "region"},
    "aws_s3_bucket_public_access_block": {
        "bucket", "block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets", "region",
    },
}
META = {"for_each", "count", "depends_on", "provider", "lifecycle"}
VARIABLE = {"description", "type", "default", "nullable", "sensitive", "validation", "ephemeral"}
OUTPUT = {"description", "value", "sensitive", "depends_on", "precondition"}
BLOCKS = {"terraform", "provider", "data", "locals", "resource", "module", "variable", "output"}


def bare(name):
    return name.strip('"')


def keys(body):
    return {bare(key) for key in body if not bare(key).startswith("__")}


def problems(document):
    for kind in keys(document) - BLOCKS:
        yield f"a block that there is not: {kind}"
    for block in document.get("resource", []):
        for kind, named in block.items():
            if bare(kind) not in ARGUMENTS:
                yield f"a resource that is not known here: {kind}"
                continue
            for name, body in named.items():
                yield from (f"{kind}.{name}: {key}" for key in keys(body) - ARGUMENTS[bare(kind)] - META)
    for what, allowed in (("variable", VARIABLE), ("output", OUTPUT)):
        for block in document.get(what, []):
            for name, body in block.items():
                yield from (f"{what} {name}: {key}" for key in keys(body) - allowed)


with zipfile.ZipFile(sys.argv[1]) as modules:
    files = sorted(name for name in modules.namelist() if name.endswith(".tf"))
    failures = []
    for file in files:
        text = modules.read(file).decode("utf-8")
        failures += [f"{file}: {problem}" for problem in problems(hcl2.loads(text))]
print("\n".join(failures) or f"{len(files)} files of Terraform: no flaw")
sys.exit(1 if failures or not files else 0)
