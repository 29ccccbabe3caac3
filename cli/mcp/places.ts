import type { Command } from 'commander';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { epochMillis } from '../../lib/time.ts';
import { checkSignIn } from '../access/aws-profiles.ts';
import { type ServiceOptions, serviceAccess } from '../access/service-access.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { countedGroupsOf } from '../options/log-groups.ts';
import { optionOf } from '../options/option-name.ts';
import { checkPaths } from '../options/paths.ts';
import { type RuleOptions, ruleSettings } from '../options/rule-options.ts';
import { s3AccessOf } from '../options/s3-options.ts';
import { s3OptionsOf } from '../whois/files.ts';
import { checkAnythingUsage, type WhoisOptions } from '../whois/usage.ts';

/** The service, files and rules of the tools. Whoever starts the server chooses them; no call can change them. */
export interface Places extends ServiceOptions, RuleOptions {
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
  readonly logGroup: readonly string[];
  readonly requestPayer?: boolean;
}

/**
 * Checks the places before the server starts.
 * @throws CommandError if no call could be answered with them.
 */
export async function checkPlaces(places: Places): Promise<void> {
  const { audit = [], cloudtrail = [] } = places;
  if ([...audit, ...cloudtrail].includes(STANDARD_INPUT))
    throw wrongUsage('Standard input (-) carries the protocol, so it cannot be a file too. Give paths of files.');
  serviceAccess(places); // throws if the options exclude each other
  const options = asOfWhois(places);
  checkAnythingUsage(options, epochMillis(Date.now()));
  ruleSettings(places);
  countedGroupsOf(places.logGroup);
  await checkSignIn(places);
  await checkPaths([...audit, ...cloudtrail], s3AccessOf(s3OptionsOf(options)));
}

function asOfWhois({ profile, region, ...places }: Places): WhoisOptions {
  return {
    ...places,
    ...(profile !== undefined && { profile: [profile] }),
    ...(region !== undefined && { region: [region] }),
    format: 'json',
  };
}

const NAMES = [
  ...(['api', 'table', 'profile', 'region', 'audit', 'cloudtrail', 'logGroup', 'requestPayer'] as const),
  ...(['usernameTemplate', 'trustedProxy', 'identityStore', 'samePerson'] as const),
];

/** Returns the places as words of a command line, as far as the command has options for them. */
export function placeWords(places: Places, command: Command): readonly string[] {
  return NAMES.flatMap((name) => {
    const flag = optionOf(name);
    if (!command.options.some(({ long }) => long === flag)) return [];
    const values: readonly unknown[] = [places[name]].flat();
    return values.flatMap((value) => {
      if (value === true) return flag;
      return typeof value === 'string' ? `${flag}=${value}` : [];
    });
  });
}
