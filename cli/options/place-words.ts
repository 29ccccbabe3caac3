import type { FilesOptions } from './files-options.ts';
import { ruleWords } from './rule-options.ts';
import { withValues } from './with-values.ts';

/** The options that say where a command searches, and by which rules it attributes. Some commands take several profiles and Regions. */
export interface Places extends Partial<Optional<FilesOptions>> {
  readonly api?: string | undefined;
  readonly table?: string | undefined;
  readonly profile?: string | readonly string[] | undefined;
  readonly region?: string | readonly string[] | undefined;
}

type Optional<Options> = { readonly [Name in keyof Options]: Options[Name] | undefined };

/** Returns the options as words of another command that takes all of them. */
export function placeWords(places: Places): readonly string[] {
  const { api, table, audit, cloudtrail, clusterName, clusterArn, logGroup, requestPayer } = places;
  const { usernameTemplate, trustedProxy, identityStore, samePerson } = places;
  return [
    ...withValues('--audit', listOf(audit)),
    ...withValues('--cloudtrail', listOf(cloudtrail)),
    ...withValues('--api', listOf(api)),
    ...withValues('--table', listOf(table)),
    ...listOf(places.profile).flatMap((each) => withValues('--profile', [each])),
    ...listOf(places.region).flatMap((each) => withValues('--region', [each])),
    ...withValues('--cluster-name', listOf(clusterName)),
    ...withValues('--cluster-arn', listOf(clusterArn)),
    ...ruleWords({
      usernameTemplate: listOf(usernameTemplate),
      trustedProxy: listOf(trustedProxy),
      identityStore: listOf(identityStore),
      samePerson: listOf(samePerson),
    }),
    ...withValues('--log-group', listOf(logGroup)),
    ...(requestPayer === true ? ['--request-payer'] : []),
  ];
}

/**
 * Returns the options for `records` and the other commands that take one profile and one Region: the first of each. They take options of
 * files only with an audit log.
 */
export function forRecords({ profile, region, ...places }: Places): Places {
  const signIn = { profile: listOf(profile).slice(0, 1), region: listOf(region).slice(0, 1) };
  if (places.audit !== undefined) return { ...places, ...signIn };
  const { cloudtrail: _trail, requestPayer: _pays, logGroup: _group, ...ofService } = withoutCluster(places);
  return { ...ofService, ...signIn };
}

/** Returns the options for `whois` and `incident`, which cannot name the cluster of events that name none. */
export function withoutCluster({ clusterName: _name, clusterArn: _arn, ...others }: Places): Places {
  return others;
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}
