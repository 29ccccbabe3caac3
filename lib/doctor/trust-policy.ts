import { isIdentityCenterRole } from '../identity/arn.ts';
import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, parseJson } from '../json.ts';
import { quoted } from '../shell.ts';
import { jsonAnswers } from './access-entries.ts';
import { SHARED_NAME } from './assumption.ts';
import { command, type Finding, finding, type Outcome } from './finding.ts';
import { principalOf } from './mapping.ts';
import { iamPattern, isLike } from './wildcards.ts';

/** A role, with the statements of its trust policy. */
export interface TrustedRole {
  readonly arn: string;
  readonly statements: readonly JsonObject[];
}

/**
 * Parses roles as `aws iam get-role`, `list-roles` or `get-account-authorization-details` prints them. The text can
 * have one output, or several in sequence.
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
        return {
          ok: false,
          message: 'it contains an object that is not a role with an Arn and an AssumeRolePolicyDocument',
        };
      roles.push(role);
    }
  }
  return { ok: true, value: roles };
}

/**
 * Parses a role. The policy is an object, or JSON that is URL-encoded as in IAM's API (IAM API Reference, Role).
 * Undefined if there is no policy.
 */
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
    return undefined; // The text is not URL-encoded either.
  }
}

/** Returns findings about roles that somebody can assume under any session name and without a source identity. */
export function trustPolicyFindings(roles: readonly TrustedRole[]): readonly Finding[] {
  return roles
    .filter(({ arn }) => !isIdentityCenterRole(arn))
    .flatMap((role) => {
      const free = role.statements.filter((statement) => letsPeopleIn(statement) && !namesThem(statement));
      const denials = role.statements.filter(deniesFreeNames);
      const open = free
        .flatMap(trustedPrincipals)
        .filter((principal) => !denials.some((denial) => concerns(denial, principal)));
      return open.length === 0 ? [] : [freeName(role, free, open)];
    });
}

/**
 * Returns whether IAM principals may use AssumeRole. With SAML and web identity, the grant itself names the person.
 * Services are no people.
 */
function letsPeopleIn(statement: JsonObject): boolean {
  return statement.Effect === 'Allow' && concernsAssumeRole(statement) && trustedPrincipals(statement).length > 0;
}

/**
 * Returns whether a statement covers AssumeRole. NotAction means all actions except those that match. Source: IAM User
 * Guide, "IAM JSON policy elements: NotAction".
 */
function concernsAssumeRole({ Action, NotAction }: JsonObject): boolean {
  return NotAction === undefined ? several(Action).some(isAssumeRole) : !several(NotAction).some(isAssumeRole);
}

/**
 * Returns whether an action, which can have `*` and `?`, matches AssumeRole in any letter case (IAM User Guide, "IAM
 * JSON policy elements: Action").
 */
function isAssumeRole(action: unknown): boolean {
  return typeof action === 'string' && isLike('sts:assumerole', iamPattern(action.toLowerCase()));
}

function trustedPrincipals({ Principal, NotPrincipal }: JsonObject): readonly string[] {
  if (NotPrincipal !== undefined) return ['everyone except a few (NotPrincipal)'];
  if (typeof Principal === 'string') return [Principal];
  const principals = isJsonObject(Principal) ? several(Principal.AWS) : [];
  return principals.filter((one): one is string => typeof one === 'string');
}

/** Returns whether an Allow applies only to certain session names or source identities. */
function namesThem(statement: JsonObject): boolean {
  return conditionsOf(statement).some((condition) => concernsNames(condition) && flawOf(condition) === undefined);
}

function deniesAssumeRole(statement: JsonObject): boolean {
  return statement.Effect === 'Deny' && concernsAssumeRole(statement) && statement.NotPrincipal === undefined;
}

/** Returns whether a statement denies all names, or all but certain ones, without other conditions. */
function deniesFreeNames(statement: JsonObject): boolean {
  if (!deniesAssumeRole(statement)) return false;
  const conditions = conditionsOf(statement);
  if (conditions.length === 0) return Object.keys(statement.Condition ?? {}).length === 0;
  return conditions.every((condition) => concernsNames(condition) && denialFlawOf(condition) === undefined);
}

