import type { ErrorCode } from '../error-code.ts';

/**
 * A directory of IAM Identity Center that is one's own. Its id is globally unique, and AWS makes it.
 * Source of the forms: Identity Store API Reference, "DescribeUser" (`IdentityStoreId`); AWS CloudTrail User Guide, "CloudTrail
 * userIdentity element" (`identityStoreArn`).
 */
export interface IdentityStore {
  /** As it was written. */
  readonly source: string;
  readonly id: string;
  /** Who owns it, where its ARN was given. */
  readonly accountId?: string;
}

export class IdentityStoreError extends Error {
  readonly code = 'identity-store' satisfies ErrorCode;
}

const ID = 'd-[0-9a-f]{10}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** What `parseIdentityStore` reads. */
export const IDENTITY_STORE = new RegExp(`^(?:arn:aws[a-z-]*:identitystore::\\d{12}:identitystore/)?(?:${ID})$`);

/**
 * Reads `d-1234567890`, or `arn:aws:identitystore::111122223333:identitystore/d-1234567890`.
 * @throws IdentityStoreError saying what is wrong with it.
 */
export function parseIdentityStore(source: string): IdentityStore {
  if (!IDENTITY_STORE.test(source))
    throw new IdentityStoreError(
      `The identity store "${source}" is none: give its id (d-1234567890) or its ARN, as \`aws sso-admin list-instances\` says.`,
    );
  const { id, accountId } = partsOf(source);
  return { source, id, ...(accountId !== undefined && { accountId }) };
}

/** Whether an ARN as CloudTrail has it is that of one of the stores. Where one was given by its ARN, it is that account's. */
export function isOneOf(stores: readonly IdentityStore[], arn: string): boolean {
  const { id, accountId } = partsOf(arn);
  return stores.some((store) => store.id === id && (store.accountId ?? accountId) === accountId);
}

/** `d-…` of the ARN of an identity store, or of an id alone, and the account where the ARN says one. */
export function partsOf(text: string): { readonly id: string; readonly accountId?: string } {
  const [, accountId = '', id = text] = /^arn:[^:]+:identitystore::(\d*):identitystore\/(.+)$/s.exec(text) ?? [];
  return { id, ...(accountId !== '' && { accountId }) };
}
