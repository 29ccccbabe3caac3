import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotFoundAnswer, routesOf } from '../../functions/http/routes.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { JsonObject } from '../../lib/json.ts';
import { MINUTE } from '../../lib/time.ts';
import { ToolClient } from '../mcp/client.ts';
import { type FedService, fed } from '../model/feeding.ts';
import { instant } from '../usecases/service.ts';
import { deliveryOf } from './over-files.ts';
import type { Scenario, ToldEvent } from './scenario.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { settingsOf } from './settings.ts';
import { seenAttribution, verdictExpected, verdictOf } from './verdict.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eks-whois-evidence-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Returns the service at a time when all deliveries arrived long ago. */
function serviceOf(scenario: Scenario, settings: AttributionSettings): Promise<FedService> {
  const events = scenario.events.map((given, at) => ({ events: deliveryOf(given), id: `delivery ${at}` }));
  const silences = (scenario.silences ?? []).map((silence) => ({ silence }));
  return fed([...events, { trail: scenario.records }, ...silences], {
    settings,
    start: instant('2026-03-10T12:21:00Z'),
  });
}

/** Returns the answer that the page shows for a pasted event. */
async function onThePage({ event }: ToldEvent, { service, stores }: FedService, settings: AttributionSettings) {
  const tables = { ...stores, within: () => stores };
  const routes = routesOf({ tables, clock: service.clock.now, settings, deadline: 30 * MINUTE }, 'all');
  const query = new URLSearchParams({ q: JSON.stringify(event) }).toString();
  const answer = await routes['/whois']?.(query, () => undefined);
  if (answer === undefined || answer instanceof NotFoundAnswer) throw new Error('nothing is known of the event');
  return seenAttribution((answer as { readonly attribution: object }).attribution);
}

async function fileOf(name: string, values: readonly unknown[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(values));
  return path;
}

/** Returns the tools of an assistant over files of the scenario. */
async function toolsOver({ events, records, templates, proxies, stores }: Scenario): Promise<ToolClient> {
  return new ToolClient({
    audit: [await fileOf('audit.json', events.map(deliveryOf))],
    cloudtrail: [await fileOf('cloudtrail.json', records)],
    logGroup: [],
    usernameTemplate: [...(templates ?? [])],
    trustedProxy: [...(proxies ?? [])],
    identityStore: [...(stores ?? [])],
    samePerson: [],
  });
}

describe.each(SCENARIOS)('on the page and over MCP: %s', (_about, scenarios) => {
  const given = scenarios.filter(({ exported, events }) => exported === undefined && events.some((e) => e.expected));
  it.each(given.map((scenario) => [scenario.title, scenario] as const))('%s', async (_title, scenario) => {
    const settings = settingsOf(scenario);
    const [service, tools] = [await serviceOf(scenario, settings), await toolsOver(scenario)];
    for (const each of scenario.events) {
      const { expected, event } = each;
      if (expected === undefined) continue;
      const shown = await onThePage(each, service, settings);
      expect({ page: verdictOf(shown, expected) }).toEqual({ page: verdictExpected(expected) });
      expect(shown.provisional).toBe(false);
      if (scenario.silences !== undefined) continue; // Files know no silences.
      const { content, texts, isError } = await tools.call('whois', { q: JSON.stringify(event) });
      expect({ isError, texts: isError ? texts : [] }).toEqual({ isError: false, texts: [] });
      const answered = seenAttribution(content as JsonObject);
      expect({ mcp: verdictOf(answered, expected) }).toEqual({ mcp: verdictExpected(expected) });
      expect(answered.provisional).toBe(false);
    }
  });
});
