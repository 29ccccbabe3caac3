import { isSecretName } from './secret-words.ts';

/**
 * What may be shown of a node: a plain word of the kubeconfig; anything but what looks like a secret; nothing; the
 * ends of a certificate; arguments of a command; or, of a mapping or a list, what is said for each field or item.
 */
export type Rule = 'shown' | 'open' | 'secret' | 'certificate' | 'arguments' | Fields | Items;

interface Fields {
  readonly fields: Readonly<Record<string, Rule>>;
  readonly others: 'open' | 'secret';
}

interface Items {
  readonly items: Rule;
}

const SHOWN = 'shown';

const EXEC: Fields = {
  fields: {
    apiVersion: SHOWN,
    command: 'open',
    args: 'arguments',
    env: { items: { fields: { name: SHOWN }, others: 'secret' } },
    installHint: 'open',
    interactiveMode: SHOWN,
    provideClusterInfo: SHOWN,
  },
  others: 'secret',
};

/** What signs in: only fields that are known for no secret are shown (kubeconfig v1, `AuthInfo`). */
const USER: Fields = {
  fields: {
    'client-certificate': SHOWN,
    'client-certificate-data': 'certificate',
    'client-key': SHOWN,
    tokenFile: SHOWN,
    username: SHOWN,
    as: SHOWN,
    'as-uid': SHOWN,
    'as-groups': 'open',
    'auth-provider': { fields: { name: SHOWN, config: { fields: {}, others: 'secret' } }, others: 'secret' },
    exec: EXEC,
  },
  others: 'secret',
};

/** A whole kubeconfig. */
export const KUBECONFIG: Fields = {
  fields: {
    'current-context': SHOWN,
    clusters: {
      items: {
        fields: {
          name: SHOWN,
          cluster: { fields: { 'certificate-authority-data': 'certificate' }, others: 'open' },
        },
        others: 'open',
      },
    },
    contexts: {
      items: {
        fields: { name: SHOWN, context: { fields: { cluster: SHOWN, user: SHOWN, namespace: SHOWN }, others: 'open' } },
        others: 'open',
      },
    },
    users: { items: { fields: { name: SHOWN, user: USER }, others: 'open' } },
  },
  others: 'open',
};

/** The rule for the field of a mapping. */
export function ruleOf(rule: Rule, name: string): Rule {
  if (typeof rule === 'object' && 'fields' in rule) {
    if (Object.hasOwn(rule.fields, name)) return rule.fields[name] ?? 'secret';
    return rule.others === 'open' && !isSecretName(name) ? 'open' : 'secret';
  }
  // A mapping where the kubeconfig has something else.
  return (rule === 'open' || rule === 'shown') && !isSecretName(name) ? 'open' : 'secret';
}

/** The rule for the items of a list. */
export function itemRule(rule: Rule): Rule {
  if (typeof rule === 'object' && 'items' in rule) return rule.items;
  return rule === 'open' || rule === 'shown' ? 'open' : 'secret';
}
