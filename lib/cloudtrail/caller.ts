import { type AccessKeyId, accessKeyId } from '../identity/access-key.ts';
import { userName } from '../identity/arn.ts';
import { filledTextAt, type JsonObject, objectAt } from '../json.ts';
import { type EpochMillis, parseInstant } from '../time.ts';

export const TRAIL_CALLER_KINDS = [
  'iam-user',
  'root',
  'assumed-role',
  'saml-user',
  'web-identity-user',
  'identity-center-user',
  'federated-user',
  'aws-service',
  'aws-account',
  'unknown',
] as const;
export type TrailCallerKind = (typeof TRAIL_CALLER_KINDS)[number];

/**
 * What a record states about the session that signed it, besides its owner.
 * Trust: AWS writes all of it. Whoever began the chain chose `sourceIdentity`. Source: AWS CloudTrail User Guide,
 * "CloudTrail userIdentity element"; FACTS, "Identity since 2025".
 */
export interface SessionStatement {
  readonly sourceIdentity?: string | undefined;
  /** `webIdFederationData.federatedProvider`: the OIDC provider of a web identity's session. */
  readonly federatedProvider?: string | undefined;
  /** `mfaAuthenticated`: whether the session was obtained with a second factor. */
  readonly mfa?: boolean | undefined;
  /** `inScopeOf.credentialsIssuedTo`: the ARN of the function, task or similar for which a service acts. */
  readonly credentialsIssuedTo?: string | undefined;
  /** Present if EC2 delivered the credentials to an instance. */
  readonly ec2RoleDelivery?: true | undefined;
  /** `onBehalfOf.userId`: the Identity Center user for whom the session acts. */
  readonly onBehalfOf?: string | undefined;
  /** `onBehalfOf.identityStoreArn`: the user's directory. */
  readonly identityStore?: string | undefined;
  /**
   * `invokedByDelegate.accountId`: the account in which somebody acts with the session's identity (temporary
   * delegation).
   */
  readonly delegate?: string | undefined;
  /** The hosted agent that made the call for a person, for example `aws-mcp.amazonaws.com`. */
  readonly agent?: string | undefined;
  /**
   * Present if AssumeRoot issued this root session. Somebody of the management account, or a delegated administrator,
   * then acts as root. Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element", `assumedRoot`.
   */
  readonly assumedRoot?: true | undefined;
  /** `signInSessionArn`. It is the same for all access keys that one sign-in gets one after another. */
  readonly signInSession?: string | undefined;
}

/**
 * The `userIdentity` of a CloudTrail record: the caller that signed the call.
 * Trust: AWS writes it. Whoever obtained the session chose the session names in `principalId` and `arn`,
 * `sourceIdentity`, and a federated user's name. Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element".
 */
export interface TrailCaller extends SessionStatement {
  readonly kind: TrailCallerKind;
  readonly principalId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly arn?: string | undefined;
  readonly userName?: string | undefined;
  readonly identityProvider?: string | undefined;
  /** The access key that signed, if it has the form of one. */
  readonly accessKeyId?: AccessKeyId | undefined;
  /** The time at which the signing session began, which is the `eventTime` of its grant (FACTS). */
  readonly sessionBegan?: EpochMillis | undefined;
  readonly service?: string | undefined;
  /** The role, user or account that issued the session. Only sessions of roles and federated users have one. */
  readonly issuer?: SessionIssuer | undefined;
}

export interface SessionIssuer {
  readonly type?: string | undefined;
  readonly principalId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly arn?: string | undefined;
  readonly userName?: string | undefined;
}

/**
 * The services that act for a person when an agent asks them to (FACTS, "Agents"). They are AWS's hosted Model Context
 * Protocol servers. Source: AWS MCP Server documentation, the values of the condition key `aws:CalledViaAWSMCP`, which
 * `invokedBy` has too.
 */
const AGENTS: ReadonlySet<string> = new Set([
  'aws-mcp.amazonaws.com',
  'eks-mcp.amazonaws.com',
  'ecs-mcp.amazonaws.com',
]);

