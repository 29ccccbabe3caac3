import type { Reason } from '../attribution/attribution.ts';
import { REASON_WORDS } from '../claims/advice.ts';

/** What to do about a reason where files were read instead of asking AWS, one sentence. */
export function nextInFiles(reason: Reason): string {
  return NEXT_IN_FILES[reason] ?? REASON_WORDS[reason].next;
}

const NEXT_IN_FILES: Readonly<Partial<Record<Reason, string>>> = {
  'access-key-not-seen':
    'Add the files of the trail in the account and Region where the role was assumed, of the hours before too.',
  'no-matching-grant':
    "Add the files of other Regions' and accounts' trails, and of the hours before; CloudTrail may be 15 minutes behind.",
  'caller-account-not-logged': 'Add the CloudTrail files of that account.',
  'upstream-grant-not-found':
    'Add the files of the trail in the account and Region of that role, of the hours before too.',
  'grant-not-found': 'Add the files of the hours before: such sessions last up to 36 hours.',
};
