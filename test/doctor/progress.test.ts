import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { doctorProgress } from '../../cli/doctor/progress.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

function stream(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, columns: 20, write: (text: string) => written.push(text) > 0 };
}

describe('the current check', () => {
  test('is one line on a terminal, cut to its width, without control characters', () => {
    const terminal = stream(true);
    const progress = doctorProgress(terminal);
    progress.look('trails');
    progress.look('a\u001b[2J and more than a line has');
    progress.end();
    const [begin] = ['\r\u001b[K'];
    expect(terminal.written).toEqual([`${begin}Looking at trails`, `${begin}Looking at a\\u001b[`, begin]);
  });

  test('is a line every ten seconds elsewhere', () => {
    const file = stream(false);
    const progress = doctorProgress(file);
    for (let second = 1; second <= 25; second += 1) {
      vi.advanceTimersByTime(1_000);
      progress.look(`role ${second}`);
    }
    progress.end();
    expect(file.written).toEqual(['eks-whois: Looking at role 10\n', 'eks-whois: Looking at role 20\n']);
  });
});
