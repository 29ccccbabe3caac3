import { describe, expect, it } from 'vitest';
import { afterNotice, beforeNotice, surelySent } from '../../lib/claims/alert-memory.ts';
import { NOW } from '../contract/now.ts';

const alert = (...causes: ('unattributed' | 'ambiguous')[]) => ({ kind: 'alert', causes }) as const;
const resolved = (...causes: ('unattributed' | 'ambiguous')[]) => ({ kind: 'resolved', causes }) as const;

describe('the memory of a claim about its messages', () => {
  it('is sure after the alert was sent, and no longer after it was withdrawn', () => {
    const noted = beforeNotice(undefined, alert('unattributed'), NOW);
    expect(surelySent(noted)).toEqual([]);
    const sent = afterNotice(noted, alert('unattributed'), NOW);
    expect(surelySent(sent)).toEqual(['unattributed']);
    expect(afterNotice(sent, resolved('unattributed'), NOW)).toEqual({ at: NOW, causes: [], unsure: [] });
  });

  it('is unsure from before the withdrawal', () => {
    const sent = afterNotice(undefined, alert('unattributed', 'ambiguous'), NOW);
    const noted = beforeNotice(sent, resolved('unattributed', 'ambiguous'), NOW);
    expect(noted).toMatchObject({ causes: ['unattributed', 'ambiguous'], unsure: ['unattributed', 'ambiguous'] });
    const again = afterNotice(beforeNotice(noted, alert('ambiguous'), NOW), alert('ambiguous'), NOW);
    expect(again).toMatchObject({ causes: ['unattributed', 'ambiguous'], unsure: ['unattributed'] });
  });

  it('stays unsure if another cause is reported', () => {
    const noted = beforeNotice(undefined, alert('unattributed'), NOW);
    const other = afterNotice(beforeNotice(noted, alert('ambiguous'), NOW), alert('ambiguous'), NOW);
    expect(surelySent(other)).toEqual(['ambiguous']);
  });
});
