import type { Draw } from '../oracle/draw.ts';

/** What could make two ways of reading differ: written into lines anywhere. */
const PIECES = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '\t',
  '\r',
  '\u0000',
  '\u001f',
  '\u007f',
  'é',
  '日本',
  '\u{1f600}',
  '\u2028',
  '\ufeff',
  '\\u0041',
  '\\ud800',
  '\\u0000',
  '\\u00e9',
  '\\/',
  '\\"',
  '\\\\',
  '\\n',
  '\\x',
  '\\u12',
  '""',
  'null',
  'true',
  'fals',
  '0',
  '-0',
  '01',
  '1e3',
  '1.',
  '1.5',
  '-',
  '9999999999',
  '[]',
  '{}',
  '["a","b"]',
  '[1,"a"]',
  '"auditID":"x",',
  '"user":{},',
  '"user":null,',
  '"items":[],',
  '"impersonatedUser":{"username":"bob"},',
  '"__proto__":{"auditID":"x"},',
  '"constructor":1,',
  '"hasOwnProperty":"x",',
  '"audit\\u0049D":"x",',
  '"kind":"EventList",',
  '"uid":"","',
  '"extra":{"ARN":["x"]},',
  '"accesskeyid":["ASIAIOSFODNN7EXAMPLE"],',
  '"arn":"text",',
  '"stage":1,',
  '"authentication.kubernetes.io/issued-credential-id":"JTI=x",',
  '"code":1000,',
  '"code":"200",',
  '"sourceIPs":"1.2.3.4",',
];
const LONG = ['x'.repeat(300), 'ü'.repeat(1_100), '\\u0026'.repeat(900), 'y'.repeat(5_000)];

/** The line with something about it changed, somewhere. */
export function mutated(line: string, draw: Draw): string {
  const at = draw.below(line.length + 1);
  const behind = Math.min(line.length, at + 1 + draw.below(40));
  switch (draw.below(9)) {
    case 0:
      return line.slice(0, at);
    case 1:
      return line.slice(0, at) + line.slice(behind);
    case 2:
      return line.slice(0, at) + line.slice(at, behind) + line.slice(at);
    case 3:
      return line.slice(0, at) + draw.pick(PIECES) + line.slice(behind);
    case 4:
      return line.slice(0, at) + draw.pick(LONG) + line.slice(at);
    case 5:
      return withField(line, draw.pick(PIECES), draw);
    case 6:
      return reordered(line, draw);
    case 7:
      return line.replace(
        draw.pick(['"auditID"', '"username"', '"uid"', '"arn"', '"200"', ':200', '"verb"']),
        draw.pick(PIECES),
      );
    default:
      return line.slice(0, at) + draw.pick(PIECES) + line.slice(at);
  }
}

/** Something between two fields. */
function withField(line: string, field: string, draw: Draw): string {
  const places = [...line.matchAll(/[{,](?=")/g)].map(({ index }) => index + 1);
  const at = places.length === 0 ? 0 : draw.pick(places);
  return line.slice(0, at) + field + line.slice(at);
}

/** The same fields in another order, some of them twice. */
function reordered(line: string, draw: Draw): string {
  try {
    const fields = Object.entries(JSON.parse(line) as object).map(
      ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
    );
    const some = draw.below(3) === 0 ? [...fields, draw.pick(fields)] : fields;
    return `{${draw.shuffle(some).join(',')}}`;
  } catch {
    return line;
  }
}
