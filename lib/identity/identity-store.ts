import type { ErrorCode } from '../error-code.ts';

/**
 * A directory of IAM Identity Center that the operator configured as their own. AWS makes its ID, which is unique in
 * the whole world. Source of the forms: Identity Store API Reference, "DescribeUser" (`IdentityStoreId`), and AWS
 * CloudTrail User Guide, "CloudTrail userIdentity element" (`identityStoreArn`).
 */
export interface IdentityStore {
  /** The text as it was configured. */
  readonly source: string;
  readonly id: string;
  /** The account that owns the directory. Present if the ARN was configured. */
  readonly accountId?: string;
}

export class IdentityStoreError extends Error {
  readonly code = 'identity-store' satisfies ErrorCode;
}

const ID = 'd-[0-9a-f]{10}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** Matches what `parseIdentityStore` accepts. */
export const IDENTITY_STORE = new RegExp(`^(?:arn:aws[a-z-]*:identitystore::\\d{12}:identitystore/)?(?:${ID})$`);

/**
 * Parses `d-1234567890`, or `arn:aws:identitystore::111122223333:identitystore/d-1234567890`.
 * @throws IdentityStoreError that says what is wrong.
 */
export function parseIdentityStore(source: string): IdentityStore {
  if (!IDENTITY_STORE.test(source))
    throw new IdentityStoreError(
      `"${source}" is not the ID of an identity store. Give the ID (d-1234567890) or the ARN, as \`aws sso-admin list-instances\` shows them.`,
    );
  const { id, accountId } = partsOf(source);
  return { source, id, ...(accountId !== undefined && { accountId }) };
}

/**
 * Returns whether an ARN in CloudTrail's form is that of one of the stores. If a store was given by its ARN, the
 * account must be equal too.
 */
export function isOneOf(stores: readonly IdentityStore[], arn: string): boolean {
  const { id, accountId } = partsOf(arn);
  return stores.some((store) => store.id === id && (store.accountId ?? accountId) === accountId);
}

/** Returns the ID `d-…` in an identity store's ARN, or an ID alone. If the ARN states the account, returns that too. */
export function partsOf(text: string): { readonly id: string; readonly accountId?: string } {
  const [, accountId = '', id = text] = /^arn:[^:]+:identitystore::(\d*):identitystore\/(.+)$/s.exec(text) ?? [];
  return { id, ...(accountId !== '' && { accountId }) };
}
