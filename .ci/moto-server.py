"""moto's server (5.2.5), in which CloudFormation does what AWS's does and moto's does not.

Source: CloudFormation User Guide, "Pseudo parameters reference" (AWS::NoValue takes the entry of a list away), "DeletionPolicy
attribute" (RetainExceptOnCreate); Template Reference, AWS::Events::EventBus (Ref gives the name), AWS::CloudFormation::StackSet.
"""

import copy
import functools
import inspect
import itertools
import sys
import threading
import time
import uuid

import moto.core

# The account of whoever assumed no role in another; modules take it from here when they are loaded.
moto.core.DEFAULT_ACCOUNT_ID = moto.core.models.DEFAULT_ACCOUNT_ID = "111122223333"

from moto.apigatewayv2.models import ApiGatewayV2Backend, apigatewayv2_backends
from moto.awslambda import models as lambda_models
from moto.cloudformation import parsing
from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.models import CloudFormationBackend, Stack, cloudformation_backends
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.core.common_models import CloudFormationModel
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.events.models import EventBus, EventBusPolicyStatement, EventsBackend, Rule, events_backends
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.iam.models import IAMBackend
from moto.logs.models import SubscriptionFilter
from moto.logs.responses import LogsResponse
from moto.organizations import utils as organizations
from moto.organizations.models import OrganizationsBackend, organizations_backends
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from moto.server import main
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.sqs.models import Queue
from werkzeug.serving import WSGIRequestHandler

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

parameters_of = Stack.parameter_list.fget


def parameter_list(stack):
    """A list is described as the text that was given, not as Python writes it."""
    described = parameters_of(stack)
    return [
        {**each, "ParameterValue": ",".join(each["ParameterValue"])} if isinstance(each["ParameterValue"], list) else each
        for each in described
    ]


Stack.parameter_list = property(parameter_list)


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


class AlarmWithArn(CloudFormationModel):
    """An alarm that is nowhere but has its ARN, to which rules refer."""

    __module__ = "moto.cloudwatch.models"

    def __init__(self, name, account_id, region_name):
        self.physical_resource_id = name
        self.arn = f"arn:aws:cloudwatch:{region_name}:{account_id}:alarm:{name}"

    @staticmethod
    def cloudformation_name_type():
        return "AlarmName"

    @staticmethod
    def cloudformation_type():
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name):
        return self.arn

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        return cls(resource_name, account_id, region_name)

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, **kwargs):
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, *about, **more):
        """There is nothing to delete."""


class EventBusPolicy(CloudFormationModel):
    """A statement of a bus's policy."""

    __module__ = "moto.events.models"

    def __init__(self, bus, sid, statement):
        self.physical_resource_id = f"{bus.name}|{sid}"
        bus._statements[sid] = EventBusPolicyStatement.from_dict({**statement, "Sid": sid})

    @staticmethod
    def cloudformation_name_type():
        return None

    @staticmethod
    def cloudformation_type():
        return "AWS::Events::EventBusPolicy"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        given = cloudformation_json["Properties"]
        bus = events_backends[account_id][region_name].event_buses[given["EventBusName"]]
        return cls(bus, given["StatementId"], given["Statement"])

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, **place):
        return cls.create_from_cloudformation_json(new_resource_name, **place)

    @classmethod
    def delete_from_cloudformation_json(cls, *about, **more):
        """It goes with its bus."""


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
    def update_from_cloudformation_json(cls, original_resource, cloudformation_json, account_id, **kwargs):
        given = cloudformation_json["Properties"]
        made = original_resource.made
        made.template = get_stack_from_s3_url(given["TemplateURL"], account_id=account_id, partition="aws")
        made.parameters = {each["ParameterKey"]: str(each["ParameterValue"]) for each in given["Parameters"]}
        made.instances.template, made.instances.parameters = made.template, made.parameters
        for instance in made.instances.stack_instances:
            instance.template, instance.parameters = made.template, made.parameters
            instance.stack.update(made.template, parameters=made.parameters)
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        """With all of its instances, as those of a resource of this type."""
        for made in cloudformation_backends[account_id][region_name].stacksets.values():
            if resource_name in (made.id, made.name):
                instances = made.instances.stack_instances
                made.instances.delete([each.account_id for each in instances], [each.region_name for each in instances])
                made.delete()


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

read_policies = IAMBackend._init_aws_policies
policies_of_aws = []


def policies(backend):
    """They are the same in every account; moto would read them anew for each account and partition, at a second each."""
    if backend.region_name != "aws":
        return []
    if not policies_of_aws:
        policies_of_aws.extend(read_policies(backend))
    return [copy.copy(each) for each in policies_of_aws]


IAMBackend._init_aws_policies = policies

permitted = IAMPolicyStatement.is_action_permitted


def by_transport(statement, *about):
    """moto reads no conditions of a bucket's policy, and is asked without TLS by all."""
    if "aws:SecureTransport" in str(statement._statement.get("Condition")):
        return PermissionResult.NEUTRAL
    return permitted(statement, *about)


IAMPolicyStatement.is_action_permitted = by_transport

put_filter = LogsResponse.put_subscription_filter
filter_to_json = SubscriptionFilter.to_json


def put_subscription_filter(response):
    """A subscription keeps its system fields; without them `subscribe` would change it each time."""
    answer = put_filter(response)
    group = response.logs_backend.groups[response._get_param("logGroupName")]
    group.subscription_filters[response._get_param("filterName")].system_fields = response._get_param("emitSystemFields")
    return answer


LogsResponse.put_subscription_filter = put_subscription_filter
SubscriptionFilter.system_fields = None
SubscriptionFilter.to_json = lambda given: {
    **filter_to_json(given),
    **({"emitSystemFields": given.system_fields} if given.system_fields else {}),
}

