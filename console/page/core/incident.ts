import { effect, signal } from '@preact/signals';
import { type Collected, collectedFrom, NOTHING_COLLECTED } from './collected.ts';

const KEPT_AS = 'eks-whois.incident';

/** What was collected for a report: in this tab of the browser alone, until it is closed. */
export const collected = signal<Collected>(kept());
/** Whether the browser keeps it; where it does not, it lasts as long as the page. */
export const isKept = signal(true);

effect(() => {
  isKept.value = keep(collected.value);
});

export function changeIncident(change: (now: Collected) => Collected): void {
  collected.value = change(collected.value);
}

/** The records of others are not taken for it: what lies there was written by this page, or is none. */
function kept(): Collected {
  try {
    return collectedFrom(JSON.parse(sessionStorage.getItem(KEPT_AS) ?? 'null'));
  } catch {
    return NOTHING_COLLECTED; // refused by the browser's settings, or not ours
  }
}

function keep(what: Collected): boolean {
  try {
    if (what === NOTHING_COLLECTED) sessionStorage.removeItem(KEPT_AS);
    else sessionStorage.setItem(KEPT_AS, JSON.stringify(what));
    return true;
  } catch {
    return false; // refused by the browser's settings, or full
  }
}
