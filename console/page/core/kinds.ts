import type { GrantJoin } from '../../../lib/attribution/chain.ts';

const CAPITALS: Readonly<Record<string, string>> = { iam: 'IAM', aws: 'AWS', eks: 'EKS', saml: 'SAML' };

/** A kind of actor or caller in words: `IAM user`. */
export function kindWords(kind: string): string {
  const words = kind.split('-').map((word) => CAPITALS[word] ?? word);
  const text = words.join(' ').replace('kubernetes', 'Kubernetes');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** People and what a person signs in as; all else is a program or the platform. */
export function isPerson(kind: string): boolean {
  return ['iam-user', 'root', 'identity-center-user', 'saml-user', 'federated-user', 'proxied-user'].includes(kind);
}

/** By what a grant is tied to what came of it, and whether that proves it. */
export function tieWords(joinedBy: GrantJoin | 'token' | undefined): {
  readonly words: string;
  readonly isSure: boolean;
} {
  return TIES[joinedBy ?? ''] ?? { words: 'tied in a way that is not recorded', isSure: false };
}

const TIES: Readonly<Record<string, { readonly words: string; readonly isSure: boolean }>> = {
  'access-key': { words: 'tied by the very access key', isSure: true },
  'session-start': { words: 'tied by the second in which the session began', isSure: true },
  'session-name': { words: "tied by the session's name alone", isSure: false },
  username: { words: 'tied by the username alone', isSure: false },
  token: { words: 'tied by the very token', isSure: true },
};
