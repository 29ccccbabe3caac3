import { expect, it } from 'vitest';
import { storedParameters } from '../../infra/kept-parameters.ts';
import { Folder } from '../builders/command.ts';
import { packaged, propertiesOf } from './packaged.ts';

it('wrong parameters stop osls, in one sentence each and without a stack trace', async () => {
  const failed = packaged(['cluster=prod', 'regionz=1', 'deadlineMinutes=0']);
  await expect(failed).rejects.toThrow(/Did you mean clusters\?\n.*regionz: .*\n.*deadlineMinutes: must be/);
  await expect(failed).rejects.not.toThrow(/Did you mean clusters[\s\S]*Did you mean clusters/); // osls reads it three times.
  await expect(failed).rejects.not.toThrow(/\n {4}at /);
});

it('eks-whois.yaml is deployed by its stage, with commas in entries, and --param has precedence over it', async () => {
  using folder = new Folder();
  const file = folder.file(
    'eks-whois.yaml',
    "usernameTemplates: ['a,b:{{SessionName}}']\nlogDays: 60\nstages: {prod: {clusters: [prod-1], alertEmail: a@example.com}}\n",
  );
  const { template, remove } = await packaged(['alertEmail=typed@example.com'], 'prod', file);
  await remove();
  expect(storedParameters(template)).toMatchObject({
    clusters: ['prod-1'],
    usernameTemplates: ['a,b:{{SessionName}}'],
    alertEmail: 'typed@example.com',
  });
  const days = propertiesOf(template, 'AWS::Logs::LogGroup').map(({ RetentionInDays }) => RetentionInDays);
  expect(new Set(days)).toEqual(new Set([60]));
});
