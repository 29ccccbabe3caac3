import { isJsonObject, type JsonObject, objectAt } from '../json.ts';
import { SHARED_NAME } from './assumption.ts';

/** IAM allows one value where a list is meant. */
export function several(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

/** One condition of a policy's statement; operator and key without regard to case, as IAM reads them. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly unknown[];
  /** Operator and key as the policy spells them. */
  readonly written: string;
}

export function conditionsOf(statement: JsonObject): readonly Condition[] {
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

/** `Null` asks whether the key is there; a comparison may be one of sets, and may hold where the key is missing. */
const COMPARISON = /^(foranyvalue:|forallvalues:)?string(not)?(equals|equalsignorecase|like)(ifexists)?$/;

/** On the session name or the source identity. */
export function concernsNames({ key }: Condition): boolean {
  return key === NAME || SOURCE_IDENTITY.includes(key);
}

/**
 * Why an Allow's condition on the name or the source identity names nobody; undefined where it does (IAM User Guide,
 * "IAM JSON policy elements: Condition operators"). A session always has a name, and need not have a source identity.
 * One value that names nobody is enough, since any of them may be met.
 */
export function flawOf({ operator, key, values }: Condition): string | undefined {
  const ofSource = key !== NAME;
  if (operator === 'null') return ofSource ? nullFlaw(values) : 'every session has a name';
  const [, set, not, comparison, optional] = COMPARISON.exec(operator) ?? [];
  if (comparison === undefined) return 'it is no comparison of texts';
  if (not !== undefined) return FORBIDS_SOME;
  if (ofSource && (optional !== undefined || set === 'forallvalues:')) return 'it holds without a source identity too';
  if (values.length === 0) return 'it names no value';
  const flaws = values.map((value) => valueFlaw(String(value), comparison, ofSource));
  return flaws.find((flaw) => flaw !== undefined);
}

/** Of `Null` on the source identity: it must be there. */
function nullFlaw(values: readonly unknown[]): string | undefined {
  const mustBe = values.length > 0 && values.every((value) => String(value) === 'false');
  return mustBe ? undefined : 'it asks for none';
}

const FORBIDS_SOME = 'it forbids some and lets all others in';

/**
 * Why a value ties the session to nobody. Fixed texts are the names of those who may come in, save the one that many
 * have. A wildcard for a name leaves the choice to the caller unless a variable that is a person stands beside it; a
 * source identity is chosen once, where sts:SetSourceIdentity allows it, and kept from then on, so a pattern of some
 * text asks for as much as `Null` does.
 */
function valueFlaw(value: string, comparison: string, ofSource: boolean): string | undefined {
  if (isAnything(value))
    return comparison === 'like' ? 'any value meets it' : 'no value meets it: StringEquals takes the star for a star';
  const given = comparison === 'equalsignorecase' ? value.toLowerCase() : value;
  if (given === (comparison === 'equalsignorecase' ? SHARED_NAME.toLowerCase() : SHARED_NAME))
    return 'everyone who signs in by `aws eks get-token --role-arn` is called so';
  if (OF_A_PERSON.test(value)) return undefined;
  if (VARIABLE.test(value)) return 'it has no variable that is a person';
  return comparison === 'like' && !ofSource && /[*?]/.test(value.replace(LITERAL, ''))
    ? 'callers choose what the wildcard stands for'
    : undefined;
}

function isAnything(value: string): boolean {
  return /^[*?]+$/.test(value);
}

/** `${*}`, `${?}` and `${$}` are these characters themselves (IAM User Guide, "Variables and tags"). */
const LITERAL = /\$\{[*?$]\}/g;
const VARIABLE = /\$\{[^}*?$]+\}/;
/**
 * The variables that differ from person to person; keys are read without regard to case. A variable with a default
 * (`${aws:username, 'x'}`) is none: all who lack the key share the default (the same page).
 */
const OF_A_PERSON =
  /\$\{(?:aws:username|aws:userid|aws:PrincipalTag\/[^},]+|(?:aws|sts):SourceIdentity|identitystore:UserId)\}/i;

/** Why a Deny under this condition leaves other names than certain ones; undefined where it leaves but those, or none. */
export function denialFlawOf({ operator, key, values, written }: Condition): string | undefined {
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
