import { isIdentityCenterRole } from '../identity/arn.ts';
import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, parseJson } from '../json.ts';
import { type Finding, finding, type Outcome } from './finding.ts';
import { jsonAnswers } from './json-answers.ts';
import { principalOf } from './mapping.ts';

/** A role, and who may assume it. */
export interface TrustedRole {
  readonly arn: string;
  readonly statements: readonly JsonObject[];
}

/**
 * Reads roles as `aws iam get-role`, `list-roles` or `get-account-authorization-details` prints them, one answer or
 * several after another.
 */
export function readTrustPolicies(text: string): Outcome<readonly TrustedRole[]> {
  const answers = jsonAnswers(text);
  if (!answers.ok) return answers;
  const roles: TrustedRole[] = [];
  for (const answer of answers.value) {
    const listed = listAt(answer, 'Roles') ?? listAt(answer, 'RoleDetailList') ?? [objectAt(answer, 'Role') ?? answer];
    for (const entry of listed) {
      const role = isJsonObject(entry)
        ? trustedRole(filledTextAt(entry, 'Arn'), entry.AssumeRolePolicyDocument)
        : undefined;
      if (role === undefined)
        return { ok: false, message: 'it holds something that is no role with an Arn and an AssumeRolePolicyDocument' };
      roles.push(role);
    }
  }
  return { ok: true, value: roles };
}

/** The policy is an object, or its JSON, which IAM's own interface encodes as a URL (IAM API Reference, Role). */
export function trustedRole(arn: string | undefined, policy: unknown): TrustedRole | undefined {
  if (arn === undefined || principalOf(arn)?.kind !== 'role') return undefined;
  const document = typeof policy === 'string' ? decodedPolicy(policy) : policy;
  return isJsonObject(document) ? { arn, statements: several(document.Statement).filter(isJsonObject) } : undefined;
}

function decodedPolicy(text: string): unknown {
  const plain = parseJson(text);
  if (plain.ok) return plain.value;
  try {
    const decoded = parseJson(decodeURIComponent(text));
    return decoded.ok ? decoded.value : undefined;
  } catch {
    return undefined; // no URL encoding either
  }
}

/** Roles that somebody may assume under whatever session name, without a source identity. */
export function trustPolicyFindings(roles: readonly TrustedRole[]): readonly Finding[] {
  return roles
    .filter(({ arn, statements }) => !isIdentityCenterRole(arn) && !statements.some(deniesFreeNames))
    .flatMap((role) => {
      const free = role.statements.filter((statement) => letsPeopleIn(statement) && !namesThem(statement));
      return free.length === 0 ? [] : [freeName(role, free)];
    });
}

/** IAM allows one value where a list is meant. */
function several(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

/** AssumeRole by IAM principals. With SAML and web identity the record itself names the person; services are none. */
function letsPeopleIn(statement: JsonObject): boolean {
  return statement.Effect === 'Allow' && concernsAssumeRole(statement) && trustedPrincipals(statement).length > 0;
}

function concernsAssumeRole(statement: JsonObject): boolean {
  if (statement.NotAction !== undefined) return true;
  return several(statement.Action).some((action) => typeof action === 'string' && matchesAssumeRole(action));
}

function matchesAssumeRole(action: string): boolean {
  const [start = '', ...rest] = action.toLowerCase().split('*');
  return rest.length === 0 ? start === 'sts:assumerole' : 'sts:assumerole'.startsWith(start);
}

function trustedPrincipals({ Principal, NotPrincipal }: JsonObject): readonly string[] {
  if (NotPrincipal !== undefined) return ['everybody but a few'];
  if (typeof Principal === 'string') return [Principal];
  const principals = isJsonObject(Principal) ? several(Principal.AWS) : [];
  return principals.filter((one): one is string => typeof one === 'string');
}

interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly unknown[];
}

function conditionsOf(statement: JsonObject): readonly Condition[] {
  const block = objectAt(statement, 'Condition') ?? {};
  return Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(isJsonObject(keys) ? keys : {}).map(([key, values]) => ({
      operator: operator.toLowerCase(),
      key: key.toLowerCase(),
      values: several(values),
    })),
  );
}

const SOURCE_IDENTITY: readonly string[] = ['sts:sourceidentity', 'aws:sourceidentity'];

/** An Allow that holds for certain session names or source identities only. */
function namesThem(statement: JsonObject): boolean {
  return conditionsOf(statement).some(({ operator, key, values }) => {
    const ofSource = SOURCE_IDENTITY.includes(key);
    if (operator === 'null') return ofSource && values.every((value) => String(value) === 'false');
    if (!ofSource && key !== 'sts:rolesessionname') return false;
    if (!/^(?:foranyvalue:)?string(?:equals|equalsignorecase|like)(?:ifexists)?$/.test(operator)) return false;
    if (ofSource && operator.endsWith('ifexists')) return false; // holds without a source identity too
    return values.length > 0 && !values.some((value) => typeof value === 'string' && /^[*?]+$/.test(value));
  });
}

/** A Deny of all names but certain ones. */
function deniesFreeNames(statement: JsonObject): boolean {
  if (statement.Effect !== 'Deny' || !concernsAssumeRole(statement)) return false;
  return conditionsOf(statement).some(({ operator, key, values }) => {
    const ofSource = SOURCE_IDENTITY.includes(key);
    if (operator === 'null') return ofSource && values.some((value) => String(value) === 'true');
    return (ofSource || key === 'sts:rolesessionname') && /^stringnot(?:equals|like)/.test(operator);
  });
}

function freeName({ arn }: TrustedRole, statements: readonly JsonObject[]): Finding {
  const principals = [...new Set(statements.flatMap(trustedPrincipals))];
  const shown = principals.slice(0, 3).join(', ') + (principals.length > 3 ? ` and ${principals.length - 3} more` : '');
  const name = principalOf(arn)?.name ?? arn;
  return finding('trust-policy-leaves-name-free', {
    subject: arn,
    evidence: `sts:AssumeRole is allowed to ${shown}, with no condition on sts:RoleSessionName or sts:SourceIdentity that names them.`,
    mend:
      'Add to that statement, for IAM users, "Condition": {"StringEquals": {"sts:RoleSessionName": "$' +
      '{aws:username}"}}; for role sessions, "Condition": {"Null": {"sts:SourceIdentity": "false"}} and the action ' +
      `sts:SetSourceIdentity; then aws iam update-assume-role-policy --role-name ${name} --policy-document file://trust.json`,
  });
}
