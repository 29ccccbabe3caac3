import { describe, expect, it } from 'vitest';
import { afterNotice, beforeNotice, surelySent } from '../../lib/claims/alert-memory.ts';
import { NOW } from '../contract/now.ts';

const alert = (...causes: ('unattributed' | 'ambiguous')[]) => ({ kind: 'alert', causes }) as const;
const resolved = (...causes: ('unattributed' | 'ambiguous')[]) => ({ kind: 'resolved', causes }) as const;

describe('what a claim remembers of its notices', () => {
  it('is told for sure once the alert went out, and no longer when it was taken back', () => {
    const noted = beforeNotice(undefined, alert('unattributed'), NOW);
    expect(surelySent(noted)).toEqual([]);
    const sent = afterNotice(noted, alert('unattributed'), NOW);
    expect(surelySent(sent)).toEqual(['unattributed']);
    expect(afterNotice(sent, resolved('unattributed'), NOW)).toEqual({ at: NOW, causes: [], unsure: [] });
  });

  it('is unsure from before it is taken back', () => {
    const sent = afterNotice(undefined, alert('unattributed', 'ambiguous'), NOW);
    const noted = beforeNotice(sent, resolved('unattributed', 'ambiguous'), NOW);
    expect(noted).toMatchObject({ causes: ['unattributed', 'ambiguous'], unsure: ['unattributed', 'ambiguous'] });
    const again = afterNotice(beforeNotice(noted, alert('ambiguous'), NOW), alert('ambiguous'), NOW);
    expect(again).toMatchObject({ causes: ['unattributed', 'ambiguous'], unsure: ['unattributed'] });
  });

  it('stays unsure where another cause is told of', () => {
    const noted = beforeNotice(undefined, alert('unattributed'), NOW);
    const other = afterNotice(beforeNotice(noted, alert('ambiguous'), NOW), alert('ambiguous'), NOW);
    expect(surelySent(other)).toEqual(['ambiguous']);
  });
});
