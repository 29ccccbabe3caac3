import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPage, bundlePage, gzippedSize, SCRIPT_BUDGET } from '../../console/build.ts';
import type { BuiltPage } from '../../console/page.ts';
import { servePage } from '../../console/serve.ts';
import type { ServedSettings } from '../../console/settings.ts';

const LOCAL: ServedSettings = { settings: { signIn: 'none' }, signInOrigins: [] };

let page: BuiltPage;
beforeAll(async () => {
  page = await buildPage();
});

function served(path: string, accepted?: string, serving = LOCAL) {
  return servePage(page, path, accepted, serving);
}

/** The names of the files that the document loads. */
function loadedFiles(): readonly string[] {
  const text = served('/').body.toString();
  return [...text.matchAll(/(?:src|href)="console\/([^"]+)"/g)].flatMap(([, name]) => name ?? []);
}

describe('the served page', () => {
  it('loads only its own files, which browsers may cache for ever, and a report only when it is opened', () => {
    const others = Object.keys(page.files).filter((name) => !loadedFiles().includes(name));
    expect(others).toEqual([expect.stringMatching(/^incident-[^.]+\.js$/)]);
    for (const name of Object.keys(page.files)) {
      const { status, headers } = served(`/console/${name}`);
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
    expect(served('/').headers['cache-control']).toBe('no-cache');
  });

  it('is the same with each compression', () => {
    for (const name of Object.keys(page.files)) {
      const [plain, brotli, gzip] = [undefined, 'gzip, br', 'gzip;q=0.5, br;q=0'].map((accepted) =>
        served(`/console/${name}`, accepted),
      );
      expect(brotli?.headers['content-encoding']).toBe('br');
      expect(gzip?.headers['content-encoding']).toBe('gzip');
      expect(plain?.headers['content-encoding']).toBeUndefined();
      expect(brotliDecompressSync(brotli?.body ?? '')).toEqual(plain?.body);
      expect(gunzipSync(gzip?.body ?? '')).toEqual(plain?.body);
    }
  });

  it('loads at most 110 KB of script, gzipped', () => {
    const scripts = Object.entries(page.files).filter(([name]) => name.endsWith('.js') && loadedFiles().includes(name));
    const size = scripts.reduce((sum, [, file]) => sum + gzippedSize(file), 0);
    expect(SCRIPT_BUDGET).toBe(110 * 1_024);
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThanOrEqual(SCRIPT_BUDGET);
  });

  it('has the estimated cost as two numbers, without the prices behind them', async () => {
    const { metafile } = await bundlePage();
    expect(Object.keys(metafile.inputs).filter((path) => path.startsWith('lib/cost/'))).toEqual([
      'lib/cost/monthly.ts',
    ]);
  });

  it('has the same bytes from the same sources', async () => {
    expect(await buildPage()).toEqual(page);
  });

  it.each(['/console/none.js', '/console/../serve.ts', '/console/__proto__', '/index.html'])('knows no %s', (path) => {
    expect(served(path).status).toBe(404);
  });

  it('runs only its own script, and sends requests only to its service and the issuer', () => {
    const serving = { ...LOCAL, signInOrigins: ['https://issuer.example.com'] };
    for (const path of ['/', '/none']) {
      const { 'content-security-policy': policy } = served(path, undefined, serving).headers;
      const rules = new Map((policy ?? '').split('; ').map((rule) => [rule.split(' ')[0], rule]));
      expect(rules.get('default-src')).toBe("default-src 'none'");
      expect(rules.get('script-src')).toBe("script-src 'self'");
      expect(rules.get('style-src')).toBe("style-src 'self'");
      expect(rules.get('connect-src')).toBe("connect-src 'self' https://issuer.example.com");
      expect(rules.get('frame-ancestors')).toBe("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*/);
    }
  });

  it('has its settings as escaped text', () => {
    const settings = {
      signIn: 'oidc',
      issuer: 'https://issuer.example.com/"><script>$&',
      clientId: "a'b",
      scopes: [],
      token: 'access',
    } as const;
    const text = served('/', undefined, { settings, signInOrigins: [] }).body.toString();
    expect(text.match(/<script/g)).toHaveLength(1);
    const [, content = ''] = /name="eks-whois" content="([^"]*)"/.exec(text) ?? [];
    const read = content.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
    expect(JSON.parse(read)).toEqual(settings);
  });
});
