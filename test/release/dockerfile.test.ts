import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';

const read = (name: string) => readFileSync(join(REPOSITORY, name), 'utf8');

/** Instructions by stage, lines that go on joined. */
function stagesOf(text: string): ReadonlyMap<string, readonly string[]> {
  const lines = text.replace(/\\\n\s*/g, '').split('\n');
  const stages = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of lines.filter((each) => each !== '' && !each.startsWith('#'))) {
    const [, name] = /^FROM \S+ AS (\S+)$/.exec(line) ?? [];
    if (name === undefined) current.push(line);
    else {
      current = [];
      stages.set(name, current);
    }
  }
  return stages;
}

describe('the images', () => {
  const dockerfile = read('Dockerfile');
  const stages = stagesOf(dockerfile);

  it.each(['cli', 'service'])('of %s does not run as root, and starts without a shell', (name) => {
    const stage = stages.get(name) ?? [];
    expect(stage.filter((line) => line.startsWith('USER '))).toEqual([
      expect.stringMatching(/^USER (?:node|nonroot)$/),
    ]);
    expect(stage.at(-1)).toMatch(/^ENTRYPOINT \["/);
  });

  it('have the Node.js of the checkout', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
    expect(dockerfile).toContain(`ARG NODE_VERSION=${devDependencies.node}\n`);
  });

  it('copy only files that exist and that .dockerignore does not exclude', () => {
    const ignored = read('.dockerignore').split('\n');
    const copied = [...stages.values()].flat().flatMap((line) => {
      if (!line.startsWith('COPY ')) return [];
      const words = line.split(' ').slice(1, -1);
      return words.filter((word) => !word.startsWith('--')).map((word) => word.replace(/^\/app\//, ''));
    });
    const built = ['dist', 'eks-whois.schema.json'];
    const missing = copied.filter((path) => !built.includes(path) && !existsSync(join(REPOSITORY, path)));
    expect({ missing, ignored: copied.filter((path) => !built.includes(path) && ignored.includes(path)) }).toEqual({
      missing: [],
      ignored: [],
    });
    expect(copied).toContain('examples');
  });

  it('of the command line has all files of the package', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const copied = (stages.get('cli') ?? []).join(' ');
    expect(files.filter((path) => !copied.includes(`/app/${path.split('/')[0]}`))).toEqual([]);
  });
});
