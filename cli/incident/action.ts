import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { epochMillis } from '../../lib/time.ts';
import type { RequestSource } from '../../lib/usecases/activity/request-source.ts';
import { incidentReport, unknownReport } from '../../lib/usecases/incident/incident.ts';
import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import { windowAround } from '../../lib/usecases/incident/window.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { type AnythingAnswer, statusesOf } from '../../lib/usecases/query/anything/found.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { checkOutputs } from '../options/paths.ts';
import { outputTo } from '../terminal/text-output.ts';
import { screenWidth } from '../terminal/wrapped.ts';
import { type InformedPlace, recognisedOf, withInformant } from '../whois/anything.ts';
import { gravestStatus } from '../whois/exit-status.ts';
import { digestReport, digestVerifier } from './digests.ts';
import { type Evident, writeEvidenceOf } from './evidence/evidence.ts';
import { checkEvidenceFolder } from './evidence/folder.ts';
import { GatheredRequests } from './evidence/gathered.ts';
import type { IncidentOptions } from './options.ts';
import { fileRequests, serviceRequests } from './sources.ts';
import { writtenReport } from './written.ts';

/** Makes the report of what was pasted, and writes it, and the evidence where that is wanted. */
export async function makeReport(text: string, options: IncidentOptions, settings: AttributionSettings): Promise<void> {
  const recognised = recognisedOf(text, { ...options, format: 'text' });
  await checkEvidence(options);
  const verify = await digestVerifier(options);
  const output = outputTo(options.outputFile);
  const asking = { options: { ...options, format: 'text' as const }, recognised, settings, around: options.window };
  const { report, status } = await withInformant(asking, async (asked) => {
    const answer = await answerAnything(recognised, asked.informant, options.at);
    const now = epochMillis(Date.now());
    const gathered = new GatheredRequests();
    const made = await reportOf(answer, { asked, options, gathered, now });
    const report = { ...made, digests: await digestReport(options, verify) };
    const { evidence } = options;
    if (evidence !== undefined) await writeEvidenceOf(evidence, { text, report, gathered, asked, options, now });
    return { report, status: gravestStatus(statusesOf(answer)) };
  });
  output.write(writtenReport(report, options.format, screenWidth(options.outputFile)));
  await output.end();
  process.exitCode = status;
}

async function checkEvidence({ evidence, audit = [], cloudtrail = [] }: IncidentOptions): Promise<void> {
  if (evidence === undefined) return;
  await checkEvidenceFolder(evidence);
  await checkOutputs({ inputs: [...audit, ...cloudtrail], output: evidence });
}

async function reportOf(
  answer: AnythingAnswer,
  { asked, options, gathered, now }: Omit<Evident, 'report' | 'text'>,
): Promise<IncidentReport> {
  const range = windowAround(answer, options.at, options.window);
  if (range === undefined && answer.found.every(({ outcome }) => outcome.kind === 'not-known'))
    return unknownReport(answer);
  if (range === undefined) throw wrongUsage('When did it happen? What was pasted does not say: give --at.');
  for (const { outcome } of answer.found)
    if (outcome.kind === 'attributed')
      for (const record of [outcome.record ?? [], outcome.records ?? []].flat()) gathered.keep(record);
  return incidentReport(
    { answer, range, now },
    {
      requests: requestsOf(asked),
      sessionsOfPerson: (person) => asked.informant.sessionsOfPerson(person, undefined),
      keep: (record) => gathered.keep(record),
    },
  );
}

/** Nothing of the event history is a request. */
function requestsOf({ service, files }: InformedPlace): RequestSource | undefined {
  if (service !== undefined) return serviceRequests(service);
  return files?.visit && fileRequests(files.visit);
}
