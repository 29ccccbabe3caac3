import { filledTextAt, type JsonObject, listAt, objectAt, present, textsAt } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import type { TrailCaller } from './caller.ts';
import { evidenceOf } from './evidence-events.ts';

/**
 * Limits the changes that are read for one account and day. The newest ones are read. Calls that fail count too, so the
 * owner of an account can make any number of them.
 */
export const MOST_CHANGES_OF_DAY = 2_000;

/**
 * A call of the EKS API that changes access to a cluster, or what its logs show. No audit log has such calls.
 * Trust: AWS writes all of it. The caller chose the values of the request. Source: EKS API Reference; FACTS, "Clusters
 * and organizations".
 */
export interface ClusterChange {
  readonly eventName: string;
  readonly eventId?: string | undefined;
  readonly at: EpochMillis;
  /** AWS's error code, if the call failed. Absent if it succeeded. */
  readonly errorCode?: string | undefined;
  readonly cluster?: string | undefined;
  readonly accountId?: string | undefined;
  readonly region?: string | undefined;
  /** The IAM principal of an access entry. */
  readonly principalArn?: string | undefined;
  readonly policyArn?: string | undefined;
  /** The scope of the policy, for example `cluster` or `namespace shop, bank`. */
  readonly scope?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  /** The types of logs that were turned off, such as `audit`. */
  readonly loggingOff?: readonly string[] | undefined;
  readonly loggingOn?: readonly string[] | undefined;
  readonly publicEndpoint?: boolean | undefined;
  readonly publicCidrs?: readonly string[] | undefined;
  readonly authenticationMode?: string | undefined;
  /** The name of an OIDC identity provider configuration. */
  readonly identityProvider?: string | undefined;
  readonly issuer?: string | undefined;
  readonly associationId?: string | undefined;
  /** The role that a Pod Identity association gives to a service account. */
  readonly roleArn?: string | undefined;
  /** The service account of a Pod Identity association, `<namespace>:<name>`. */
  readonly serviceAccount?: string | undefined;
  readonly caller: ChangeCaller;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** The caller, as CloudTrail states it. */
export interface ChangeCaller {
  readonly arn?: string | undefined;
  readonly principalId?: string | undefined;
  /** The account of the caller, which can differ from that of the cluster. */
  readonly accountId?: string | undefined;
  readonly accessKeyId?: string | undefined;
  /** The AWS service that made the call for somebody. */
  readonly service?: string | undefined;
}

/** Limits the length of each text and list. */
const LONGEST = 512;
const MOST_LISTED = 16;

/** Returns the change. Undefined for records of other events, and for those without a readable time. */
export function clusterChangeOf(
  record: JsonObject,
  { arn, principalId, accountId, accessKeyId, service }: TrailCaller,
  at: EpochMillis | undefined,
): ClusterChange | undefined {
  const eventName = filledTextAt(record, 'eventName');
  const evidence = evidenceOf(filledTextAt(record, 'eventSource'), eventName);
  if (evidence?.is !== 'cluster-change' || eventName === undefined || at === undefined) return undefined;
  const request = objectAt(record, 'requestParameters');
  const textOf = (name: string) => kept(filledTextAt(request, name));
  const [namespace, serviceAccount] = [textOf('namespace'), textOf('serviceAccount')];
  const principal = textOf('principalArn');
  return present<ClusterChange>({
    ...NOTHING,
    eventName,
    eventId: filledTextAt(record, 'eventID'),
    at,
    errorCode: filledTextAt(record, 'errorCode'),
    cluster: textOf('name') ?? textOf('clusterName'),
    accountId: filledTextAt(record, 'recipientAccountId'),
    region: filledTextAt(record, 'awsRegion'),
    principalArn: principal && decode(principal),
    policyArn: textOf('policyArn') ?? (eventName.includes('AccessPolicy') ? policyIn(record) : undefined),
    scope: scopeOf(objectAt(request, 'accessScope')),
    groups: listOf(textsAt(request, 'kubernetesGroups')),
    ...loggingOf(objectAt(request, 'logging')),
    ...endpointOf(objectAt(request, 'resourcesVpcConfig')),
    authenticationMode: kept(filledTextAt(objectAt(request, 'accessConfig'), 'authenticationMode')),
    ...identityProviderOf(request),
    associationId:
      textOf('associationId') ??
      kept(filledTextAt(objectAt(objectAt(record, 'responseElements'), 'association'), 'associationId')),
    roleArn: eventName.includes('PodIdentity') ? textOf('roleArn') : undefined,
    serviceAccount: namespace && serviceAccount && `${namespace}:${serviceAccount}`,
    caller: present<ChangeCaller>({ arn, principalId, accountId, accessKeyId, service }),
    ip: filledTextAt(record, 'sourceIPAddress'),
    userAgent: kept(filledTextAt(record, 'userAgent')),
  });
}

const NOTHING = {
  loggingOff: undefined,
  loggingOn: undefined,
  publicEndpoint: undefined,
  publicCidrs: undefined,
  identityProvider: undefined,
  issuer: undefined,
};

function kept(text: string | undefined): string | undefined {
  return text?.slice(0, LONGEST);
}

function listOf(texts: readonly string[] | undefined): readonly string[] | undefined {
  return texts === undefined || texts.length === 0
    ? undefined
    : texts.slice(0, MOST_LISTED).map((text) => text.slice(0, LONGEST));
}

/** Decodes an ARN in the path of the call. CloudTrail has `arn%3Aaws%3Aiam…` (FACTS). */
function decode(arn: string): string {
  if (!/^arn%3a/i.test(arn)) return arn;
  try {
    return decodeURIComponent(arn);
  } catch {
    return arn;
  }
}

function policyIn(record: JsonObject): string | undefined {
  const associated = objectAt(objectAt(record, 'responseElements'), 'associatedAccessPolicy');
  return kept(filledTextAt(associated, 'policyArn'));
}

function scopeOf(scope: JsonObject | undefined): string | undefined {
  const type = filledTextAt(scope, 'type');
  if (type === undefined) return undefined;
  return kept([type, textsAt(scope, 'namespaces')?.join(', ')].filter(Boolean).join(' '));
}

function loggingOf(logging: JsonObject | undefined): Pick<ClusterChange, 'loggingOff' | 'loggingOn'> {
  const setups = (listAt(logging, 'clusterLogging') ?? []).filter(
    (each): each is JsonObject => typeof each === 'object',
  );
  const typesOf = (isOn: boolean) =>
    listOf(setups.flatMap((each) => (isTrue(each.enabled) === isOn ? (textsAt(each, 'types') ?? []) : [])));
  return { loggingOff: typesOf(false), loggingOn: typesOf(true) };
}

function endpointOf(config: JsonObject | undefined): Pick<ClusterChange, 'publicEndpoint' | 'publicCidrs'> {
  return {
    publicEndpoint: isTrue(config?.endpointPublicAccess),
    publicCidrs: listOf(textsAt(config, 'publicAccessCidrs')),
  };
}

function isTrue(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'true' || (value === 'false' ? false : undefined);
}

function identityProviderOf(request: JsonObject | undefined): Pick<ClusterChange, 'identityProvider' | 'issuer'> {
  const oidc = objectAt(request, 'oidc');
  const name =
    filledTextAt(oidc, 'identityProviderConfigName') ??
    filledTextAt(objectAt(request, 'identityProviderConfig'), 'name');
  return { identityProvider: kept(name), issuer: kept(filledTextAt(oidc, 'issuerUrl')) };
}

/** Returns in words what the call changed. Empty if it states nothing. Escape it before display. */
export function changeText(change: Omit<ClusterChange, 'at'>): string {
  const { principalArn, policyArn, scope, groups, loggingOff, loggingOn, publicEndpoint, publicCidrs } = change;
  const { authenticationMode, identityProvider, issuer, roleArn, serviceAccount, associationId, errorCode } = change;
  const endpoint = publicEndpoint === undefined ? undefined : `public endpoint ${publicEndpoint ? 'on' : 'off'}`;
  const parts: readonly (readonly [words: string, value: string | undefined])[] = [
    ['', principalArn],
    ['policy ', policyArn],
    ['for ', scope],
    ['groups ', groups?.join(', ')],
    ['logs off: ', loggingOff?.join(', ')],
    ['logs on: ', loggingOn?.join(', ')],
    ['', endpoint],
    ['open to ', publicCidrs?.join(', ')],
    ['authentication mode ', authenticationMode],
    ['identity provider ', identityProvider],
    ['of ', issuer],
    ['role ', roleArn],
    ['for the service account ', serviceAccount],
    ['association ', associationId],
    ['failed: ', errorCode],
  ];
  return parts.flatMap(([words, value]) => (value === undefined ? [] : [`${words}${value}`])).join(', ');
}
