import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventPatternTakes, UNKNOWN } from '../../lib/doctor/event-pattern.ts';

const EVENT = {
  source: 'aws.sts',
  region: 'eu-west-1',
  resources: ['first', 'second'],
  none: [],
  detail: { name: 'AssumeRole', count: 3, readOnly: true, error: null, 'a*b': 'a*b', key: UNKNOWN },
};

/** A pattern for a field of the event, and whether the event matches it. Undefined: this is not known. */
const FIELDS: readonly [string, object, boolean | undefined][] = [
  ['an exact text', { source: ['aws.sts'] }, true],
  ['one text of several', { source: ['aws.ec2', 'aws.sts'] }, true],
  ['another text', { source: ['aws.ec2'] }, false],
  ['a truth value', { detail: { readOnly: [true] } }, true],
  ['null', { detail: { error: [null] } }, true],
  ['a field that is not there', { detail: { none: ['x'] } }, false],
  ['one element of several', { resources: ['second'] }, true],
  ['no element', { resources: ['third'] }, false],
  ['two fields', { source: ['aws.sts'], region: ['eu-west-1'] }, true],
  ['two fields, one of them other', { source: ['aws.sts'], region: ['us-east-1'] }, false],
  ['a field inside a text', { source: { name: ['x'] } }, false],
  ['a beginning', { source: [{ prefix: 'aws.s' }] }, true],
  ['another beginning', { source: [{ prefix: 'aws.e' }] }, false],
  ['a beginning in any case', { source: [{ prefix: { 'equals-ignore-case': 'AWS.' } }] }, true],
  ['an end', { source: [{ suffix: '.sts' }] }, true],
  ['an end in any case', { source: [{ suffix: { 'equals-ignore-case': 'STS' } }] }, true],
  ['a text in any case', { source: [{ 'equals-ignore-case': 'AWS.STS' }] }, true],
  ['a wildcard', { source: [{ wildcard: '*.s*s' }] }, true],
  ['a wildcard that does not fit', { source: [{ wildcard: '*.e*' }] }, false],
  [
    'a wildcard that is a star',
    { detail: { 'a*b': [{ wildcard: 'a\\*b' }], name: [{ wildcard: 'Assume\\*' }] } },
    false,
  ],
  ['an escaped star', { detail: { 'a*b': [{ wildcard: 'a\\*b' }] } }, true],
  ['that it is there', { source: [{ exists: true }] }, true],
  ['that it is not there', { detail: { errorCode: [{ exists: false }] } }, true],
  ['that an object is there, which is no leaf', { detail: [{ exists: true }] }, false],
  ['that an empty list is there', { none: [{ exists: true }] }, false],
  ['anything but a text', { source: [{ 'anything-but': 'aws.ec2' }] }, true],
  ['anything but this text', { source: [{ 'anything-but': 'aws.sts' }] }, false],
  ['anything but texts', { source: [{ 'anything-but': ['aws.ec2', 'aws.sts'] }] }, false],
  ['anything but a beginning', { source: [{ 'anything-but': { prefix: 'aws.' } }] }, false],
  ['anything but beginnings', { source: [{ 'anything-but': { prefix: ['my.', 'your.'] } }] }, true],
  ['anything but a wildcard', { source: [{ 'anything-but': { wildcard: '*ec2*' } }] }, true],
  ['anything but a text in any case', { source: [{ 'anything-but': { 'equals-ignore-case': 'AWS.STS' } }] }, false],
  ['anything but, of what is not there', { detail: { none: [{ 'anything-but': 'x' }] } }, false],
  ['a number between', { detail: { count: [{ numeric: ['>', 0, '<=', 3] }] } }, true],
  ['a number beyond', { detail: { count: [{ numeric: ['>', 3] }] } }, false],
  ['a number', { detail: { count: [{ numeric: ['=', 3] }] } }, true],
  ['a number of a text', { source: [{ numeric: ['=', 3] }] }, false],
  ['one of two patterns', { $or: [{ source: ['aws.ec2'] }, { region: ['eu-west-1'] }] }, true],
  ['neither of two patterns', { $or: [{ source: ['aws.ec2'] }, { region: ['us-east-1'] }] }, false],
  ['what differs from event to event', { detail: { key: ['x'] } }, undefined],
  ['whether it is there, of what differs', { detail: { key: [{ exists: true }] } }, undefined],
  ['a field of what differs', { detail: { key: { inside: ['x'] } } }, undefined],
  ['an operator that is not known', { source: [{ cidr: '192.0.2.0/24' }] }, undefined],
  ['a comparison that is not known', { detail: { count: [{ numeric: ['~', 3] }] } }, undefined],
  ['an operator that is not known beside a text that fits', { source: [{ cidr: 'x' }, 'aws.sts'] }, true],
  ['an operator that is not known beside another field', { source: ['aws.ec2'], region: [{ cidr: 'x' }] }, false],
  ['what is no list', { source: 'aws.sts' }, undefined],
];

describe('an event pattern asks for', () => {
  test.each(FIELDS)('%s', (_, pattern, passes) => {
    expect(eventPatternTakes(pattern, EVENT)).toBe(passes);
  });

  test('never makes the reader throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (source, detail) => {
        eventPatternTakes({ source, detail }, EVENT);
      }),
    );
  });
});
