import { describe, expect, it } from 'vitest';
import { asJson } from '../../cli/doctor/report.ts';
import { findingsIn } from '../../console/page/core/todo.ts';
import { finding } from '../../lib/doctor/finding.ts';

const NOTHING = {
  unchecked: [],
  clusters: [],
  usernameTemplates: [],
  impersonators: [],
  cost: undefined,
  profile: undefined,
};
const off = finding('audit-log-off', {
  subject: 'prod',
  evidence: 'no log type',
  mend: 'aws eks update-cluster-config',
});
const stale = finding('mapping-stale', { subject: 'old', evidence: 'aws-auth', mend: 'take it out' });

describe('what doctor wrote as JSON', () => {
  it('is shown with the gravest finding first', () => {
    expect(findingsIn(asJson({ ...NOTHING, findings: [stale, off] }))).toEqual([off, stale]);
    expect(findingsIn(asJson({ ...NOTHING, findings: [] }))).toEqual([]);
  });

  it.each(['', 'no JSON', '[]', '{"findings":{}}', '{"kind":"Event"}'])('is not taken for it: %j', (text) => {
    expect(findingsIn(text)).toBeUndefined();
  });

  it('shows none that is not whole: somebody else may have written the file', () => {
    expect(findingsIn('{"findings":[{"id":"a"},{"mend":{}},null,"b"]}')).toEqual([]);
  });
});
