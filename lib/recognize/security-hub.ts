import { accessKeyId } from '../identity/access-key.ts';
import { clusterRef } from '../identity/cluster.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { objectIn, objectsIn, textIn, timeIn } from './any-case.ts';
import { arnForm } from './arns.ts';
import { givenCircumstances } from './events.ts';
import {
  circumstancesOfGuardDuty,
  distinct,
  mergeCircumstances,
  orRequest,
  subjectOfKeyDetails,
  subjectsOfGuardDuty,
  subjectsOfSequence,
} from './guardduty.ts';
import type { Circumstances, Subject } from './subject.ts';

/**
 * Returns whether the value is a finding in Security Hub's format (ASFF), from `Findings[]` of `GetFindings` or
 * `detail.findings[]` of EventBridge.
 * Trust: anybody who may import findings can have written it.
 * Source: AWS Security Hub User Guide, "AWS Security Finding Format (ASFF)", "AwsIamAccessKey"; ocsf/examples, "Amazon
 * GuardDuty finding in Security Hub's ASFF format", for the names in `ProductFields`.
 */
export function looksLikeAsff(value: JsonObject): boolean {
  return 'Resources' in value && ('ProductArn' in value || 'AwsAccountId' in value || 'ProductFields' in value);
}

export function subjectsOfAsff(finding: JsonObject): readonly Subject[] {
  const resources = objectsIn(finding, 'Resources');
  const product = unflattened({ ...fieldsOfUser(resources), ...objectIn(finding, 'ProductFields') });
  const known = circumstancesOfAsff(finding, resources);
  const byProduct = subjectsOfGuardDuty(product, known).filter(
    ({ by, circumstances: { isProcessStart } }) => by !== 'request' || isProcessStart === true,
  );
  const circumstances = mergeCircumstances(known, circumstancesOfGuardDuty(product));
  const byResources = subjectsOfResources(resources, circumstances);
  const subjects = distinct([
    ...byProduct,
    ...(byProduct.length === 0 ? byResources : byResources.filter(({ by }) => by === 'caller')),
    ...subjectsOfSequence(objectIn(finding, 'Detection', 'Sequence'), known),
  ]);
  return orRequest(subjects, circumstances);
}

/** Matches the fields about the Kubernetes user of a finding, which resources of the type `Other` have (FACTS). */
const OF_USER = /^kubernetesDetails\/kubernetesUserDetails\//;

/** Returns the fields about the user from all resources, with the names that they have in `ProductFields`. */
function fieldsOfUser(resources: readonly JsonObject[]): JsonObject {
  const fields = resources.flatMap((resource) => Object.entries(objectIn(resource, 'Details', 'Other') ?? {}));
  const ofUser = fields.filter(([name]) => OF_USER.test(name));
  return Object.fromEntries(ofUser.map(([name, value]) => [`aws/guardduty/resource/${name}`, value]));
}

function circumstancesOfAsff(finding: JsonObject, resources: readonly JsonObject[]): Circumstances {
  const last = timeIn(finding, 'LastObservedAt');
  const at = last ?? timeIn(finding, 'UpdatedAt');
  const first = timeIn(finding, 'FirstObservedAt');
  const types = finding.Types;
  const type: unknown = Array.isArray(types) ? types[0] : undefined;
  return givenCircumstances({
    at,
    since: first !== undefined && at !== undefined && first < at ? first : undefined,
    isWrittenLater: at !== undefined && last === undefined ? true : undefined,
    ...clusterOf(resources),
    finding: typeof type === 'string' ? type.slice(0, 256) : textIn(finding, 'Title'),
  });
}

/** Returns the cluster of the first EKS resource, from its ARN. */
export function clusterOf(resources: readonly JsonObject[]): Pick<Circumstances, 'cluster' | 'clusterArn'> {
  const ids = resources.map((resource) => textIn(resource, 'Id') ?? textIn(resource, 'uid') ?? '');
  const clusterArn = ids.find((id) => clusterRef(id) !== undefined);
  return clusterArn === undefined ? {} : { cluster: clusterRef(clusterArn)?.name, clusterArn };
}

/** Returns the subjects for the access keys, users and roles among a finding's resources. */
export function subjectsOfResources(
  resources: readonly JsonObject[],
  circumstances: Circumstances,
): readonly Subject[] {
  return distinct(resources.map((resource) => subjectOfResource(resource, circumstances)));
}

const KEY_RESOURCE = /^AWS::IAM::AccessKey:(.+)$/;

function subjectOfResource(resource: JsonObject, circumstances: Circumstances): Subject | undefined {
  const id = textIn(resource, 'Id') ?? textIn(resource, 'uid') ?? '';
  const details = objectIn(resource, 'Details', 'AwsIamAccessKey');
  const key = accessKeyId(KEY_RESOURCE.exec(id)?.[1]);
  if (details !== undefined || key !== undefined)
    return subjectOfKeyDetails({ ...(key !== undefined && { accessKeyId: key }), ...details }, circumstances);
  return arnForm(id, circumstances)?.subjects[0]; // The type does not matter: some products write `Other`.
}

/** The maximum number of parts in a path. GuardDuty's paths have fewer. */
const MOST_PARTS = 12;

/** Matches the index of a list's first element: `sourceIPs.0_`. */
const FIRST_OF_LIST = /\.0_(?=\/|$)/g;

/**
 * Rebuilds a finding from flat fields such as `aws/guardduty/service/action/kubernetesApiCallAction/verb`. The objects
 * have no prototype, so that a field named `__proto__` is harmless.
 */
export function unflattened(fields: JsonObject | undefined, prefix = 'aws/guardduty/'): JsonObject {
  const root: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (!name.startsWith(prefix)) continue;
    const path = name.slice(prefix.length).replaceAll(FIRST_OF_LIST, '').split('/', MOST_PARTS);
    const last = path.pop() ?? '';
    let at = root;
    for (const part of path) at = openObject(at, part);
    at[last] = value;
  }
  return root;
}

function openObject(parent: Record<string, unknown>, name: string): Record<string, unknown> {
  const there = parent[name];
  if (isJsonObject(there)) return there as Record<string, unknown>;
  const made: Record<string, unknown> = Object.create(null);
  parent[name] = made;
  return made;
}
