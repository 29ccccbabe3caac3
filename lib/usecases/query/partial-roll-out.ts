/** A roll-out's report that does not have all spokes of the account that deploys them. */
export interface PartialRollOut {
  readonly reportedBy: string;
  /** The number of spokes that the report left out, because it has a limit. */
  readonly left?: number;
  /** Whether the report could not list the accounts of its organizational units. Then nobody knows which accounts lack a spoke. */
  readonly accountsUnlisted?: true;
}

/** Returns sentences that say what the report lacks. */
export function gapsText({ reportedBy, left, accountsUnlisted }: PartialRollOut): readonly string[] {
  const more =
    left &&
    `The roll-out that ${reportedBy} reports has ${left.toLocaleString('en-US')} spokes more, which are not listed.`;
  const unlisted =
    accountsUnlisted &&
    `Accounts without a spoke are not known: ${reportedBy} could not list the accounts of its organizational units.`;
  return [more, unlisted].filter((each) => typeof each === 'string');
}
