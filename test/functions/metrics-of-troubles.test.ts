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

it('a trouble is a dimension besides the service, as its alarm reads it', () => {
  metrics.add('FleetTrouble', 1, 'cluster-silent prod-1');
  metrics.add('FleetTrouble', 1, 'refused deliveries of 777788889999');
  expect(lines).toMatchObject([
    { FleetTrouble: 1, trouble: 'cluster-silent prod-1', service: 'eks-whois-dev' },
    { FleetTrouble: 1, trouble: 'refused deliveries of 777788889999', service: 'eks-whois-dev' },
  ]);
  for (const line of lines) expect(JSON.stringify(line._aws)).toContain('"Dimensions":[["service","trouble"]]');
});
