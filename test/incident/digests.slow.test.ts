import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DigestReport } from '../../lib/cloudtrail/digest-check.ts';
import { EXEC, exampleLine, FILES } from '../anything/examples.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { reportIn } from './report.ts';

const ACCOUNT = '111122223333';
const BUCKET = 'trail';
const FINGERPRINT = '31e8b5433410dfb61a9dc45cc65b22ff';
const LOGS = ['1005Z', '1105Z', '1205Z'].map((time) => `${ACCOUNT}_CloudTrail_eu-west-1_20260310T${time}_abc.json.gz`);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const logText = (at: number) => JSON.stringify({ Records: [], hour: at });
const digestName = (at: number) => `${ACCOUNT}_CloudTrail-Digest_eu-west-1_main_eu-west-1_20260310T1${at}1000Z.json.gz`;

interface Link {
  readonly text: string;
  readonly object: string;
  readonly signature: string;
}

/**
 * One digest file as CloudTrail makes it (CloudTrail User Guide, "CloudTrail digest file structure", and "Custom
 * implementations of CloudTrail log file integrity validation" for what is signed).
 */
function digestAt(at: number, before: Link | undefined, key: KeyObject): Link {
  const object = `AWSLogs/${ACCOUNT}/CloudTrail-Digest/eu-west-1/2026/03/10/${digestName(at)}`;
  const endTime = `2026-03-10T1${at}:10:00Z`;
  const text = JSON.stringify({
    awsAccountId: ACCOUNT,
    digestStartTime: '2026-03-10T00:00:00Z',
    digestEndTime: endTime,
    digestS3Bucket: BUCKET,
    digestS3Object: object,
    digestPublicKeyFingerprint: FINGERPRINT,
    digestSignatureAlgorithm: 'SHA256withRSA',
    previousDigestS3Bucket: before ? BUCKET : null,
    previousDigestS3Object: before?.object ?? null,
    previousDigestHashValue: before ? sha256(before.text) : null,
    previousDigestHashAlgorithm: before ? 'SHA-256' : null,
    previousDigestSignature: before?.signature ?? null,
    logFiles: [
      {
        s3Bucket: BUCKET,
        s3Object: `AWSLogs/${ACCOUNT}/CloudTrail/eu-west-1/2026/03/10/${LOGS[at] ?? ''}`,
        hashValue: sha256(logText(at)),
        hashAlgorithm: 'SHA-256',
      },
    ],
  });
  const signed = `${endTime}\n${BUCKET}/${object}\n${sha256(text)}\n${before?.signature ?? 'null'}`;
  return { text, object, signature: sign('RSA-SHA256', Buffer.from(signed), key).toString('hex') };
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const DER = publicKey.export({ format: 'der', type: 'pkcs1' }).toString('base64');
const ANSWER = JSON.stringify({ PublicKeyList: [{ Value: DER, Fingerprint: FINGERPRINT }] });

/** Three hours of a trail below `trail/`, each with a log file and its digest file. */
function trailIn(folder: Folder): readonly Link[] {
  const links: Link[] = [];
  for (const [at, name] of LOGS.entries()) {
    const link = digestAt(at, links.at(-1), privateKey);
    links.push(link);
    folder.file(`trail/AWSLogs/${ACCOUNT}/CloudTrail/eu-west-1/2026/03/10/${name}`, gzipSync(logText(at)));
    folder.file(`trail/${link.object}`, gzipSync(link.text));
  }
  return links;
}

async function verified(folder: Folder, key?: string) {
  const given = key === undefined ? [] : ['--digest-public-key', folder.file('key', key)];
  const words = ['incident', exampleLine(EXEC), '--cloudtrail', FILES[1] ?? '', folder.at('trail'), ...FILES.slice(2)];
  const ran = await runCommand([...words, ...given, '-o', 'json']);
  expect(ran.status, ran.errors).toBe(0);
  return { digests: reportIn(ran.output).digests as DigestReport, errors: ran.errors };
}

describe("CloudTrail's digest files", () => {
  it('show that log files are unchanged since delivery, and that AWS signed each digest file except the newest', async () => {
    using folder = new Folder();
    trailIn(folder);
    const { digests, errors } = await verified(folder, ANSWER);
    expect(digests).toMatchObject({
      digests: 3,
      unreadable: [],
      logs: { intact: 3, changed: [], missing: 0 },
      chain: { linked: 2, broken: [], withoutPrevious: 0 },
      signatures: { verified: 2, wrong: [], unverified: 1 },
    });
    expect(errors).not.toContain('could not be read');
  });

  it.each<[string, string]>([
    ['as PEM', publicKey.export({ format: 'pem', type: 'spki' }).toString()],
    ['in base64', DER],
  ])('a key is accepted %s', async (_, key) => {
    using folder = new Folder();
    trailIn(folder);
    expect((await verified(folder, key)).digests.signatures).toEqual({ verified: 2, wrong: [], unverified: 1 });
  });

  it('without a key, no signature is reported as verified', async () => {
    using folder = new Folder();
    trailIn(folder);
    expect((await verified(folder)).digests.signatures).toEqual({ verified: 0, wrong: [], unverified: 3 });
  });

  it('a changed log file is reported', async () => {
    using folder = new Folder();
    trailIn(folder);
    const changed = `trail/AWSLogs/${ACCOUNT}/CloudTrail/eu-west-1/2026/03/10/${LOGS[1] ?? ''}`;
    folder.file(changed, gzipSync(logText(7)));
    const { digests } = await verified(folder, ANSWER);
    expect(digests.logs).toMatchObject({ intact: 2, changed: [folder.at(changed)] });
    const words = [
      'incident',
      exampleLine(EXEC),
      '--cloudtrail',
      FILES[1] ?? '',
      folder.at('trail'),
      ...FILES.slice(2),
    ];
    expect((await runCommand(words)).output).toMatch(/Do not rely on these files:\n\nWHAT +FILE\nlog file changed/);
  });

  it('a digest file that was made to fit a changed log file breaks the chain, and its signature is wrong', async () => {
    using folder = new Folder();
    const [, second] = trailIn(folder);
    const forged = second?.text.replace(sha256(logText(1)), sha256(logText(7))) ?? '';
    folder.file(`trail/AWSLogs/${ACCOUNT}/CloudTrail/eu-west-1/2026/03/10/${LOGS[1] ?? ''}`, gzipSync(logText(7)));
    folder.file(`trail/${second?.object ?? ''}`, gzipSync(forged));
    const { digests } = await verified(folder, ANSWER);
    const file = folder.at(`trail/${second?.object ?? ''}`);
    expect(digests).toMatchObject({
      logs: { intact: 3, changed: [] },
      chain: { linked: 1, broken: [file] },
      signatures: { verified: 1, wrong: [file] },
    });
  });

  it('a signature of somebody else is wrong, even if every hash matches', async () => {
    using folder = new Folder();
    trailIn(folder);
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    const { digests } = await verified(folder, other.export({ format: 'pem', type: 'spki' }).toString());
    expect([digests.chain.linked, digests.signatures.wrong.length]).toEqual([2, 2]);
  });

  it('missing files are counted: a log file, and the digest file before', async () => {
    using folder = new Folder();
    const [, ...rest] = trailIn(folder);
    using copy = new Folder();
    for (const link of rest) copy.file(`trail/${link.object}`, gzipSync(link.text));
    copy.file(`trail/x/${ACCOUNT}_CloudTrail_eu-west-1_20260310T1405Z_new.json`, '{"Records":[]}');
    const { digests } = await verified(copy, ANSWER);
    expect(digests.logs).toMatchObject({ intact: 0, missing: 2 });
    expect(digests.chain).toMatchObject({ withoutPrevious: 1, linked: 1 });
  });

  it('a file without a key is reported before any reading', async () => {
    using folder = new Folder();
    const words = ['incident', exampleLine(EXEC), ...FILES, '--digest-public-key', folder.file('key', 'no key')];
    const { status, output, errors } = await runCommand(words);
    expect([status, output, errors]).toEqual([1, '', expect.stringContaining('has no RSA key')]);
  });
});