const KIND_BY_TYPE: ReadonlyMap<string, TrailCallerKind> = new Map([
  ['IAMUser', 'iam-user'],
  ['Root', 'root'],
  ['AssumedRole', 'assumed-role'],
  ['SAMLUser', 'saml-user'],
  ['WebIdentityUser', 'web-identity-user'],
  ['IdentityCenterUser', 'identity-center-user'],
  ['FederatedUser', 'federated-user'],
  ['AWSService', 'aws-service'],
  ['AWSAccount', 'aws-account'],
]);

/** Parses a CloudTrail record's `userIdentity`. */
export function parseTrailCaller(identity: JsonObject): TrailCaller {
  const context = objectAt(identity, 'sessionContext');
  const arn = filledTextAt(identity, 'arn');
  const kind = kindOf(identity);
  const began = filledTextAt(objectAt(context, 'attributes'), 'creationDate');
  const service = filledTextAt(identity, 'invokedBy');
  return {
    kind,
    principalId: filledTextAt(identity, 'principalId'),
    accountId: filledTextAt(identity, 'accountId'),
    arn,
    userName: filledTextAt(identity, 'userName') ?? (kind === 'iam-user' ? userName(arn) : undefined),
    identityProvider: filledTextAt(identity, 'identityProvider'),
    accessKeyId: accessKeyId(filledTextAt(identity, 'accessKeyId')),
    sessionBegan: began === undefined ? undefined : parseInstant(began),
    service,
    ...parseStatement(identity, context, service),
    issuer: parseIssuer(objectAt(context, 'sessionIssuer')),
  };
}

function parseStatement(
  identity: JsonObject,
  context: JsonObject | undefined,
  service: string | undefined,
): SessionStatement {
  return {
    sourceIdentity: filledTextAt(context, 'sourceIdentity'),
    federatedProvider: filledTextAt(objectAt(context, 'webIdFederationData'), 'federatedProvider'),
    mfa: parseTruth(objectAt(context, 'attributes')?.mfaAuthenticated),
    credentialsIssuedTo: filledTextAt(objectAt(identity, 'inScopeOf'), 'credentialsIssuedTo'),
    ec2RoleDelivery: filledTextAt(context, 'ec2RoleDelivery') === undefined ? undefined : true,
    onBehalfOf: filledTextAt(objectAt(identity, 'onBehalfOf'), 'userId'),
    identityStore: filledTextAt(objectAt(identity, 'onBehalfOf'), 'identityStoreArn'),
    delegate: filledTextAt(objectAt(identity, 'invokedByDelegate'), 'accountId'),
    agent: service !== undefined && AGENTS.has(service) ? service : undefined,
    assumedRoot: parseTruth(context?.assumedRoot) || undefined,
    signInSession: filledTextAt(context, 'signInSessionArn') ?? filledTextAt(identity, 'signInSessionArn'),
  };
}

/** Parses `"true"` and `"false"`, as CloudTrail writes them. Older records of LookupEvents have booleans. */
function parseTruth(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
}

/**
 * Returns the kind of the caller. If the type is missing (FACTS), the other fields show it. `invokedBy` alone is a
 * service. A role's principal ID is a role session. An IAM user's principal ID, with its ARN or name, is that user.
 */
function kindOf(identity: JsonObject): TrailCallerKind {
  const type = filledTextAt(identity, 'type');
  if (type !== undefined) return KIND_BY_TYPE.get(type) ?? 'unknown';
  const principalId = filledTextAt(identity, 'principalId');
  if (principalId?.startsWith('AROA')) return 'assumed-role';
  const statedName = filledTextAt(identity, 'arn') ?? filledTextAt(identity, 'userName');
  if (principalId?.startsWith('AIDA') && statedName !== undefined) return 'iam-user';
  return filledTextAt(identity, 'invokedBy') === undefined ? 'unknown' : 'aws-service';
}

function parseIssuer(issuer: JsonObject | undefined): SessionIssuer | undefined {
  if (issuer === undefined) return undefined;
  return {
    type: filledTextAt(issuer, 'type'),
    principalId: filledTextAt(issuer, 'principalId'),
    accountId: filledTextAt(issuer, 'accountId'),
    arn: filledTextAt(issuer, 'arn'),
    userName: filledTextAt(issuer, 'userName'),
  };
}
