import { parseUsernameTemplate, type UsernameTemplate, UsernameTemplateError } from '../lib/identity/username.ts';
import { wrongUsage } from './failure.ts';

/** Reads `--username-template`; a placeholder that does not exist is wrong usage. */
export function templatesOf(sources: readonly string[]): UsernameTemplate[] {
  try {
    return sources.map(parseUsernameTemplate);
  } catch (error) {
    if (error instanceof UsernameTemplateError) throw wrongUsage(error.message);
    throw error;
  }
}
