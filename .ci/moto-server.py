"""moto's server (5.2.5), in which CloudFormation does what AWS's does and moto's does not.

Source: CloudFormation User Guide, "Pseudo parameters reference" (AWS::NoValue takes the entry of a list away), "DeletionPolicy
attribute" (RetainExceptOnCreate); Template Reference, AWS::Events::EventBus (Ref gives the name), AWS::CloudFormation::StackSet.
"""

import inspect
import itertools
import sys
import threading

import moto.core

# The account of whoever assumed no role in another; modules take it from here when they are loaded.
moto.core.DEFAULT_ACCOUNT_ID = moto.core.models.DEFAULT_ACCOUNT_ID = "111122223333"

from moto.apigatewayv2.models import ApiGatewayV2Backend, apigatewayv2_backends
from moto.awslambda import models as lambda_models
from moto.cloudformation import parsing
from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.models import CloudFormationBackend, cloudformation_backends
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.core.common_models import CloudFormationModel
from moto.dynamodb.models import DynamoDBBackend
from moto.events.models import EventBus
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.organizations import utils as organizations
from moto.organizations.models import organizations_backends
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from moto.server import main

NO_VALUE = {"Ref": "AWS::NoValue"}
cleaned = parsing.clean_json


def clean_json(given, resources):
    """Entries of lists that are not there."""
    if isinstance(given, list):
        return [clean_json(entry, resources) for entry in given if chosen(entry, resources) != NO_VALUE]
    return cleaned(given, resources)


def chosen(entry, resources):
    while isinstance(entry, dict) and "Fn::If" in entry:
        condition, met, unmet = entry["Fn::If"]
        entry = met if resources.lazy_condition_map[condition] else unmet
    return entry


parsing.clean_json = clean_json

EventBus.physical_resource_id = property(lambda bus: bus.name)

delete_resources = parsing.ResourceMap.delete


def delete(resources):
    """What moto keeps, it knows by Retain alone; what lies in a stack was created."""
    for resource in resources._resource_json_map.values():
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate":
            resource["DeletionPolicy"] = "Retain"
    delete_resources(resources)


parsing.ResourceMap.delete = delete


update_resource = parsing.parse_and_update_resource


def update(logical_id, resource_json, resources_map, **place):
    """What there is not under this condition is not changed either."""
    condition = resource_json.get("Condition")
    if condition and not resources_map.lazy_condition_map[condition]:
        return None
    return update_resource(logical_id, resource_json, resources_map, **place)


parsing.parse_and_update_resource = update

execute_change_set = CloudFormationBackend.execute_change_set


def execute(backend, change_set_name, stack_name=None):
    """A stack that a change set makes has outputs too."""
    execute_change_set(backend, change_set_name, stack_name)
    for stack in backend.stacks.values():
        stack._parse_template()
        stack.output_map = stack._create_output_map()


CloudFormationBackend.execute_change_set = execute


class HttpApi(CloudFormationModel):
    """The API alone, for its address: of its routes, stages and authorizers moto's CloudFormation makes nothing."""

    __module__ = "moto.apigatewayv2.models"  # by which moto knows a model's service

    def __init__(self, made):
        self.physical_resource_id = made.api_id

    @staticmethod
    def cloudformation_name_type():
        return "Name"

    @staticmethod
    def cloudformation_type():
        return "AWS::ApiGatewayV2::Api"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "ApiId"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        of = {key: None for key in inspect.signature(ApiGatewayV2Backend.create_api).parameters if key != "self"}
        backend = apigatewayv2_backends[account_id][region_name]
        return cls(backend.create_api(**{**of, "name": resource_name, "protocol_type": "HTTP"}))

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, **kwargs):
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        apigatewayv2_backends[account_id][region_name].delete_api(resource_name)


