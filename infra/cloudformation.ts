/** A value that CloudFormation computes at deployment: `Ref`, `Fn::GetAtt`, `Fn::Sub`. */
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

/**
 * Resources by logical ID. A changed logical ID replaces its resource, so never derive one from a position in a list.
 */
export type Resources = { readonly [logicalId: string]: Resource };

export interface Output {
  readonly Description: string;
  readonly Value: Value;
}

export const ref = (logicalId: string): Intrinsic => ({ Ref: logicalId });
export const arnOf = (logicalId: string): GetAtt => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
/**
 * Returns an `Fn::Sub`. `${AWS::Region}` and similar names are CloudFormation's pseudo parameters, which are known only
 * at deployment.
 */
export const sub = (text: string): Substitution => ({ 'Fn::Sub': text });

/**
 * Returns a name for a logical ID, which may have only letters and digits. A hash distinguishes names that differ only
 * in other characters.
 */
export function logicalName(text: string): string {
  const letters = text.replace(/[^A-Za-z0-9]/g, '');
  return letters === text ? letters : `${letters}${hash(text)}`;
}

/** Returns the FNV-1a hash of 32 bits. It only needs to distinguish the names of one deployment. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0').toUpperCase();
}
