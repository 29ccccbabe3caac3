import { expect, it } from 'vitest';
import { packaged } from './packaged.ts';

it('wrong parameters stop osls, in one sentence each and without a stack trace', async () => {
  const failed = packaged(['cluster=prod', 'regionz=1', 'deadlineMinutes=0']);
  await expect(failed).rejects.toThrow(/Did you mean clusters\?\n.*regionz: .*\n.*deadlineMinutes: must be/);
  await expect(failed).rejects.not.toThrow(/Did you mean clusters[\s\S]*Did you mean clusters/); // osls asks thrice
  await expect(failed).rejects.not.toThrow(/\n {4}at /);
});
