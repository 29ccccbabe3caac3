import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeRequest, describeSubject } from '../../lib/recognize/describe.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { callerOfQuestion } from '../../lib/usecases/query/whois-question.ts';
import { cases } from '../builders/chance.ts';
import { anyValue } from '../properties/input.ts';
import { CHOSEN_COLUMNS, TEXTS } from './samples.ts';

const RUNS = { numRuns: cases(1_000) };

/** How texts look when they are copied from somewhere. */
const DISGUISES: Readonly<Record<string, (text: string) => string>> = {
  'blanks around it': (text) => `  \t${text}  `,
  'line breaks around it': (text) => `\r\n\n${text}\n\r\n`,
  'a blank that does not break': (text) => `\u00a0${text}\u00a0`,
  'a byte order mark': (text) => `\ufeff${text}`,
  'characters of no width': (text) => `\u200b${text}\u200b`,
  backticks: (text) => `\`${text}\``,
  'a block of code': (text) => `\`\`\`\n${text}\n\`\`\``,
  'single quotes': (text) => `'${text}'`,
  'a comma behind it': (text) => `${text},`,
  'a full stop behind it': (text) => `${text}.`,
  'quotes and a comma': (text) => `'${text}',`,
};

describe.each(Object.entries(TEXTS))('%s', (_, text) => {
  it.each(Object.entries(DISGUISES))('is the same with %s', (_, disguise) => {
    const plain = recognize(text);
    expect(plain.outcome).toBe('subjects');
    expect(recognize(disguise(text))).toEqual(plain);
  });

  it('is a question that whois accepts', () => {
    expectAnswerable(text);
  });
});

/** Whoever is to be asked about as a caller can be. */
function expectAnswerable(text: string): void {
  const recognition = recognize(text);
  if (recognition.outcome !== 'subjects') return;
  expect(recognition.subjects.length).toBeGreaterThan(0);
  for (const subject of recognition.subjects) {
    if (subject.by === 'caller') callerOfQuestion(subject.question);
    expect(describeSubject(subject)).toMatch(/^(?:the [a-z]+|requests) ./is);
    describeRequest(subject.circumstances);
  }
}

/** Texts as people have them, with something else put into a place. */
const damaged = fc
  .tuple(fc.constantFrom(...Object.values(TEXTS), CHOSEN_COLUMNS), fc.nat(), fc.nat(12), fc.string({ maxLength: 12 }))
  .map(([text, at, length, put]) => {
    const start = at % (text.length + 1);
    return text.slice(0, start) + put + text.slice(start + length);
  });

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  damaged,
  fc.array(damaged, { maxLength: 4 }).map((texts) => texts.join('\n')),
  anyValue.map((value) => JSON.stringify(value) ?? ''),
  fc.stringMatching(
    /^(AROA|asia|AIDA|arn:aws:sts::|aws-iam-authenticator:|\d{12}:|user="|User: "|uid=)[\w:/@{"\\ -]{0,60}$/,
  ),
);

it('no text makes the recognition throw, and each caller can be looked up by whois', () => {
  fc.assert(fc.property(anyText, expectAnswerable), RUNS);
});

it('whatever is recognized is also recognized between spaces and quotes', () => {
  const blanks = fc.stringMatching(/^[ \t\r\n\u00a0]{0,4}$/);
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(TEXTS)),
      blanks,
      blanks,
      fc.constantFrom('', "'", '`'),
      (text, before, behind, quote) => {
        expect(recognize(`${before}${quote}${text}${quote}${behind}`)).toEqual(recognize(text));
      },
    ),
    RUNS,
  );
});

it('a name of any kind is recognized and returned unchanged', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[b-z][a-z0-9_@-]{0,30}[a-z]$/), (name) => {
      const recognition = recognize(name);
      expect(recognition).toMatchObject({
        outcome: 'subjects',
        subjects: [{ by: 'person', person: name }, ...anyOthers(recognition)],
      });
    }),
    RUNS,
  );
});

function anyOthers(recognition: ReturnType<typeof recognize>): readonly object[] {
  return recognition.outcome === 'subjects' ? recognition.subjects.slice(1) : [];
}

/** The longest text that is taken, of parts that a careless pattern would go through again and again. */
describe('a long text is read only a few times, and answered', () => {
  const long = (part: string) => part.repeat(Math.floor(1_000_000 / part.length));
  it.each([
    ['quotes', long('"')],
    ['open braces', long('{')],
    ['open lists', long('[')],
    ['braces and quotes', long('{"')],
    ['empty objects in lines', long('{}\n')],
    ['words', long('a ')],
    ['one word', long('a')],
    ['colons', long(':')],
    ['backslashes in quotes', `"${long('\\')}`],
    ['names of fields', long('uid="')],
    ['users', long('User "')],
    ['refusals', long('is forbidden: User "a" cannot ')],
    ['ids', long('AROA')],
    ['ARNs', long('arn:aws:iam::111122223333:role/')],
    ['emails', long('a@a.')],
    ['blanks', `a${long(' ')}a`],
    ['commas', long(',')],
    ['rows of Insights', `@message\n${long('"a""",')}`],
    ['keys of product fields', `{"Resources":[],"ProductFields":{"aws/guardduty/${'a/'.repeat(400_000)}":1}}`],
  ])('%s', (_, text) => {
    expect(['subjects', 'nothing', 'elsewhere']).toContain(recognize(text).outcome);
  });
});
