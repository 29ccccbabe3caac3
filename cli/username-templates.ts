import { Option } from 'commander';
import { parseUsernameTemplate, type UsernameTemplate, UsernameTemplateError } from '../lib/identity/username.ts';
import { wrongUsage } from './failure.ts';

/** `--username-template`, the same wherever audit events are attributed. */
export function usernameTemplateOption(): Option {
  return new Option(
    '--username-template <template...>',
    'how the cluster makes usernames, as aws-auth or an access entry has it: admin:{{SessionName}}',
  ).default([], 'what access entries have unless told otherwise');
}

/** Reads `--username-template`; a placeholder that does not exist is wrong usage. */
export function templatesOf(sources: readonly string[]): UsernameTemplate[] {
  try {
    return sources.map(parseUsernameTemplate);
  } catch (error) {
    if (error instanceof UsernameTemplateError) throw wrongUsage(error.message);
    throw error;
  }
}
