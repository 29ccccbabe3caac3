/** A report of the spokes that an account deploys, without some of them. */
export interface PartialRollOut {
  readonly reportedBy: string;
  /** The number of spokes that it left out, because there are too many. */
  readonly left?: number;
  /** Whether it could not list the accounts of its organizational units. Accounts without a spoke are then not known. */
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
