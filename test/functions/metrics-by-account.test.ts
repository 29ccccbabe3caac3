import { afterAll, beforeAll, expect, it } from 'vitest';
import { isJsonObject, type JsonObject, parseJson } from '../../lib/json.ts';
import type { Metrics } from '../../lib/ports/metrics.ts';
import { enterLambda, leaveLambda } from './within-lambda.ts';

const lines: JsonObject[] = [];
let metrics: Metrics;

beforeAll(async () => {
  const variables = {
    POWERTOOLS_SERVICE_NAME: 'eks-whois-dev',
    POWERTOOLS_METRICS_DISABLED: 'false',
    POWERTOOLS_DEV: 'true', // its own console cannot be listened to
  };
  enterLambda(variables, (line) => {
    const parsed = parseJson(String(line));
    if (parsed.ok && isJsonObject(parsed.value)) lines.push(parsed.value);
  });
  ({ metrics } = await import('../../functions/wiring/telemetry.ts'));
});

afterAll(leaveLambda);

it('a count by account has the account as a dimension besides the service, as its alarm reads it', () => {
  metrics.add('HandOversRefused', 1, '444455556666');
  metrics.add('HandOversRefused', 2, '777788889999');
  expect(lines).toMatchObject([
    { HandOversRefused: 1, account: '444455556666', service: 'eks-whois-dev' },
    { HandOversRefused: 2, account: '777788889999', service: 'eks-whois-dev' },
  ]);
  for (const line of lines) expect(JSON.stringify(line._aws)).toContain('"Dimensions":[["service","account"]]');
});
