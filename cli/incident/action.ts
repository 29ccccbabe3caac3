import { readFile } from 'node:fs/promises';
import { verifyDigestFiles } from '../../lib/adapters/cloudtrail/digest-files.ts';
import { createVerifier, digestKeys } from '../../lib/adapters/cloudtrail/digest-keys.ts';
import { failureOf, STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { DigestReport, Verify } from '../../lib/cloudtrail/digest-check.ts';
import { epochMillis } from '../../lib/time.ts';
import { type RequestSource, sourceOfPages, sourceOfRecords } from '../../lib/usecases/activity/request-source.ts';
import { incidentReport, unknownReport, windowAround } from '../../lib/usecases/incident/incident.ts';
import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { type AnythingAnswer, statusesOf } from '../../lib/usecases/query/anything/found.ts';
import { ShownRequests } from '../access/requests.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { CommandError, RefusedQuestionError, wrongUsage } from '../failures/command-error.ts';
import { checkOutputs } from '../options/paths.ts';
import { outputTo } from '../terminal/text-output.ts';
import { screenWidth } from '../terminal/width.ts';
import { type InformedPlace, recognisedOf, withInformant } from '../whois/anything.ts';
import { gravestStatus } from '../whois/exit-status.ts';
import { type EvidenceSource, GatheredRequests, writeEvidenceOf } from './evidence/evidence.ts';
import { checkEvidenceFolder } from './evidence/folder.ts';
import type { IncidentOptions } from './options.ts';
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
  { asked, options, gathered, now }: Omit<EvidenceSource, 'report' | 'text'>,
): Promise<IncidentReport> {
  const range = windowAround(answer, options.at, options.window);
  if (range === undefined && answer.found.every(({ outcome }) => outcome.kind === 'not-known'))
    return unknownReport(answer);
  if (range === undefined) throw wrongUsage('The pasted text does not say when it happened. Give --at.');
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

/** Told before any work is done. @throws CommandError where the file holds no key. */
async function digestVerifier({ digestPublicKey: file }: IncidentOptions): Promise<Verify> {
  if (file === undefined) return () => undefined;
  const keys = digestKeys(await keyText(file));
  if (keys !== undefined) return createVerifier(keys);
  throw new CommandError(
    `--digest-public-key ${file} has no RSA key. Give the output of aws cloudtrail list-public-keys, or a key as PEM or in base64.`,
    1,
  );
}

async function keyText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(`--digest-public-key ${file} ${failureOf(error)}. Give another file.`, 1, { cause: error });
  }
}

/** Of the files; what lies in S3 is verified by AWS's own command. Undefined where there are no digest files. */
function digestReport({ cloudtrail = [] }: IncidentOptions, verify: Verify): Promise<DigestReport | undefined> {
  const files = cloudtrail.filter((path) => !isS3Path(path) && path !== STANDARD_INPUT);
  return verifyDigestFiles(files, verify);
}

/** The service, question by question. Whoever makes one question too large to be answered keeps the rest from nobody. */
function serviceRequests({ records }: ServiceAccess): RequestSource {
  return sourceOfPages(records, { isTooLarge: (error) => error instanceof RefusedQuestionError });
}

/** Files, read once for all questions of a call; of a request the stage counts that comes first in them. */
export function fileRequests(visit: (take: (record: AuditRecord) => void) => Promise<void>): RequestSource {
  return sourceOfRecords(visit, () => {
    const shown = new ShownRequests();
    return (record) => shown.isNew(record);
  });
}
