import type { Section } from '../../lib/usecases/incident/report.ts';
import { certainty, isAboutSomebody } from '../../lib/words/certainty.ts';
import type { Line } from '../../lib/words/document.ts';

/** How far one may rely on it, in the words of `whois`; undefined where it is about nobody. */
export function certaintyText({ attribution, sessions, chain, standing }: Section): string | undefined {
  if (!isAboutSomebody(attribution)) return undefined;
  if (standing === 'candidate' && attribution.actor !== undefined) return UNDECIDED;
  const hasKey = chain.some((link) => link.eventName !== 'TokenRequest' && link.accessKeyId !== undefined);
  const isDirectKey = sessions.some(({ accessKeyId }) => accessKeyId !== undefined);
  return certainty(attribution, { isOfEvent: true, hasKey: hasKey || isDirectKey, hasTime: true });
}

/** Of somebody who is known to have made requests like the one that is asked about. */
const UNDECIDED =
  'No: nothing says that this request is theirs. Others made such requests too, or the log does not show it.';

export function certaintyOf(section: Section): Line | undefined {
  const words = certaintyText(section);
  return words === undefined ? undefined : [words];
}