function concerns(statement: JsonObject, principal: string): boolean {
  const own = trustedPrincipals(statement).map(spelt);
  return own.includes('*') || own.includes(spelt(principal));
}

/**
 * Returns a principal in one spelling. The ID of an account and the ARN of its root mean the same (IAM User Guide,
 * "Principal").
 */
function spelt(principal: string): string {
  return /^arn:[^:]*:iam::(\d{12}):root$/.exec(principal)?.[1] ?? principal;
}

function freeName({ arn, statements }: TrustedRole, free: readonly JsonObject[], open: readonly string[]): Finding {
  const principals = [...new Set(open)];
  const shown = principals.slice(0, 3).join(', ') + (principals.length > 3 ? ` and ${principals.length - 3} more` : '');
  const name = quoted(principalOf(arn)?.name ?? arn);
  const flaws = voidConditions(free, statements);
  const where = `to the statement that allows this${flaws === '' ? '' : ' (replace the conditions that identify nobody; remove such a Deny completely)'}`;
  return finding('trust-policy-leaves-name-free', {
    subject: arn,
    evidence: `sts:AssumeRole is allowed to ${shown}, with no condition on sts:RoleSessionName or sts:SourceIdentity that identifies them${flaws}.`,
    mend:
      `${command(`aws iam get-role --role-name ${name} --query Role.AssumeRolePolicyDocument > trust.json`)} writes the policy to a file. There, add ${where}: ` +
      'for IAM users, "Condition": {"StringEquals": {"sts:RoleSessionName": "$' +
      '{aws:username}"}}; for role sessions, "Condition": {"Null": {"sts:SourceIdentity": "false"}} and the action ' +
      `sts:SetSourceIdentity. Then run ${command(`aws iam update-assume-role-policy --role-name ${name} --policy-document file://trust.json`)}`,
  });
}

/** Returns a text that lists conditions on names that identify nobody, each with the reason. */
function voidConditions(free: readonly JsonObject[], all: readonly JsonObject[]): string {
  const allowing = free.flatMap(conditionsOf).flatMap((condition) => flawed(condition, flawOf(condition), ''));
  const denying = all
    .filter(deniesAssumeRole)
    .flatMap(conditionsOf)
    .flatMap((condition) => flawed(condition, denialFlawOf(condition), 'Deny '));
  const flaws = [...allowing, ...denying];
  return flaws.length === 0 ? '' : ` (${flaws.join('; ')})`;
}

function flawed(condition: Condition, flaw: string | undefined, effect: string): readonly string[] {
  if (flaw === undefined || !concernsNames(condition)) return [];
  return [`${effect}${condition.written} ${condition.values.map(String).join(', ')}: ${flaw}`];
}

/** Returns a list. IAM accepts a single value in place of a list. */
function several(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

/** One condition of a statement. Operator and key are in lower case, because IAM ignores their case. */
interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly unknown[];
  /** The operator and the key as the policy spells them. */
  readonly written: string;
}

function conditionsOf(statement: JsonObject): readonly Condition[] {
  const block = objectAt(statement, 'Condition') ?? {};
  return Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(isJsonObject(keys) ? keys : {}).map(([key, values]) => ({
      operator: operator.toLowerCase(),
      key: key.toLowerCase(),
      values: several(values),
      written: `${operator} ${key}`,
    })),
  );
}

const NAME = 'sts:rolesessionname';
const SOURCE_IDENTITY: readonly string[] = ['sts:sourceidentity', 'aws:sourceidentity'];

/**
 * Matches operators that compare strings, for one value or a set. With `IfExists`, they are also true if the key is
 * missing. `Null` only tests whether the key exists.
 */
const COMPARISON = /^(foranyvalue:|forallvalues:)?string(not)?(equals|equalsignorecase|like)(ifexists)?$/;

/** Returns whether a condition is on the session name or the source identity. */
function concernsNames({ key }: Condition): boolean {
  return key === NAME || SOURCE_IDENTITY.includes(key);
}

