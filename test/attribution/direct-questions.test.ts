import { expect, it } from 'vitest';
import { actionOfCaller, attribute } from '../../lib/attribution/attribute.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { AskingIndex } from '../../lib/attribution/questions.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseCaller } from '../../lib/audit/caller.ts';
import { ACCOUNT, KEY, utc } from '../builders/company.ts';
import { userId } from '../builders/trail-callers.ts';
import { instant } from '../usecases/service.ts';

/** The answers that the rules need. Each costs a request to the sessions table, and a claim waits for each. */
function questionsAbout(rest: string, extra: object): readonly string[] {
  const caller = parseCaller({
    uid: `aws-iam-authenticator:${ACCOUNT}:${rest}`,
    username: 'admin',
    extra: { ...extra },
  });
  const index = new AskingIndex(new KnownGrants(), new Set());
  attribute(actionOfCaller(caller, instant(utc('12:10:00'))), { index, settings: DEFAULT_SETTINGS, settled: false });
  return index
    .takeNew()
    .map((question) => [question.kind, 'only' in question && question.only].filter(Boolean).join(' '));
}

const ALICE = { arn: `arn:aws:iam::${ACCOUNT}:user/alice` };

it.each([
  ['an IAM user', userId('alice'), ALICE, ['user-of-id latest']],
  ['a root user', ACCOUNT, { arn: `arn:aws:iam::${ACCOUNT}:root` }, []],
  ['a uid that was cut', ACCOUNT, {}, []],
])('the rules look up grants and uses of the key of %s, each once', (_, rest, extra, others) => {
  expect(questionsAbout(rest, { ...extra, accessKeyId: KEY })).toEqual(['grants-of-key', 'uses-of-key', ...others]);
});

it('the rules look up at most the current name if an IAM user or root user has no access key', () => {
  expect(questionsAbout(userId('alice'), ALICE)).toEqual(['user-of-id latest']);
  expect(questionsAbout(ACCOUNT, {})).toEqual([]);
});
