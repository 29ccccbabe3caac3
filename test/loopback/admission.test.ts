import { describe, expect, it } from 'vitest';
import { admitInsider, admitOwner } from '../../local/loopback/admission.ts';

const url = '/records?actor=ana.silva';
const LINK = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

describe('who may ask the service on this machine', () => {
  it.each([
    ['curl', { host: '127.0.0.1:3000' }],
    ['a person who writes localhost', { host: 'LocalHost:3000' }],
    ['a person at the port that HTTP means by itself', { host: 'localhost' }],
    ['a person who forwards another port to it', { host: 'localhost:8080', origin: 'http://localhost:8080' }],
    ['a page that it served itself', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000' }],
    ['a person who types its address into a browser', { ...LINK, host: '127.0.0.1:3000', 'sec-fetch-site': 'none' }],
    ['a person who follows a link to it', { ...LINK, host: '127.0.0.1:3000' }],
  ])('lets in %s', (_, headers) => {
    expect(admitOwner({ url, headers })).toEqual({ path: url });
  });

  it.each([
    ['a request that does not say where it comes from', {}],
    ['another machine', { host: '192.0.2.1:3000' }],
    ['another name for this machine', { host: 'attacker.example:3000' }],
    ['a name below ours', { host: 'x.localhost:3000' }],
    ['our name as that of a user', { host: '127.0.0.1:3000@attacker.example' }],
    ['our page over TLS, which there is not', { host: 'localhost:3000', origin: 'https://localhost:3000' }],
    ['our page under our other name', { host: '127.0.0.1:3000', origin: 'http://localhost:3000' }],
  ])('does not let in %s', (_, headers) => {
    expect(admitOwner({ url, headers })).toHaveProperty('refusal');
  });
});

describe('what only the service itself asks', () => {
  const headers = { host: '127.0.0.1:4000' };

  it('is found behind the secret', () => {
    expect(admitInsider('s3cret', { url: '/s3cret', headers })).toEqual({ path: '/' });
    expect(admitInsider('s3cret', { url: '/s3cret/', headers })).toEqual({ path: '/' });
    expect(admitInsider('s3cret', { url: '/s3cret/a?b=c', headers })).toEqual({ path: '/a?b=c' });
  });

  it.each(['', '/', '/s3cre', '/s3cretx', '/x/s3cret', '/S3CRET/a', 'http://127.0.0.1/s3cret/a', '/é'])(
    'is not found at %j',
    (elsewhere) => {
      expect(admitInsider('s3cret', { url: elsewhere, headers })).toHaveProperty('refusal');
    },
  );
});
