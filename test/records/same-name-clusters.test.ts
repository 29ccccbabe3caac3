import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../builders/command.ts';
import { utc } from '../builders/company.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { EXAMPLES, ToolClient } from '../mcp/client.ts';
import { type ScriptedService, startScripted } from './scripted-service.ts';

/** The command line's texts about clusters of one name. */

const [ONE, NINE] = ['111122223333', '999900001111'];
const arnOf = (account: string) => `arn:aws:eks:eu-west-1:${account}:cluster/prod`;

let service: ScriptedService;

beforeAll(async () => {
  service = await startScripted();
  const ofProd = (account: string) =>
    storedRecord({ auditID: account, requestReceivedTimestamp: utc('12:10:00') }, [], 'prod', {
      clusterArn: arnOf(account),
    });
  await service.add(ofProd(ONE), ofProd(NINE), storedRecord({ auditID: 'staging' }, [], 'staging'));
});
afterAll(() => service.stop());

const records = (...args: readonly string[]) => runCommand(['records', ...args, '--api', service.url]);

describe('a cluster’s name that means several', () => {
  it('gives the records of all, with their accounts, and says so', async () => {
    const { output, errors } = await records('--cluster', 'prod', '-o', 'table');
    expect(output).toContain(`prod (${ONE})`);
    expect(output).toContain(`prod (${NINE})`);
    expect(errors).toContain(
      `The name means 2 clusters: prod (${ONE}, eu-west-1), prod (${NINE}, eu-west-1). These are the records of all. --cluster takes the ARN of one.`,
    );
  });

  it('is reported by the records of MCP, with both accounts', async () => {
    const { audit: _, cloudtrail: __, ...places } = EXAMPLES;
    const client = new ToolClient({ ...places, api: service.url });
    const { isError, texts, content } = await client.call('records', { cluster: ['prod'] });
    expect([isError, texts[0]]).toEqual([
      false,
      expect.stringContaining(`The name means 2 clusters: prod (${ONE}, eu-west-1), prod (${NINE}, eu-west-1).`),
    ]);
    expect(content).toMatchObject({
      records: [{ clusterArn: expect.any(String) }, { clusterArn: expect.any(String) }],
    });
  });

  it('stands alone where only one of them is shown', async () => {
    const { output, errors } = await records('--cluster', arnOf(NINE), '-o', 'table');
    expect(output).toContain('prod ');
    expect(output).not.toContain(`(${NINE})`);
    expect(output).not.toContain(ONE);
    expect(errors).not.toContain('The name means');
  });

  it('is one row for each cluster in a summary', async () => {
    const { output } = await records('--cluster', 'prod', '--summary', '-o', 'wide');
    expect(output).toContain(`prod (${ONE}) 1, prod (${NINE}) 1`);
  });
});
