/** A name of something in Kubernetes, RBAC's with colons among them; perhaps shortened, as tables show it. */
const NAME = /^([a-z\d](?:[\w.:-]{0,251}[a-z\d-])?)(?:\*|…|\.\.\.)?$/i;
/** Addresses and ARNs are names of another kind. */
const OTHER = /^(?:\d{1,3}\.){3}\d{1,3}$|^arn:|^https?:/i;
const MOST_WORDS = 8;

/**
 * The name of an object in what somebody typed or copied from kubectl: by itself, behind its kind or namespace, quoted in a
 * message, or at the beginning of a line of `kubectl get`. Undefined where there is none.
 */
export function objectNameOf(text: string): string | undefined {
  const words = text.trim().split(/\s+/);
  if (words.length > MOST_WORDS) return undefined;
  const [first = '', second = ''] = words;
  const quoted = /^\S+ "([^"\s]+)"/.exec(text.trim())?.[1];
  if (quoted !== undefined) return nameIn(quoted);
  if (words.length === 1 || /^\d+\/\d+$/.test(second) || first.includes('/')) return nameIn(first);
  return words.length === 2 ? nameIn(second) : undefined;
}

function nameIn(word: string): string | undefined {
  if (OTHER.test(word) || /^[^:]*:.*\//.test(word)) return undefined;
  return NAME.exec(word.split('/').at(-1) ?? '')?.[1];
}

/** What a Deployment, a Job or a DaemonSet put in front of the random end of a name; the longest first. */
export function shorterBeginnings(name: string): readonly string[] {
  const parts = name.split('-');
  return [1, 2].flatMap((ends) => (parts.length > ends ? `${parts.slice(0, -ends).join('-')}-` : []));
}