class StackSet(CloudFormationModel):
    """By moto's own StackSets, whose targets are the accounts of an organization's units; it knows no root as a unit."""

    __module__ = "moto.cloudformation.models"

    def __init__(self, made):
        self.made = made
        self.physical_resource_id = made.id

    @staticmethod
    def cloudformation_name_type():
        return "StackSetName"

    @staticmethod
    def cloudformation_type():
        return "AWS::CloudFormation::StackSet"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "StackSetId"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        given = cloudformation_json["Properties"]
        backend = cloudformation_backends[account_id][region_name]
        template = get_stack_from_s3_url(given["TemplateURL"], account_id=account_id, partition="aws")
        parameters = {each["ParameterKey"]: str(each["ParameterValue"]) for each in given["Parameters"]}
        made = backend.create_stack_set(
            resource_name, template, parameters, None, given["PermissionModel"], None, None, given["Description"]
        )
        organization = organizations_backends[account_id]["aws"]
        for group in given["StackInstancesGroup"]:
            targets = group["DeploymentTargets"]
            excluded = targets["Accounts"] if targets["AccountFilterType"] == "DIFFERENCE" else []
            accounts = accounts_below(organization, targets["OrganizationalUnitIds"])
            chosen_accounts = [each for each in accounts if each not in [*excluded, account_id]]
            made.create_stack_instances(
                chosen_accounts, group["Regions"], {"OrganizationalUnitIds": []}, None
            )
        return cls(made)

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, **kwargs):
        raise NotImplementedError

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        raise NotImplementedError


def create_custom(cls, resource_name, cloudformation_json, account_id, region_name, **about):
    """A custom resource is there at once: moto runs no function that could answer. test/subscribe has the answers."""
    made = CustomModel(region_name, "", about["LogicalId"], resource_name)
    made.set_data({})
    return made


CustomModel.create_from_cloudformation_json = classmethod(create_custom)
CustomModel.update_from_cloudformation_json = classmethod(lambda cls, original_resource, **about: original_resource)
CustomModel.delete_from_cloudformation_json = classmethod(lambda cls, *about, **more: None)


def accounts_below(organization, units):
    below = [each.id for each in organization.ou if each.parent_id in units]
    nested = accounts_below(organization, below) if below else []
    return [each.id for each in organization.accounts if each.parent_id in units] + nested


take_code = lambda_models._validate_s3_bucket_and_key


def code_of(account_id, partition, data):
    """Code may lie in a bucket of another account that lets one's organization in."""
    holders = [each for each, backends in s3_backends.items() if data["S3Bucket"] in backends[partition].buckets]
    owner = holders[0] if holders else account_id
    if owner != account_id:
        policy = str(s3_backends[owner][partition].get_bucket_policy(data["S3Bucket"]))
        manager, _ = organizations_backends.master_accounts.get(account_id, (account_id, partition))
        organization = organizations_backends[manager][partition].org
        if organization is None or f'"aws:PrincipalOrgID": "{organization.id}"' not in policy:
            raise lambda_models.InvalidParameterValueException("Your access has been denied by S3")
    return take_code(owner, partition, data)


lambda_models._validate_s3_bucket_and_key = code_of

bucket_response = S3Response._bucket_response


def of_whom(response, request, full_url):
    """Who says whose bucket it is gets no other's (S3 User Guide, "Verifying bucket ownership with bucket owner condition")."""
    expected = request.headers.get("x-amz-expected-bucket-owner")
    _, owner = s3_backends.bucket_accounts.get(response.parse_bucket_name_from_url(request, full_url), (None, expected))
    if expected is not None and expected != owner:
        return 403, {}, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    return bucket_response(response, request, full_url)


S3Response._bucket_response = of_whom

permitted = IAMPolicyStatement.is_action_permitted


def by_transport(statement, *about):
    """moto reads no conditions of a bucket's policy, and is asked without TLS by all."""
    if "aws:SecureTransport" in str(statement._statement.get("Condition")):
        return PermissionResult.NEUTRAL
    return permitted(statement, *about)


IAMPolicyStatement.is_action_permitted = by_transport

# DynamoDB looks at a condition and writes in one step; moto's threads come in between.
writing = threading.RLock()


def in_one_step(write):
    def written(*about, **options):
        with writing:
            return write(*about, **options)

    return written


for name in ("put_item", "update_item", "delete_item", "transact_write_items"):
    setattr(DynamoDBBackend, name, in_one_step(getattr(DynamoDBBackend, name)))

# Accounts as in the examples, not at random; the first of them moto takes for the managing account, and gives back.
EXAMPLES = itertools.cycle(["999999999999", "444455556666", "777788889999"])
organizations.make_random_account_id = lambda: next(EXAMPLES)

main(sys.argv[1:])
