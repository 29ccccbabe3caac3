import { parseSamePersons } from '../../lib/attribution/same-person.ts';
import { type AttributionSettings, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseIdentityStore } from '../../lib/identity/identity-store.ts';
import { parseTrustedProxy } from '../../lib/identity/trusted-proxy.ts';
import { parseUsernameTemplate } from '../../lib/identity/username.ts';

export interface Configuration {
  readonly templates?: readonly string[];
  readonly proxies?: readonly string[];
  readonly stores?: readonly string[];
  readonly joined?: readonly string[];
}

/** The only place of these tests that knows how configuration is read. */
export function settingsOf({
  templates = [],
  proxies = [],
  stores = [],
  joined = [],
}: Configuration): AttributionSettings {
  return {
    ...DEFAULT_SETTINGS,
    usernameTemplates: templates.map(parseUsernameTemplate),
    trustedProxies: proxies.map(parseTrustedProxy),
    identityStores: stores.map(parseIdentityStore),
    samePerson: parseSamePersons(joined),
  };
}
