/** What CloudFormation works out at deployment: `Ref`, `Fn::GetAtt`, `Fn::Sub`. */
export type Intrinsic = { readonly Ref: string } | GetAtt | Substitution;
export interface GetAtt {
  readonly 'Fn::GetAtt': readonly [string, string];
}
export interface Substitution {
  readonly 'Fn::Sub': string;
}
export type Value = string | number | boolean | null | Intrinsic | readonly Value[] | { readonly [key: string]: Value };

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: 'Delete' | 'Retain' | 'RetainExceptOnCreate';
  readonly UpdateReplacePolicy?: 'Delete' | 'Retain';
}

/** Resources by logical id. A logical id that changes replaces its resource: never derive one from a place in a list. */
export type Resources = { readonly [logicalId: string]: Resource };

export interface Output {
  readonly Description: string;
  readonly Value: Value;
}

export const ref = (logicalId: string): Intrinsic => ({ Ref: logicalId });
export const arnOf = (logicalId: string): GetAtt => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
/** `${AWS::Region}` and the like are CloudFormation's pseudo parameters: known at deployment, not needed for packaging. */
export const sub = (text: string): Substitution => ({ 'Fn::Sub': text });

/** A logical id may hold letters and digits only; a hash keeps two names apart that differ in the rest alone. */
export function logicalName(text: string): string {
  const letters = text.replace(/[^A-Za-z0-9]/g, '');
  return letters === text ? letters : `${letters}${hash(text)}`;
}

/** FNV-1a, 32 bits: only has to tell the names of one deployment apart. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0').toUpperCase();
}
