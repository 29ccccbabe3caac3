import { describe, expect, it } from 'vitest';
import { ANOTHER_KEY } from '../builders/company.ts';
import { overFiles, overService, reportOverFiles } from './pasted-world.ts';
import { CREATED, LISTED, REQUESTED, TOKEN, TOKEN_WORLD } from './token-world.ts';

describe.each([
  ['files', overFiles],
  ['a service', overService],
] as const)('over %s', (_, answer) => {
  it('the ID of a token leads to the unidentified session that requested it', async () => {
    const [found] = (await answer(TOKEN_WORLD, TOKEN)).found;
    expect(found?.outcome).toMatchObject({
      kind: 'attributed',
      record: { auditId: REQUESTED, caller: { accessKeyId: ANOTHER_KEY } },
      inLog: { requests: 2 },
    });
  });
});

describe('a report', () => {
  it.each([
    ['the request for a token', REQUESTED],
    ['the access key that requested a token', ANOTHER_KEY],
    ['a request with the token', LISTED],
    ['the token', TOKEN],
  ])('on %s has what was done with the token, and its steps', async (_, text) => {
    const { sections, next } = await reportOverFiles(TOKEN_WORLD, text);
    expect(sections.map(({ session, activity }) => [session, activity?.requests])).toEqual([[ANOTHER_KEY, 3]]);
    const grave = sections[0]?.activity?.grave.map(({ kind, listed }) => [kind, listed.map(({ auditId }) => auditId)]);
    expect(grave).toEqual([
      ['secrets-read', [LISTED]],
      ['token-request', [REQUESTED]],
      ['token-use', [LISTED, CREATED]],
      ['workload-created', [CREATED]],
    ]);
    const titles = next.map(({ title }) => title).join('\n');
    expect(titles).toContain('End the tokens of the service account shop/deployer');
    expect(titles).toContain('Remove the pod shop/miner');
    expect(titles).toContain('Rotate the secrets that were read');
  });
});
