import type { Section } from '../../lib/usecases/incident/report.ts';
import { certainty, isAboutSomebody } from '../../lib/words/certainty.ts';
import type { Line } from '../../lib/words/document.ts';

/** How far one may rely on it, in the words of `whois`; undefined where it is about nobody. */
export function certaintyText({ attribution, sessions, chain }: Section): string | undefined {
  if (!isAboutSomebody(attribution)) return undefined;
  const hasKey = chain.some((link) => link.eventName !== 'TokenRequest' && link.accessKeyId !== undefined);
  const isDirectKey = sessions.some(({ accessKeyId }) => accessKeyId !== undefined);
  return certainty(attribution, { isOfEvent: true, hasKey: hasKey || isDirectKey, hasTime: true });
}

export function certaintyOf(section: Section): Line | undefined {
  const words = certaintyText(section);
  return words === undefined ? undefined : [words];
}
