const PROPER: Readonly<Record<string, string>> = {
  iam: 'IAM',
  aws: 'AWS',
  eks: 'EKS',
  saml: 'SAML',
  kubernetes: 'Kubernetes',
};

/** Returns words for the kind of an actor or caller, as in a sentence: `IAM user`, `role session`. */
export function kindWords(kind: string): string {
  const words = kind.split('-').map((word) => PROPER[word] ?? word);
  return words.join(' ').replace('identity center', 'Identity Center');
}

/** Returns an actor's label (`actorLabel`) with words for the kind: `IAM user alice`. */
export function labelInWords(label: string): string {
  const end = label.indexOf(' ');
  return end < 0 ? label : kindWords(label.slice(0, end)) + label.slice(end);
}
