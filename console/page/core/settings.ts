import type { ConsoleSettings } from '../../settings.ts';

/** What the service told the page; where nothing can be read, as of a service that takes AWS credentials alone. */
export const settings: ConsoleSettings = readSettings();

function readSettings(): ConsoleSettings {
  const text = document.querySelector('meta[name="eks-whois"]')?.getAttribute('content') ?? '';
  try {
    return JSON.parse(text) as ConsoleSettings;
  } catch {
    return { signIn: 'command' };
  }
}