# DynamoDB looks at a condition and writes in one step; moto's threads come in between.
writing = threading.RLock()


def in_one_step(write):
    def written(*about, **options):
        with writing:
            return write(*about, **options)

    return written


for name in ("put_item", "update_item", "delete_item", "transact_write_items"):
    setattr(DynamoDBBackend, name, in_one_step(getattr(DynamoDBBackend, name)))

# A query of moto's sorts the whole table first, which takes longer each day of a rehearsal. It sorts what it found afterwards, too.
asked = threading.local()
all_items = Table.all_items
query_table = Table.query


def items(table):
    """Those that a query can find, if one is being answered, in no order."""
    if not hasattr(asked, "hash_key"):
        return all_items(table)
    sets = [table.items.get(asked.hash_key, {})] if asked.hash_key is not None else list(table.items.values())
    return [item for each in sets for item in (list(each.values()) if table.range_key_attr else [each])]


def query(table, *about, **options):
    given = inspect.signature(query_table).bind(table, *about, **options).arguments
    asked.hash_key = None if given.get("index_name") else given["hash_key"]
    try:
        return query_table(table, *about, **options)
    finally:
        del asked.hash_key


Table.all_items = items
Table.query = query

get_value = ResponseSerializer.get_value
TYPES = {"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"}


def value_of(serializer, value, key, shape):
    """moto looks for each of the ten types of an attribute's value under several names."""
    if isinstance(value, dict) and len(value) == 1 and key in TYPES and not TYPES.isdisjoint(value):
        return value.get(key)
    return get_value(serializer, value, key, shape)


ResponseSerializer.get_value = value_of

put_events_here = EventsBackend.put_events


def put_events(backend, events):
    """A bus of another account takes what its policy admits, and keeps whose it is; moto finds no such bus."""
    return [entry for event in events for entry in put_one(backend, event)]


def put_one(backend, event):
    owner, region, bus = place_of(event.get("EventBusName") or "", backend)
    if (owner, region) == (backend.account_id, backend.region_name):
        return put_events_here(backend, [{**event, "EventBusName": bus or "default"}])
    there = events_backends[owner][region].event_buses.get(bus)
    if there is None or event["Source"].startswith("aws.") or not admits(there, backend.account_id, event["Source"]):
        denied = {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
        return [denied]
    message = {
        **{"version": "0", "id": str(uuid.uuid4()), "detail-type": event["DetailType"], "source": event["Source"]},
        **{"account": backend.account_id, "time": time.time(), "region": region, "resources": []},
        "detail": parsing.json.loads(event["Detail"]),
    }
    for rule in list(there.rules.values()):
        rule.send_to_targets(message)
    return [{"EventId": message["id"]}]


def place_of(name, backend):
    """Account, Region and name of a bus by its ARN, or of one's own by its name."""
    if not name.startswith("arn:"):
        return backend.account_id, backend.region_name, name
    parts = name.split(":", 5)
    return parts[4], parts[3], parts[5].split("/", 1)[1]


def admits(bus, account, source):
    """Of a policy's conditions the organization and the source; moto knows no role of the caller."""
    manager, partition = organizations_backends.master_accounts.get(account, (account, "aws"))
    organization = organizations_backends[manager][partition].org
    for statement in bus._statements.values():
        conditions = statement.condition or {}
        wanted = conditions.get("StringEquals", {}).get("aws:PrincipalOrgID")
        is_member = organization is not None and wanted == organization.id
        is_listed = wanted is None and account in str(statement.principal)
        exact = conditions.get("StringEquals", {}).get("events:source", source)
        exact = exact if isinstance(exact, list) else [exact]
        like = conditions.get("StringLike", {}).get("events:source", "*")
        if (is_member or is_listed) and source in exact and source.startswith(like.rstrip("*")):
            return True
    return False


EventsBackend.put_events = put_events

send_to_targets = Rule.send_to_targets


def send(rule, event, transform_input=True):
    """An event keeps its account: moto's usual message for a queue lacks it, and what is forwarded gets that of the bus."""
    if rule.scheduled_expression:
        return None  # no event rings a clock, as it does in moto
    transform_input = any("InputTransformer" in target for target in rule.targets)
    buses = [target["Arn"] for target in rule.targets if ":event-bus/" in target["Arn"]]
    if not buses:
        return send_to_targets(rule, event, transform_input)
    if not rule.event_pattern.matches_event(event):
        return None
    for arn in buses:
        owner, region, name = place_of(arn, None)
        there = events_backends[owner][region].event_buses.get(name)
        if there is not None and admits(there, event["account"], event["source"]):
            for onward in list(there.rules.values()):
                onward.send_to_targets(event)


Rule.send_to_targets = send

# moto would invoke a function as soon as a message comes, in a container. Whoever plays Lambda polls the queues.
Queue.lambda_event_source_mappings = property(lambda queue: {}, lambda queue, mappings: None)

create_organization = OrganizationsBackend.create_organization
examples = iter(())


def create_organization_of_examples(backend, *about, **given):
    """Accounts as in the examples, not at random; the first of them moto takes for the managing account, and gives back."""
    global examples
    further = (str(555500000000 + at) for at in itertools.count(1))
    examples = itertools.chain(["999999999999", "444455556666", "777788889999"], further)
    return create_organization(backend, *about, **given)


OrganizationsBackend.create_organization = create_organization_of_examples
organizations.make_random_account_id = lambda: next(examples)

# For every request moto looks through the folders of all its services, and writes a line that nobody reads.
DomainDispatcherApplication.get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)
WSGIRequestHandler.log_request = lambda *_: None

main(sys.argv[1:])
