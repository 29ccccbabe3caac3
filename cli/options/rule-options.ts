import { type Command, Option } from 'commander';
import { parseSamePersons, SamePersonError } from '../../lib/attribution/same-person.ts';
import { type AttributionSettings, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseRecording, type Recording, RecordingError } from '../../lib/audit/recording.ts';
import { IdentityStoreError, parseIdentityStore } from '../../lib/identity/identity-store.ts';
import { parseTrustedProxy, TrustedProxyError } from '../../lib/identity/trusted-proxy.ts';
import { parseUsernameTemplate, UsernameTemplateError } from '../../lib/identity/username.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { GROUPS } from '../help/command-help.ts';
import { withValues } from './with-values.ts';

/** The settings of attribution that a person gives. All lists are empty unless something is given. */
export interface RuleOptions {
  readonly usernameTemplate: readonly string[];
  readonly trustedProxy: readonly string[];
  readonly identityStore: readonly string[];
  readonly samePerson: readonly string[];
}

/** Adds the options that change the rules, the same for every command that attributes. */
export function withRules(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--username-template <template...>',
        'how the cluster builds usernames, copied from aws-auth or the access entry: admin:{{SessionName}}. For one role alone: <role ARN>=admin:{{SessionName}}',
      )
        .default([], 'the usernames that access entries build by default')
        .helpGroup(GROUPS.rules),
    )
    .addOption(
      new Option(
        '--trusted-proxy <proxy...>',
        'who is trusted to impersonate users: a service account (* in its name for several), another username, or a role ARN',
      )
        .default([], 'nobody')
        .helpGroup(GROUPS.rules),
    )
    .addOption(
      new Option(
        '--identity-store <store...>',
        'your Identity Center directory, by ID (d-1234567890) or ARN. Its users are shown by name alone, and users of other directories are flagged',
      )
        .default([], 'none. Every user is shown with their directory')
        .helpGroup(GROUPS.rules),
    )
    .addOption(
      new Option(
        '--same-person <ids...>',
        'actor IDs of one person, as <id>=<id> (actor.id of records). The person is counted, listed and found under the first ID',
      )
        .default([], 'none. Each ID is a person of its own')
        .helpGroup(GROUPS.rules),
    );
}

/** Returns `--record`, the same for every command that stores records. */
export function recordOption(): Option {
  return new Option(
    '--record <what>',
    'which events become records. omit-reads:events,leases leaves out allowed get, list and watch of these resources, and omit-reads:* those of all resources. Changes, exec, secrets and denied requests are always recorded',
  )
    .default('all')
    .helpGroup(GROUPS.rules);
}

/** Parses `--record`. @throws CommandError if it is neither `all` nor `omit-reads:…`. */
export function recordingOf(text: string): Recording {
  try {
    return parseRecording(text);
  } catch (error) {
    if (error instanceof RecordingError) throw wrongUsage(`--record: ${error.message}`);
    throw error;
  }
}

/** Returns the same options as words of a command to run next. */
export function ruleWords({
  usernameTemplate,
  trustedProxy,
  identityStore,
  samePerson,
}: RuleOptions): readonly string[] {
  return [
    ...withValues('--username-template', usernameTemplate),
    ...withValues('--trusted-proxy', trustedProxy),
    ...withValues('--identity-store', identityStore),
    ...withValues('--same-person', samePerson),
  ];
}

/**
 * Returns the settings of attribution.
 * @throws CommandError if a template, proxy, identity store or group of IDs cannot be read.
 */
export function ruleSettings({
  usernameTemplate,
  trustedProxy,
  identityStore,
  samePerson,
}: RuleOptions): AttributionSettings {
  try {
    return {
      ...DEFAULT_SETTINGS,
      usernameTemplates: usernameTemplate.map(parseUsernameTemplate),
      trustedProxies: trustedProxy.map(parseTrustedProxy),
      identityStores: identityStore.map(parseIdentityStore),
      samePerson: parseSamePersons(samePerson),
    };
  } catch (error) {
    if (isRefusal(error)) throw wrongUsage(error.message);
    throw error;
  }
}

function isRefusal(error: unknown): error is Error {
  return [UsernameTemplateError, TrustedProxyError, IdentityStoreError, SamePersonError].some(
    (refusal) => error instanceof refusal,
  );
}
