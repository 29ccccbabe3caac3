import { isSameRole } from '../identity/arn.ts';
import { readUsername, type UsernameTemplate } from '../identity/username.ts';
import type { Action } from './answer.ts';
import type { GrantIndex } from './grant-index.ts';
import { isProxiedBy } from './proxy.ts';
import { rolesOfCaller } from './session-claim.ts';
import type { AttributionSettings } from './settings.ts';

/** Collects configured templates and proxies that have not matched any event. Otherwise nobody would notice a misspelled one. */
export class UnmetSettings {
  readonly #index: GrantIndex;
  #templates: AttributionSettings['usernameTemplates'];
  #proxies: AttributionSettings['trustedProxies'];

  constructor({ usernameTemplates, trustedProxies }: AttributionSettings, index: GrantIndex) {
    this.#index = index;
    this.#templates = usernameTemplates;
    this.#proxies = trustedProxies;
  }

  add(action: Action): void {
    if (this.#templates.length > 0) this.#templates = this.#templates.filter((each) => !this.#fits(each, action));
    if (this.#proxies.length > 0)
      this.#proxies = this.#proxies.filter((each) => !isProxiedBy(action, each, this.#index));
  }

  /** The templates that matched nothing, as they were written. */
  get templates(): readonly string[] {
    return this.#templates.map(({ source }) => source);
  }

  /** The proxies that matched nothing, as they were written. */
  get proxies(): readonly string[] {
    return this.#proxies.map(({ source }) => source);
  }

  /** Returns whether the template can read the username, even if the event also states the session name. */
  #fits(template: UsernameTemplate, { caller }: Action): boolean {
    const { roleId, username = '', accountId = '' } = caller;
    if (roleId === undefined || readUsername(template, username, accountId).length === 0) return false;
    const { role } = template;
    return role === undefined || rolesOfCaller(caller, this.#index).some((own) => isSameRole(own, role));
  }
}
