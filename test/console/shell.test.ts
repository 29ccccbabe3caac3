import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { operand, quoted } from '../../lib/shell.ts';

const signs = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).slice(1);

it('a copied command has no character that a terminal treats as a key', () => {
  const pasted = quoted(`x\x1b[201~\x03\ntouch pwned\r${signs.join('')}`);
  expect(pasted.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

it('a shell reads exactly the quoted text', () => {
  for (const text of [signs.join(''), "it's\ttwo\nlines", '-v\u0003', 'ana.silva', '']) {
    const read = execFileSync('bash', ['-c', `printf %s ${quoted(text)}`], { env: { LC_ALL: 'C.UTF-8' } });
    expect(read.toString()).toBe(text);
  }
  expect(operand('-v')).toBe('-- -v');
});
