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
 */
export function flawOf({ operator, key, values }: Condition): string | undefined {
  const ofSource = key !== NAME;
  if (operator === 'null') {
    const mustBe = ofSource && values.length > 0 && values.every((value) => String(value) === 'false');
    return mustBe ? undefined : ofSource ? 'it asks for none' : 'every session has a name';
  }
  const [, set, not, comparison, optional] = COMPARISON.exec(operator) ?? [];
  if (comparison === undefined) return 'it is no comparison of texts';
  if (not !== undefined) return 'it forbids some and lets all others in';
  if (ofSource && (optional !== undefined || set === 'forallvalues:')) return 'it holds without a source identity too';
  if (values.length === 0) return 'it names no value';
  if (values.some((value) => isAnything(value)))
    return comparison === 'like' ? 'any value meets it' : 'no value meets it: StringEquals takes the star for a star';
  return values.includes(SHARED_NAME)
    ? 'everyone who signs in by `aws eks get-token --role-arn` is called so'
    : undefined;
}

function isAnything(value: unknown): boolean {
  return typeof value === 'string' && /^[*?]+$/.test(value);
}

/** Whether a Deny under this condition leaves only certain names or source identities. */
export function deniesOthers({ operator, key, values }: Condition): boolean {
  if (operator === 'null') return key !== NAME && values.some((value) => String(value) === 'true');
  const [, set, not, comparison] = COMPARISON.exec(operator) ?? [];
  if (set !== undefined || not === undefined) return false;
  return values.length > 0 && !(comparison === 'like' && values.some(isAnything));
}
