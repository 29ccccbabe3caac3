import { isJsonObject, type JsonObject, textAt } from './json.ts';

/** A resource of an event, as LookupEvents lists it and as `ResourceName` and `ResourceType` find it. */
export interface Resource {
  readonly ResourceType: string;
  readonly ResourceName: string;
}

/**
 * The resources under which LookupEvents files a record, each once.
 *
 * For a grant, as in public LookupEvents answers for AssumeRole: the issued access key; the session by its
 * `assumedRoleId`, its ARN and its bare name; the role by its ARN, path included. The bare role id (`AROA…`) is in none
 * of them. Grants to services without `assumedRoleUser` have the key, the bare session name and the role ARN only (FACTS).
 * The resources of GetFederationToken are an assumption: no public answer shows them.
 */
export function resourcesOf(record: JsonObject): readonly Resource[] {
  const found = [...(isSts(record) ? grantResources(record) : []), ...clusterResources(record), ...listed(record)];
  return [...new Map(found.map((resource) => [resource.ResourceName, resource])).values()];
}

function isSts(record: JsonObject): boolean {
  return record.eventSource === 'sts.amazonaws.com';
}

function grantResources(record: JsonObject): readonly Resource[] {
  const answer = record.responseElements;
  const asked = record.requestParameters;
  return [
    ...named('AWS::IAM::AccessKey', textAt(answer, 'credentials', 'accessKeyId')),
    ...named(
      'AWS::STS::AssumedRole',
      textAt(answer, 'assumedRoleUser', 'assumedRoleId'),
      textAt(answer, 'assumedRoleUser', 'arn'),
      textAt(asked, 'roleSessionName'),
    ),
    ...named('AWS::IAM::Role', textAt(asked, 'roleArn')),
    ...named(
      'AWS::STS::FederatedUser',
      textAt(answer, 'federatedUser', 'federatedUserId'),
      textAt(answer, 'federatedUser', 'arn'),
    ),
  ];
}

function clusterResources(record: JsonObject): readonly Resource[] {
  if (record.eventSource !== 'eks-auth.amazonaws.com') return [];
  return named('AWS::EKS::Cluster', textAt(record, 'requestParameters', 'clusterName'));
}

/** The record's own `resources`; some writers put bare strings there, which have no type and are not filed. */
function listed(record: JsonObject): readonly Resource[] {
  const entries: readonly unknown[] = Array.isArray(record.resources) ? record.resources : [];
  return entries
    .filter(isJsonObject)
    .flatMap((entry) => named(textAt(entry, 'type') ?? '', textAt(entry, 'ARN')))
    .filter(({ ResourceType }) => ResourceType !== '');
}

function named(type: string, ...names: readonly (string | undefined)[]): readonly Resource[] {
  return names.flatMap((name) => (name === undefined ? [] : [{ ResourceType: type, ResourceName: name }]));
}