/**
 * Returns why a condition of an Allow on the session name or source identity identifies nobody. Undefined if it
 * identifies somebody. A session always has a name, but not always a source identity. One value that identifies nobody
 * is enough, because a caller needs to match only one. Source: IAM User Guide, "IAM JSON policy elements: Condition
 * operators".
 */
function flawOf({ operator, key, values }: Condition): string | undefined {
  const ofSource = key !== NAME;
  if (operator === 'null') return ofSource ? nullFlaw(values) : 'every session has a session name';
  const [, set, not, comparison, optional] = COMPARISON.exec(operator) ?? [];
  if (comparison === undefined) return 'it does not compare strings';
  if (not !== undefined) return FORBIDS_SOME;
  if (ofSource && (optional !== undefined || set === 'forallvalues:'))
    return 'it is also met without a source identity';
  if (values.length === 0) return 'it has no value';
  const flaws = values.map((value) => valueFlaw(String(value), comparison, ofSource));
  return flaws.find((flaw) => flaw !== undefined);
}

/** Returns the flaw of `Null` on the source identity. Undefined if it requires a source identity. */
function nullFlaw(values: readonly unknown[]): string | undefined {
  const mustBe = values.length > 0 && values.every((value) => String(value) === 'false');
  return mustBe ? undefined : 'it does not require a source identity';
}

const FORBIDS_SOME = 'it excludes some values and allows all others';

/**
 * Returns why a value identifies no person. Fixed values are lists of allowed names, except the name that many share.
 * If a session name's value has a wildcard, callers can choose the name. That is not so if the value also has a
 * variable that identifies a person. A source identity is set once, if sts:SetSourceIdentity allows it, and then stays.
 * So a pattern with some text requires as much as `Null` does.
 */
function valueFlaw(value: string, comparison: string, ofSource: boolean): string | undefined {
  if (isAnything(value))
    return comparison === 'like' ? 'any value meets it' : 'no value meets it: StringEquals has no wildcards';
  const given = comparison === 'equalsignorecase' ? value.toLowerCase() : value;
  if (given === (comparison === 'equalsignorecase' ? SHARED_NAME.toLowerCase() : SHARED_NAME))
    return 'everyone who signs in with `aws eks get-token --role-arn` has this name';
  if (OF_A_PERSON.test(value)) return undefined;
  if (VARIABLE.test(value)) return 'it has no variable that identifies a person';
  return comparison === 'like' && !ofSource && /[*?]/.test(value.replace(LITERAL, ''))
    ? 'callers choose the part that the wildcard matches'
    : undefined;
}

function isAnything(value: string): boolean {
  return /^[*?]+$/.test(value);
}

/** Matches `${*}`, `${?}` and `${$}`, which stand for these characters (IAM User Guide, "Variables and tags"). */
const LITERAL = /\$\{[*?$]\}/g;
const VARIABLE = /\$\{[^}*?$]+\}/;
/**
 * Matches variables that differ from person to person. IAM ignores the case of keys. A variable with a default
 * (`${aws:username, 'x'}`) does not match, because everybody without the key shares the default (the same page).
 */
const OF_A_PERSON =
  /\$\{(?:aws:username|aws:userid|aws:PrincipalTag\/[^},]+|(?:aws|sts):SourceIdentity|identitystore:UserId)\}/i;

/**
 * Returns why a Deny with this condition leaves more than certain names. Undefined if it leaves only certain names, or
 * none.
 */
function denialFlawOf({ operator, key, values, written }: Condition): string | undefined {
  const ofSource = key !== NAME;
  if (operator === 'null')
    return ofSource && values.some((value) => String(value) === 'true') ? undefined : FORBIDS_SOME;
  const [, set, not, comparison = ''] = COMPARISON.exec(operator) ?? [];
  const isLike = comparison === 'like';
  const forbidsEveryName = set === undefined && not === undefined && !ofSource && isLike && values.includes('*');
  if (forbidsEveryName) return undefined;
  if (set !== undefined || not === undefined) return FORBIDS_SOME;
  const possible = isLike ? values : values.filter((value) => !isAnything(String(value)));
  if (possible.length === 0 && values.length > 0) return undefined;
  return flawOf({ operator: `string${comparison}`, key, values: possible, written });
}
