import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordIdentity } from '../../lib/attribution/copies.ts';
import { recordHead } from '../../lib/attribution/record.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { parseExpiration } from '../../lib/cloudtrail/expiration.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { sampleOfText, sampleOfValue } from '../../lib/envelopes/reject.ts';
import { parseUid } from '../../lib/identity/uid.ts';
import {
  guessSessionNames,
  parseUsernameTemplate,
  readDefaultUsername,
  readUsername,
  UsernameTemplateError,
} from '../../lib/identity/username.ts';
import { isJsonObject } from '../../lib/json.ts';
import { parseInstant } from '../../lib/time.ts';
import { recordOf } from '../builders/answer.ts';
import { cases } from '../builders/chance.ts';
import { piecesOf } from '../builders/pieces.ts';
import { anyEvent, anyValue } from './input.ts';

const RUNS = { numRuns: cases(2_000) };

it('no value makes the unwrapping throw, and each piece comes out once', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const { audit, trail, ignored, rejected } = piecesOf(value);
      const isEmptyList = JSON.stringify(value)?.match(/\[\]|"items":null/) !== null; // so Go writes an empty list
      expect(audit.length + trail.length + ignored.length + rejected.length > 0 || isEmptyList).toBe(true);
      for (const { sample } of rejected) expect(sampleOfValue(sample).length).toBeLessThanOrEqual(1_024);
    }),
    RUNS,
  );
});

it('no value makes the parsing of an audit event throw, and what is one is attributed', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      if (!isJsonObject(value)) return;
      const event = parseAuditEvent(value);
      if (typeof event === 'string') return;
      recordIdentity(recordHead(event, {}));
      expect(recordOf({ event: value }).schemaVersion).toBe(1);
    }),
    RUNS,
  );
});

it('no value makes the parsing of a CloudTrail record throw, or what is read from it afterwards', () => {
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 4 }), anyEvent, (records, event) => {
      for (const record of records) if (isJsonObject(record)) parseTrailRecord(record);
      expect(recordOf({ event, records }).attribution.status).toBeDefined();
    }),
    RUNS,
  );
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.stringMatching(/^[A-Z][a-z]{2} \d{1,2}, \d{4},? \d{1,2}:\d\d:\d\d [AP]M$/),
  fc.stringMatching(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/),
  fc.stringMatching(/^(aws-iam-authenticator|heptio-authenticator-aws):(\d{12}|administrative):[A-Z0-9:]{0,30}$/),
);

it('no text makes the reading of uids, times, samples and usernames throw', () => {
  fc.assert(
    fc.property(text, text, (one, other) => {
      parseUid(one);
      sampleOfText(one);
      guessSessionNames(one);
      readDefaultUsername(one, other);
      for (const at of [parseInstant(one), parseExpiration(one)])
        expect(at === undefined || Number.isFinite(at)).toBe(true);
    }),
    RUNS,
  );
});

const template = fc
  .array(
    fc.oneof(
      fc.constantFrom('{{SessionName}}', '{{SessionNameRaw}}', '{{AccountID}}', '{{AccessKeyID}}'),
      fc.string({ maxLength: 3 }),
    ),
    {
      maxLength: 5,
    },
  )
  .map((parts) => parts.join(''));

it('a username template is either refused or reads each username', () => {
  fc.assert(
    fc.property(template, text, (source, username) => {
      try {
        readUsername(parseUsernameTemplate(source), username, '111122223333');
      } catch (error) {
        expect(error).toBeInstanceOf(UsernameTemplateError);
      }
    }),
    RUNS,
  );
});

it('a username template reads each name that it wrote', () => {
  const name = fc.stringMatching(/^[\w+=,.@-]{2,64}$/);
  fc.assert(
    fc.property(template, name, (source, session) => {
      if (!source.includes('{{SessionName')) return;
      const write = (placeholder: string) =>
        placeholder === '{{SessionNameRaw}}'
          ? session
          : placeholder === '{{SessionName}}'
            ? session.replaceAll('@', '-')
            : placeholder === '{{AccountID}}'
              ? '111122223333'
              : 'ASIAALICESESSION0001';
      const known = /\{\{(?:SessionName|SessionNameRaw|AccountID|AccessKeyID)\}\}/g;
      const username = source.replaceAll(known, write);
      if (/\{\{|\}\}/.test(source.replaceAll(known, ''))) return;
      const names = readUsername(parseUsernameTemplate(source), username, '111122223333').map(
        (reading) => reading.name?.text,
      );
      expect(names).toEqual(
        expect.arrayContaining([source.includes('{{SessionNameRaw}}') ? session : session.replaceAll('@', '-')]),
      );
    }),
    RUNS,
  );
});
