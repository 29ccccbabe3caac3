import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { epochMillis } from '../../lib/time.ts';
import { incidentReport, unknownReport } from '../../lib/usecases/incident/incident.ts';
import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import type { RequestSource } from '../../lib/usecases/incident/source.ts';
import { windowAround } from '../../lib/usecases/incident/window.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { type AnythingAnswer, statusesOf } from '../../lib/usecases/query/anything/found.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { outputTo } from '../terminal/text-output.ts';
import { type Asked, recognisedOf, withInformant } from '../whois/anything.ts';
import { gravestStatus } from '../whois/exit-status.ts';
import type { IncidentOptions } from './options.ts';
import { fileRequests, serviceRequests } from './sources.ts';
import { writtenReport } from './written.ts';

/** Makes the report of what was pasted, and writes it. */
export async function makeReport(text: string, options: IncidentOptions, settings: AttributionSettings): Promise<void> {
  const recognised = recognisedOf(text);
  const output = outputTo(options.outputFile);
  const asking = { options: { ...options, format: 'text' as const }, recognised, settings };
  const { report, status } = await withInformant(asking, async (asked) => {
    const answer = await answerAnything(recognised, asked.informant, options.at);
    return { report: await reportOf(answer, asked, options), status: gravestStatus(statusesOf(answer)) };
  });
  output.write(writtenReport(report, options.format));
  await output.end();
  process.exitCode = status;
}

async function reportOf(answer: AnythingAnswer, asked: Asked, options: IncidentOptions): Promise<IncidentReport> {
  const range = windowAround(answer, options.at, options.window);
  if (range === undefined && answer.found.every(({ outcome }) => outcome.kind === 'not-known'))
    return unknownReport(answer);
  if (range === undefined) throw wrongUsage('When did it happen? What was pasted does not say: give --at.');
  const now = epochMillis(Date.now());
  return incidentReport(
    { answer, range, now },
    { requests: requestsOf(asked), sessionsOfPerson: (person) => asked.informant.sessionsOfPerson(person) },
  );
}

/** Nothing of the event history is a request. */
function requestsOf({ service, files }: Asked): RequestSource | undefined {
  if (service !== undefined) return serviceRequests(service);
  return files?.visit && fileRequests(files.visit);
}
