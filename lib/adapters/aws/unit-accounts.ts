import {
  type Account,
  type OrganizationsClient,
  paginateListAccountsForParent,
  paginateListOrganizationalUnitsForParent,
} from '@aws-sdk/client-organizations';

/** Returns the active accounts in the organizational units, and in units below them, each once. */
export async function activeAccountsBelow(
  client: OrganizationsClient,
  units: readonly string[],
): Promise<readonly Account[]> {
  const accounts = new Map<string | undefined, Account>();
  const below = new Set(units);
  // Iterating over a Set includes the units that are added during the loop.
  for (const unit of below) {
    for (const account of await accountsIn(client, unit)) accounts.set(account.Id, account);
    for (const id of await unitsIn(client, unit)) below.add(id);
  }
  return [...accounts.values()].filter(isActive);
}

/** Calls Organizations ListAccountsForParent (all pages). Returns the accounts directly in the unit. */
async function accountsIn(client: OrganizationsClient, ParentId: string): Promise<readonly Account[]> {
  const found: Account[] = [];
  for await (const { Accounts = [] } of paginateListAccountsForParent({ client, stopOnSameToken: true }, { ParentId }))
    found.push(...Accounts);
  return found;
}

/**
 * Calls Organizations ListOrganizationalUnitsForParent (all pages). Returns the IDs of the units directly in the unit.
 */
async function unitsIn(client: OrganizationsClient, ParentId: string): Promise<readonly string[]> {
  const found: string[] = [];
  const pages = paginateListOrganizationalUnitsForParent({ client, stopOnSameToken: true }, { ParentId });
  for await (const { OrganizationalUnits = [] } of pages)
    found.push(...OrganizationalUnits.flatMap(({ Id }) => Id ?? []));
  return found;
}

/**
 * Returns whether the account is active. AWS removed `Status` in September 2026 (FACTS), but other implementations may
 * have only that.
 */
export function isActive({ State, Status }: Account): boolean {
  return (State ?? Status) === 'ACTIVE';
}

/**
 * Returns whether the account is the management account of its organization. The ARN of every account contains that
 * account's ID.
 */
export function isManagementAccount({ Arn, Id }: Account): boolean {
  return Id !== undefined && Arn?.split(':')[4] === Id;
}
