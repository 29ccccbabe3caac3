import { type Command, Option } from 'commander';
import { type AttributionSettings, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseRecording, type Recording, RecordingError } from '../../lib/audit/recording.ts';
import { IdentityStoreError, parseIdentityStore } from '../../lib/identity/identity-store.ts';
import { parseTrustedProxy, TrustedProxyError } from '../../lib/identity/trusted-proxy.ts';
import { parseUsernameTemplate, UsernameTemplateError } from '../../lib/identity/username.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { withValues } from './with-values.ts';

/** What a person tells the rules, wherever audit events are attributed: none, unless something is given. */
export interface RuleOptions {
  readonly usernameTemplate: readonly string[];
  readonly trustedProxy: readonly string[];
  readonly identityStore: readonly string[];
}

/** The options of what is told the rules, the same on every command that attributes. */
export function withRules(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--username-template <template...>',
        'how the cluster makes usernames, as aws-auth or an access entry has it: admin:{{SessionName}}, for the callers of one role <role ARN>=admin:{{SessionName}}',
      ).default([], 'what access entries have unless told otherwise'),
    )
    .addOption(
      new Option(
        '--trusted-proxy <proxy...>',
        'who is believed when acting for an impersonated user: a service account (* in its name for several), another username, or a role ARN',
      ).default([], 'nobody'),
    )
    .addOption(
      new Option(
        '--identity-store <store...>',
        'a directory of Identity Center that is yours, by id (d-1234567890) or ARN: its people go by their names, those of others are flagged',
      ).default([], 'none: each by the name with the directory'),
    );
}

/** `--record`, the same on every command that stores records. */
export function recordOption(): Option {
  return new Option(
    '--record <what>',
    'which events become records: all, or all but allowed get, list and watch of some resources, omit-reads:events,leases (* for all); changes, exec, secrets and what was denied always do',
  ).default('all');
}

/** Reads `--record`; what it cannot mean is wrong usage. */
export function recordingOf(text: string): Recording {
  try {
    return parseRecording(text);
  } catch (error) {
    if (error instanceof RecordingError) throw wrongUsage(`--record: ${error.message}`);
    throw error;
  }
}

/** The same options again, for a command that is to be run next. */
export function ruleWords({ usernameTemplate, trustedProxy, identityStore }: RuleOptions): readonly string[] {
  return [
    ...withValues('--username-template', usernameTemplate),
    ...withValues('--trusted-proxy', trustedProxy),
    ...withValues('--identity-store', identityStore),
  ];
}

/** The rules' settings by the options; what they cannot mean is wrong usage. */
export function ruleSettings({ usernameTemplate, trustedProxy, identityStore }: RuleOptions): AttributionSettings {
  try {
    return {
      ...DEFAULT_SETTINGS,
      usernameTemplates: usernameTemplate.map(parseUsernameTemplate),
      trustedProxies: trustedProxy.map(parseTrustedProxy),
      identityStores: identityStore.map(parseIdentityStore),
    };
  } catch (error) {
    if (isRefusal(error)) throw wrongUsage(error.message);
    throw error;
  }
}

function isRefusal(error: unknown): error is Error {
  return [UsernameTemplateError, TrustedProxyError, IdentityStoreError].some((refusal) => error instanceof refusal);
}
